import { describe, expect, it } from 'vitest';
import { testKey } from '../../src/matrix/plan.ts';
import { buildReport } from '../../src/report/model.ts';
import { estimatePlan, parseTimings, timingsOf, type Timings } from '../../src/report/timings.ts';
import { makeJournal, plannedCase, type MadeResult } from './builder.ts';

const LDK = 'ldk@0.1.2';
const LND = 'lnd@0.21.2';
const at = (second: number): string => new Date(Date.UTC(2026, 10, 20, 2, 0, second)).toISOString();

const ran = (on: string, id: string, second: number, milliseconds: number): MadeResult => ({
  ...{ on, case: id, verdict: 'pass', at: at(second), milliseconds },
});

const CASES = ['bolt01/ping#a', 'bolt01/ping#b', 'bolt02/open#c'];

/** Two cases of 4 s side by side from 0 to 5 s, one of 2 s from 8 to 10 s. */
const report = buildReport(
  makeJournal({
    nodes: [LDK],
    cases: CASES.map((id) => ({ id })),
    results: [
      ran(LDK, 'bolt01/ping#a', 4, 4000),
      ran(LDK, 'bolt01/ping#b', 5, 4000),
      ran(LDK, 'bolt02/open#c', 10, 2000),
    ],
  }),
);

const planOf = (cells: readonly { cell: string; cannotRun?: string }[], ids: readonly string[]) => ({
  cells: cells.map((cell) => ({ kind: 'subject' as const, nodes: [cell.cell], ...cell })),
  cases: ids.map((id) => plannedCase({ id })),
});

describe('what a run leaves for estimates', () => {
  it('is how long each cell was under way, and its suites took', () => {
    expect(timingsOf(report)).toEqual({
      v: 1,
      milliseconds: 41_250,
      cells: {
        [LDK]: {
          startMs: 812,
          busyMs: 7000,
          suites: { 'bolt01/ping': [2, 8000], 'bolt02/open': [1, 2000] },
        },
      },
    });
    expect(parseTimings(JSON.stringify(timingsOf(report)))).toEqual(timingsOf(report));
  });

  it('leaves out what was not tried and set-ups that failed', () => {
    const failed = buildReport(
      makeJournal({
        nodes: [LDK],
        cases: CASES.map((id) => ({ id })),
        results: [{ on: LDK, case: 'bolt01/ping#a', verdict: 'setup-error' }],
      }),
    );
    expect(timingsOf(failed).cells).toEqual({});
  });

  it.each(['', 'null', '{"v":2,"cells":{}}', '{"v":1,"cells":{"a":{"startMs":-1,"busyMs":0,"suites":{}}}}'])(
    'is not taken from %j',
    (json) => {
      expect(parseTimings(json)).toBeUndefined();
    },
  );
});

describe('an estimate', () => {
  const cell = (busyMs: number, suites: Timings['cells'][string]['suites']) => ({
    startMs: 1000,
    busyMs,
    suites,
  });
  const newest: Timings = {
    v: 1,
    milliseconds: 11_000,
    cells: { [LDK]: cell(10_000, { 'bolt01/ping': [2, 20_000] }) },
  };
  const older: Timings = {
    v: 1,
    milliseconds: 99_000,
    cells: {
      [LDK]: cell(50_000, { 'bolt01/ping': [1, 50_000], 'bolt02/open': [1, 50_000] }),
      [LND]: cell(30_000, { 'bolt01/ping': [1, 30_000] }),
    },
  };

  it('takes each suite from the newest run that had it, and says what no run had', () => {
    const plan = planOf([{ cell: LDK }, { cell: LND }], [...CASES, 'bolt09/new#d']);
    const { cells, ...all } = estimatePlan(plan, [newest, older]);
    // Start 1 s; two pings of 10 s, two at once; one open of 50 s, two at once.
    expect(cells.get(LDK)).toEqual({ milliseconds: 1000 + 10_000 + 25_000, unknown: 1, tests: 4 });
    expect(cells.get(LND)).toEqual({ milliseconds: 1000 + 60_000, unknown: 2, tests: 4 });
    // The newest run had one cell under way at a time.
    expect(all).toEqual({ milliseconds: 36_000 + 61_000, unknown: 3, tests: 8 });
  });

  it('is shorter where cells ran side by side', () => {
    const plan = planOf([{ cell: LDK }], CASES.slice(0, 2));
    const faster = { ...newest, milliseconds: 5500 };
    expect(estimatePlan(plan, [faster]).milliseconds).toBe(5500);
  });

  it('leaves out what cannot run here and what is finished', () => {
    const plan = planOf([{ cell: LDK }, { cell: LND, cannotRun: 'no Docker' }], CASES);
    const finished = new Set([testKey(LDK, 'bolt02/open#c')]);
    expect(estimatePlan(plan, [newest, older], finished)).toMatchObject({ tests: 2, unknown: 0 });
    expect(estimatePlan(plan, [])).toMatchObject({ tests: 3, unknown: 3, milliseconds: 0 });
  });
});
