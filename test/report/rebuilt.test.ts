import { describe, expect, it } from 'vitest';
import type { Verdict } from '../../src/core/verdict.ts';
import { journalEvent, type JournalEvent } from '../../src/journal/events.ts';
import { diff } from '../../src/report/diff.ts';
import { gate } from '../../src/report/gate.ts';
import { buildReport } from '../../src/report/model.ts';
import { makeJournal, nodeStarted, STARTED_AT } from './builder.ts';

const PING = 'bolt01/ping#asked-length';
const PAY = 'pair/channel#pay';
const LND = 'lnd@0.21.2';
const CLN = 'cln@26.06';
const PAIR = `${LND} -> ${CLN}`;

const plan = (shard?: string) => ({
  nodes: [LND, CLN],
  pairs: [[LND, CLN] as const],
  cases: [{ id: PING }, { id: PAY, kind: 'pair' as const }],
  footer: false as const,
  ...(shard !== undefined && { header: { shard } }),
});

const begun = (shard?: string): JournalEvent[] =>
  makeJournal({
    ...plan(shard),
    results: [
      { on: LND, case: PING, verdict: 'fail', message: 'of the old build' },
      { on: CLN, case: PING, verdict: 'pass' },
      { on: PAIR, case: PAY, verdict: 'fail', message: 'of the old build' },
    ],
  });

const resumed = (...rebuilt: string[]): JournalEvent => ({
  event: 'resumed',
  at: STARTED_AT,
  dropped: 0,
  ...(rebuilt.length > 0 && { rebuilt }),
});

const anew = (on: string, id: string, verdict: Verdict): JournalEvent[] =>
  makeJournal({ ...plan(), results: [{ on, case: id, verdict }] }).slice(-2);

const footer: JournalEvent = {
  event: 'footer',
  at: STARTED_AT,
  reason: 'complete',
  notRun: 0,
  milliseconds: 5,
};

const verdicts = (events: readonly JournalEvent[]): Record<string, Verdict> =>
  Object.fromEntries(
    buildReport(events).results.map(({ cell, case: id, verdict }) => [`${cell} ${id}`, verdict]),
  );

describe('a node that is another build since its run was resumed', () => {
  it('takes back what its cells came to, and that only', () => {
    expect(verdicts([...begun(), resumed(LND), footer])).toEqual({
      [`${LND} ${PING}`]: 'not-run',
      [`${CLN} ${PING}`]: 'pass',
      [`${PAIR} ${PAY}`]: 'not-run',
    });
    expect(verdicts([...begun(), resumed(), footer])[`${LND} ${PING}`]).toBe('fail');
  });

  it('is judged by what it came to since, in reports, gates and differences', () => {
    const events = [...begun(), resumed(LND), ...anew(LND, PING, 'pass'), ...anew(PAIR, PAY, 'pass'), footer];
    const report = buildReport(events);
    expect(report.summary.verdicts).toMatchObject({ pass: 3, fail: 0, 'not-run': 0 });
    expect(report.results.every(({ attempts }) => attempts.length === 1)).toBe(true);
    expect(gate(report, { expectations: [] }).exitCode).toBe(0);
    const before = buildReport([...begun(), footer]);
    expect(diff(before, report).counts).toMatchObject({ changed: 2, unchanged: 1 });
  });

  it('is one identity: the new one', () => {
    const started = journalEvent.parse(nodeStarted(LND));
    if (started.event !== 'node-started') throw new Error('no start');
    const later = { ...started, identity: { ...started.identity, build: 'sha256:new', reported: 'newer' } };
    const [node] = buildReport([...begun(), resumed(LND), later, footer]).nodes;
    expect(node).toMatchObject({ build: 'sha256:new', reported: 'newer', starts: 1 });
    expect(node).not.toHaveProperty('otherBuilds');
    const [mixed] = buildReport([...begun(), resumed(), later, footer]).nodes;
    expect(mixed).toMatchObject({
      ...{ build: 'sha256:new', starts: 1 },
      otherBuilds: [{ build: started.identity.build, reported: started.identity.reported, starts: 1 }],
    });
  });

  it('does not take back what another shard came to', () => {
    const other = makeJournal({ ...plan('2/2'), footer: 'complete' });
    expect(verdicts([...begun('1/2'), footer, ...other.slice(0, -1), resumed(LND), footer])).toMatchObject({
      [`${LND} ${PING}`]: 'fail',
      [`${PAIR} ${PAY}`]: 'fail',
    });
  });
});

describe('a test that is run again after a resume', () => {
  it('counts once', () => {
    const report = buildReport([...begun(), resumed(), ...anew(LND, PING, 'pass'), footer]);
    const results = report.results.filter(({ cell }) => cell === LND);
    expect(results).toMatchObject([{ verdict: 'pass', attempts: [{ attempt: 1, verdict: 'pass' }] }]);
    expect(report.summary.verdicts.fail + report.summary.verdicts.pass).toBe(3);
  });
});
