import { describe, expect, it } from 'vitest';
import { parseExpectations, type Expectation } from '../../src/report/expectations.ts';
import { gate, type GateOptions, type GateOutcome } from '../../src/report/gate.ts';
import { buildReport } from '../../src/report/model.ts';
import { makeJournal, WRONG_PONG, type MadeJournal, type MadeResult } from './builder.ts';

const PING = 'bolt01/ping#asked-length';
const OTHER = 'bolt01/ping#too-long';
const NODE = 'ldk@0.1.2';

const EXPECTED: Expectation = {
  case: PING,
  node: 'ldk@>=0.1.0 <0.2.0',
  requirement: WRONG_PONG.requirement,
  step: WRONG_PONG.step,
  reason: 'answers with an empty pong',
  link: 'https://example.org/1',
  expires: '2026-12-31',
};

const failed: MadeResult = { on: NODE, case: PING, verdict: 'fail', ...WRONG_PONG };
const passed: MadeResult = { on: NODE, case: PING, verdict: 'pass' };

function judge(
  results: readonly MadeResult[],
  options: Partial<GateOptions> = {},
  made: Partial<MadeJournal> = {},
): GateOutcome {
  const report = buildReport(
    makeJournal({ nodes: [NODE], cases: [{ id: PING }, { id: OTHER, level: 'should' }], results, ...made }),
  );
  return gate(report, { expectations: [], ...options });
}

describe('without expectations', () => {
  it.each([
    ['pass', 0],
    ['warn', 0],
    ['unsupported', 0],
    ['undrivable', 0],
    ['not-run', 0],
    ['fail', 1],
    ['timeout', 1],
    ['crashed', 1],
    ['flaky', 1],
    ['disputed', 1],
    ['setup-error', 1],
    ['harness-error', 3],
  ] as const)('%s gives exit code %i', (verdict, exitCode) => {
    expect(judge([{ on: NODE, case: PING, verdict }])).toMatchObject({ exitCode, ok: exitCode === 0 });
  });

  it('only notes a flaky should', () => {
    expect(judge([{ on: NODE, case: OTHER, verdict: 'flaky' }]).exitCode).toBe(0);
  });

  it('a harness error goes before a cancelled run, and that before a red result', () => {
    const harness: MadeResult = { on: NODE, case: OTHER, verdict: 'harness-error' };
    expect(judge([failed, harness], {}, { footer: 'cancelled' }).exitCode).toBe(3);
    expect(judge([failed], {}, { footer: 'cancelled' }).exitCode).toBe(130);
    expect(judge([passed], {}, { footer: false }).exitCode).toBe(3);
    expect(judge([passed], {}, { footer: 'fault' }).exitCode).toBe(3);
  });
});

describe('expectations', () => {
  it('let a known departure be, which stays red', () => {
    const outcome = judge([failed], { expectations: [EXPECTED] });
    expect(outcome).toMatchObject({ exitCode: 0, unexpected: [], stale: [] });
    expect(outcome.known.map(({ verdict }) => verdict)).toEqual(['fail']);
  });

  it.each([
    ['another step', { step: 'expect pong' }],
    ['another requirement', { requirement: 'bolt01-ping-08' }],
    ['another node', { node: 'ldk@0.1.0' }],
    ['another profile', { node: 'ldk@0.1.2+zeroconf' }],
    ['a pair', { peer: 'ldk' }],
  ])('do not cover %s', (_, change) => {
    expect(judge([failed], { expectations: [{ ...EXPECTED, ...change }] })).toMatchObject({
      exitCode: 1,
      unexpected: [{ case: PING }],
    });
  });

  it.each(['setup-error', 'harness-error', 'flaky'] as const)('never cover a %s', (verdict) => {
    expect(judge([{ ...failed, verdict }], { expectations: [EXPECTED] }).ok).toBe(false);
  });

  it('fail the run when they no longer hold', () => {
    const { exitCode, stale } = judge([passed], { expectations: [EXPECTED] });
    expect(exitCode).toBe(1);
    expect(stale).toMatchObject([{ why: 'passes', passing: [{ cell: NODE }] }]);
  });

  it('fail the run when one of several nodes that they mean passes', () => {
    const outcome = judge(
      [failed, { ...passed, on: 'ldk@0.1.0' }],
      { expectations: [EXPECTED] },
      { nodes: [NODE, 'ldk@0.1.0'] },
    );
    expect(outcome.stale).toMatchObject([{ why: 'passes', passing: [{ cell: 'ldk@0.1.0' }] }]);
  });

  it('fail the run when they match nothing, unless only a part was run', () => {
    const expectations = [{ ...EXPECTED, case: 'bolt01/pong#*' }];
    expect(judge([passed], { expectations }).stale).toMatchObject([{ why: 'matches-nothing' }]);
    expect(judge([passed], { expectations, partial: true })).toMatchObject({ stale: [], exitCode: 0 });
  });

  it('are not judged by what was not run', () => {
    expect(judge([], { expectations: [EXPECTED] })).toMatchObject({ stale: [], exitCode: 0 });
  });

  it('expire, by the day on which the run started', () => {
    expect(judge([failed], { expectations: [{ ...EXPECTED, expires: '2026-11-20' }] }).stale).toEqual([]);
    expect(judge([failed], { expectations: [{ ...EXPECTED, expires: '2026-11-19' }] })).toMatchObject({
      exitCode: 1,
      stale: [{ why: 'expired' }],
      unexpected: [],
    });
  });

  it('match patterns and all parameters of a case', () => {
    const made = { cases: [{ id: `${PING}[zero]` }, { id: `${PING}[one]` }] };
    const results: MadeResult[] = [
      { ...failed, case: `${PING}[zero]` },
      { ...failed, case: `${PING}[one]` },
    ];
    for (const pattern of [PING, 'bolt01/ping#*', '**', 'bolt01/*']) {
      expect(judge(results, { expectations: [{ ...EXPECTED, case: pattern }] }, made).exitCode, pattern).toBe(
        0,
      );
    }
    expect(judge(results, { expectations: [{ ...EXPECTED, case: '*' }] }, made).exitCode).toBe(1);
    expect(
      judge(results, { expectations: [{ ...EXPECTED, case: `${PING}[one]` }] }, made).unexpected,
    ).toMatchObject([{ case: `${PING}[zero]` }]);
  });

  it('mean a pair with `peer`, in its order', () => {
    const id = 'pair/channel#close';
    const made: Partial<MadeJournal> = {
      pairs: [
        ['ldk@0.1.2', 'lnd@0.21.2'],
        ['lnd@0.21.2', 'ldk@0.1.2'],
      ],
      cases: [{ id, kind: 'pair' }],
    };
    const red = (on: string): MadeResult => ({ ...failed, on, case: id });
    const expectations = [{ ...EXPECTED, case: id, peer: 'lnd' }];
    expect(judge([red('ldk@0.1.2 -> lnd@0.21.2')], { expectations }, made).exitCode).toBe(0);
    expect(judge([red('lnd@0.21.2 -> ldk@0.1.2')], { expectations }, made).exitCode).toBe(1);
  });

  it('cover a broken should behind another one', () => {
    const check = (requirement: string) => ({
      requirement,
      level: 'should' as const,
      ok: false,
      step: `check ${requirement}`,
    });
    const warned: MadeResult = {
      on: NODE,
      case: PING,
      verdict: 'warn',
      requirement: 'r-1',
      step: 'check r-1',
      checks: [check('r-1'), check('r-2')],
    };
    const outcome = judge([warned], {
      expectations: [{ ...EXPECTED, requirement: 'r-2', step: 'check r-2' }],
    });
    expect(outcome).toMatchObject({ exitCode: 0, stale: [] });
  });
});

describe('a baseline', () => {
  const baselineOf = (results: readonly MadeResult[]): Pick<GateOptions, 'baseline'> => ({
    baseline: buildReport(makeJournal({ nodes: [NODE], cases: [{ id: PING }, { id: OTHER }], results })),
  });

  it('lets be what was red in the same way', () => {
    expect(judge([failed], baselineOf([failed]))).toMatchObject({ exitCode: 0, unchanged: [{ case: PING }] });
  });

  it('does not excuse what is newly red, or red at another place', () => {
    expect(judge([failed], baselineOf([passed])).exitCode).toBe(1);
    expect(judge([failed], baselineOf([{ ...failed, step: 'expect pong' }])).exitCode).toBe(1);
    expect(judge([failed], baselineOf([{ ...failed, verdict: 'timeout' }])).exitCode).toBe(1);
    expect(judge([failed], baselineOf([])).exitCode).toBe(1);
  });

  it('never excuses what says nothing of the node', () => {
    for (const verdict of ['setup-error', 'harness-error', 'flaky'] as const) {
      const result: MadeResult = { on: NODE, case: PING, verdict };
      expect(judge([result], baselineOf([result])).ok, verdict).toBe(false);
    }
  });

  it('is followed across a change of version', () => {
    const older = {
      baseline: buildReport(
        makeJournal({
          nodes: ['ldk@0.1.0'],
          cases: [{ id: PING }],
          results: [{ ...failed, on: 'ldk@0.1.0' }],
        }),
      ),
    };
    expect(judge([failed], older).exitCode).toBe(0);
  });
});

describe('expectations.json', () => {
  const file = (entry: object): string => JSON.stringify({ expectations: [entry] });

  it('is read', () => {
    expect(parseExpectations(file(EXPECTED))).toEqual([EXPECTED]);
  });

  it.each([
    ['no JSON', '{'],
    ['a key too many', file({ ...EXPECTED, verdict: 'fail' })],
    ['a node that is no range', file({ ...EXPECTED, node: 'LDK 0.1' })],
    ['a date that is none', file({ ...EXPECTED, expires: '2026-13-01' })],
    ['no reason', file({ ...EXPECTED, reason: '' })],
  ])('is refused with %s', (_, text) => {
    expect(() => parseExpectations(text)).toThrow(
      expect.objectContaining({ code: 'expectations.invalid', blame: 'user' }),
    );
  });
});
