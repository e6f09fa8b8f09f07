import { describe, expect, it } from 'vitest';
import { isBoltgridError } from '../../src/core/error.ts';
import type { JournalEvent } from '../../src/journal/events.ts';
import { buildReport, parseReport } from '../../src/report/model.ts';
import type { ReportResult } from '../../src/report/schema.ts';
import type { Requirement } from '../../src/spec/requirement.ts';
import { makeJournal, PING_TRANSCRIPT, WRONG_PONG } from './builder.ts';

const PING = 'bolt01/ping#asked-length';
const NODES = ['ldk@0.1.0', 'ldk@0.1.2'];

const resultOf = (events: readonly JournalEvent[], cell: string, id: string): ReportResult => {
  const result = buildReport(events).results.find((each) => each.cell === cell && each.case === id);
  if (!result) throw new Error(`no result ${cell} ${id}`);
  return result;
};

function codeOf(action: () => unknown): string | undefined {
  try {
    action();
  } catch (error) {
    if (isBoltgridError(error)) return error.code;
    throw error;
  }
  return undefined;
}

describe('results', () => {
  it('takes the verdict of the last attempt, and of a flaky case what the failed attempt said', () => {
    const events = makeJournal({
      nodes: NODES.slice(0, 1),
      cases: [{ id: PING }],
      results: [
        { on: 'ldk@0.1.0', case: PING, verdict: 'fail', ...WRONG_PONG },
        { on: 'ldk@0.1.0', case: PING, verdict: 'flaky', attempt: 2 },
      ],
    });
    const result = resultOf(events, 'ldk@0.1.0', PING);
    expect(result).toMatchObject({
      verdict: 'flaky',
      requirement: 'bolt01-ping-07',
      expected: 65531,
      got: 0,
    });
    expect(result.attempts.map(({ attempt, verdict, world }) => [attempt, verdict, world])).toEqual([
      [1, 'fail', 'shared'],
      [2, 'flaky', 'alone'],
    ]);
    expect(buildReport(events).transcripts[result.transcriptRef ?? '']).toEqual(PING_TRANSCRIPT);
  });

  it('forgets later attempts when a resumed run begins a case anew', () => {
    const first = makeJournal({
      nodes: NODES.slice(0, 1),
      cases: [{ id: PING }],
      results: [{ on: 'ldk@0.1.0', case: PING, verdict: 'fail', ...WRONG_PONG }],
      footer: false,
    });
    const again = makeJournal({
      nodes: NODES.slice(0, 1),
      cases: [{ id: PING }],
      results: [{ on: 'ldk@0.1.0', case: PING, verdict: 'pass' }],
    });
    const resumed: JournalEvent = { event: 'resumed', at: '2026-11-20T03:00:00.000Z', dropped: 1 };
    const report = buildReport([...first, resumed, ...again.slice(1)]);
    expect(report.results.map(({ verdict, attempts }) => [verdict, attempts.length])).toEqual([['pass', 1]]);
    expect(report.run).toMatchObject({ finished: 'complete', complete: true });
  });

  it('shows what was planned and not reached as not run, with the reason', () => {
    const events = makeJournal({
      nodes: ['ldk@0.1.0'],
      absent: { 'lnd@0.21.2': 'no Docker here' },
      cases: [{ id: PING }],
      footer: 'cancelled',
    });
    expect(resultOf(events, 'ldk@0.1.0', PING)).toMatchObject({
      verdict: 'not-run',
      message: 'the run is cancelled',
    });
    expect(resultOf(events, 'lnd@0.21.2', PING)).toMatchObject({
      verdict: 'not-run',
      message: 'no Docker here',
    });
  });

  it('charges a departure that names no requirement to the first of the case', () => {
    const events = makeJournal({
      nodes: ['ldk@0.1.0'],
      cases: [{ id: PING, requirements: ['bolt01-ping-07', 'bolt01-ping-08'] }],
      results: [{ on: 'ldk@0.1.0', case: PING, verdict: 'crashed' }],
    });
    expect(resultOf(events, 'ldk@0.1.0', PING).requirement).toBe('bolt01-ping-07');
  });

  it('runs only what a cell has', () => {
    const events = makeJournal({
      nodes: NODES,
      cases: [{ id: PING }, { id: 'bolt01/ping#too-long' }],
      header: {},
    });
    const [header] = events;
    if (header?.event !== 'header') throw new Error('no header');
    header.cells = header.cells.map((cell) => (cell.cell === 'ldk@0.1.2' ? { ...cell, only: [PING] } : cell));
    expect(buildReport(events).results.map(({ cell, case: id }) => [cell, id])).toEqual([
      ['ldk@0.1.0', PING],
      ['ldk@0.1.0', 'bolt01/ping#too-long'],
      ['ldk@0.1.2', PING],
    ]);
  });

  it('marks a must that all independent implementations break, and not when two versions of one do', () => {
    const failOn = (nodes: readonly string[]): JournalEvent[] =>
      makeJournal({
        nodes,
        cases: [{ id: PING }],
        results: nodes.map((on) => ({ on, case: PING, verdict: 'fail' as const, ...WRONG_PONG })),
      });
    expect(buildReport(failOn(['ldk@0.1.2', 'lnd@0.21.2'])).summary.disputed).toEqual([PING]);
    expect(buildReport(failOn(['ldk@0.1.0', 'ldk@0.1.2'])).summary.disputed).toEqual([]);
    expect(buildReport(failOn(['ldk@0.1.0', 'ldk-node@0.7.0'])).summary.disputed).toEqual([]);
    const oneHolds = makeJournal({
      nodes: ['ldk@0.1.2', 'lnd@0.21.2', 'cln@26.04'],
      cases: [{ id: PING }],
      results: [
        { on: 'ldk@0.1.2', case: PING, verdict: 'fail', ...WRONG_PONG },
        { on: 'lnd@0.21.2', case: PING, verdict: 'timeout' },
        { on: 'cln@26.04', case: PING, verdict: 'pass' },
      ],
    });
    expect(buildReport(oneHolds).summary.disputed).toEqual([]);
  });
});

describe('summary', () => {
  it('counts a case once, by its most severe parameter', () => {
    const ids = ['zero', 'one', 'largest'].map((name) => `${PING}[${name}]`);
    const report = buildReport(
      makeJournal({
        nodes: NODES,
        cases: ids.map((id) => ({ id })),
        results: NODES.flatMap((on) =>
          ids.map((id) => ({
            on,
            case: id,
            verdict: on === 'ldk@0.1.0' && id.endsWith('[one]') ? ('fail' as const) : ('pass' as const),
          })),
        ),
      }),
    );
    expect(report.summary.cases).toBe(1);
    expect(report.summary.verdicts).toMatchObject({ pass: 1, fail: 1 });
    expect(report.summary.perCell.map(({ cell, verdicts }) => [cell, verdicts.pass, verdicts.fail])).toEqual([
      ['ldk@0.1.0', 0, 1],
      ['ldk@0.1.2', 1, 0],
    ]);
  });

  it('does not count what no real node was judged by', () => {
    const report = buildReport(
      makeJournal({
        nodes: ['ldk@0.1.0', 'reference@0.1.0'],
        cases: [
          { id: 'a/b#unsupported' },
          { id: 'a/b#reference-only' },
          { id: 'a/b#judged' },
          { id: 'a/b#broken-setup' },
        ],
        results: [
          { on: 'ldk@0.1.0', case: 'a/b#unsupported', verdict: 'unsupported' },
          { on: 'ldk@0.1.0', case: 'a/b#reference-only', verdict: 'undrivable' },
          { on: 'reference@0.1.0', case: 'a/b#reference-only', verdict: 'pass' },
          { on: 'ldk@0.1.0', case: 'a/b#judged', verdict: 'pass' },
          { on: 'ldk@0.1.0', case: 'a/b#broken-setup', verdict: 'setup-error' },
        ],
      }),
    );
    expect(report.summary.unproven).toEqual(['a/b#unsupported', 'a/b#reference-only']);
    expect(report.summary.cases).toBe(2);
    expect(report.summary.verdicts).toMatchObject({ pass: 1, unsupported: 0, 'setup-error': 1 });
  });
});

describe('journals', () => {
  it('marks an unfinished journal, also one that was resumed and then broke off', () => {
    const finished = makeJournal({ nodes: NODES, cases: [{ id: PING }] });
    const resumed: JournalEvent = { event: 'resumed', at: '2026-11-20T03:00:00.000Z', dropped: 0 };
    expect(buildReport(finished).run.finished).toBe('complete');
    expect(buildReport(finished.slice(0, -1)).run).toMatchObject({ finished: 'unfinished', complete: false });
    expect(buildReport([...finished, resumed]).run).toMatchObject({
      finished: 'unfinished',
      complete: false,
    });
  });

  it('joins the shards of one plan, and says which are missing', () => {
    const shard = (name: string, on: string): JournalEvent[] =>
      makeJournal({
        nodes: NODES,
        cases: [{ id: PING }],
        results: [{ on, case: PING, verdict: 'pass' }],
        header: { shard: name },
      });
    const both = buildReport([...shard('1/2', 'ldk@0.1.0'), ...shard('2/2', 'ldk@0.1.2')]);
    expect(both.results.map(({ verdict }) => verdict)).toEqual(['pass', 'pass']);
    expect(both.run).toMatchObject({ complete: true, shards: ['1/2', '2/2'], milliseconds: 82_500 });
    const one = buildReport(shard('1/2', 'ldk@0.1.0'));
    expect(one.run.complete).toBe(false);
    expect(one.results[1]).toMatchObject({ verdict: 'not-run', message: 'not in shard 1/2' });
  });

  it('refuses what it cannot understand', () => {
    const events = makeJournal({ nodes: NODES, cases: [{ id: PING }] });
    const otherPlan = makeJournal({
      nodes: NODES,
      cases: [{ id: PING }],
      header: { planHash: 'b'.repeat(64) },
    });
    const stray = makeJournal({
      nodes: NODES,
      cases: [{ id: PING }],
      results: [{ on: 'ldk@0.1.0', case: 'no/such#case', verdict: 'pass' }],
    });
    expect(codeOf(() => buildReport([]))).toBe('report.no-header');
    expect(codeOf(() => buildReport(events.slice(1)))).toBe('report.no-header');
    expect(codeOf(() => buildReport([...events, ...otherPlan]))).toBe('report.mixed-plans');
    expect(codeOf(() => buildReport(stray))).toBe('report.unplanned');
    expect(codeOf(() => parseReport('{'))).toBe('report.unreadable');
    expect(codeOf(() => parseReport('{"v":1}'))).toBe('report.unreadable');
  });

  it('gives the same report from the same journal, and reads its own file back', () => {
    const made = {
      nodes: NODES,
      cases: [{ id: PING }],
      results: [{ on: 'ldk@0.1.0', case: PING, verdict: 'fail' as const, ...WRONG_PONG }],
    };
    const report = buildReport(makeJournal(made));
    expect(JSON.stringify(buildReport(makeJournal(made)))).toBe(JSON.stringify(report));
    expect(parseReport(JSON.stringify(report))).toEqual(report);
  });
});

describe('nodes and requirements', () => {
  it('keeps a node that never started, and names features', () => {
    const report = buildReport(
      makeJournal({
        nodes: ['ldk@0.1.0'],
        absent: { 'lnd@0.21.2+zeroconf': 'no Docker' },
        cases: [{ id: PING }],
      }),
      {
        featureName: (bit) => (bit === 14 ? 'payment_secret' : undefined),
      },
    );
    expect(report.nodes.map(({ id, started, profile }) => [id, started, profile])).toEqual([
      ['ldk@0.1.0', true, 'default'],
      ['lnd@0.21.2+zeroconf', false, 'zeroconf'],
    ]);
    expect(report.nodes[0]?.features).toContainEqual({ bit: 14, name: 'payment_secret' });
    expect(report.nodes[0]?.features).toContainEqual({ bit: 5 });
  });

  const requirement: Requirement = {
    ...{ id: 'bolt01-ping-07', document: 'bolt01', file: '01-messaging.md', level: 'must' },
    ...{
      section: ['BOLT #1', 'The `ping` and `pong` Messages'],
      anchor: 'the-ping-and-pong-messages',
      hash: '',
      commit: 'abcdef1',
    },
  };
  const urlWith = (repository: string, commit: string): string | undefined =>
    buildReport(
      makeJournal({
        nodes: NODES,
        cases: [{ id: PING, requirements: ['bolt01-ping-07'] }],
        header: { spec: { bolts: { repository, commit } } },
      }),
      { requirements: new Map([[requirement.id, requirement]]) },
    ).requirements['bolt01-ping-07']?.url;

  it('links a requirement to its section at the commit of the run', () => {
    expect(urlWith('lightning/bolts', '1234567')).toBe(
      'https://github.com/lightning/bolts/blob/1234567/01-messaging.md#the-ping-and-pong-messages',
    );
    expect(urlWith('https://example.org/spec.git', '1234567')).toBe(
      'https://example.org/spec/blob/1234567/01-messaging.md#the-ping-and-pong-messages',
    );
  });

  it.each([
    ['javascript:alert(1)', '1234567'],
    ['http://example.org/x', '1234567'],
    ['https://user:secret@example.org/x', '1234567'],
    ['lightning/bolts', 'main"><script>'],
  ])('makes no link from %s at %s', (repository, commit) => {
    expect(urlWith(repository, commit)).toBeUndefined();
  });
});
