import { z } from 'zod';
import { groupBy } from '../core/collections.ts';
import { plannedTests, testKey, type Plan, type PlannedTest } from '../matrix/plan.ts';
import type { Report, ReportResult } from './schema.ts';

/** `timings.json`, beside a journal: how long what took, so that a planner need not read journals. Version 1. */
const timingsSchema = z.strictObject({
  v: z.literal(1),
  /** Wall time of the run; absent when it did not end. */
  milliseconds: z.number().nonnegative().optional(),
  cells: z.record(
    z.string(),
    z.strictObject({
      /** The longest start of a subject's node; a pair's are counted with the subjects. */
      startMs: z.number().nonnegative(),
      /** While at least one of its cases was under way. */
      busyMs: z.number().nonnegative(),
      /** Suite → how many tests, and the sum of their times. */
      suites: z.record(z.string(), z.tuple([z.number().int().positive(), z.number().nonnegative()])),
    }),
  ),
});

export type Timings = z.infer<typeof timingsSchema>;
type CellTimings = Timings['cells'][string];

/** `undefined` for what is not a file of this version: an estimate does without. */
export function parseTimings(json: string): Timings | undefined {
  try {
    return timingsSchema.safeParse(JSON.parse(json)).data;
  } catch {
    return undefined;
  }
}

export function timingsOf({ run, nodes, cases, cells, results }: Report): Timings {
  const suiteOf = new Map(cases.map(({ id, suite }) => [id, suite]));
  const ran = groupBy(results.filter(tellsTime), ({ cell }) => cell);
  const startMs = new Map(nodes.map((node) => [node.id, node.startMs ?? 0]));
  return {
    v: 1,
    ...(run.milliseconds !== undefined && { milliseconds: run.milliseconds }),
    cells: Object.fromEntries(
      cells.flatMap(({ cell, kind, nodes: [first = ''] }) => {
        const ofCell = ran.get(cell);
        if (!ofCell) return [];
        const bySuite = groupBy(ofCell, (result) => suiteOf.get(result.case) ?? '');
        const suites = [...bySuite].map(([suite, of]) => [suite, [of.length, sum(of.map(tookMs))]]);
        const timings = {
          startMs: kind === 'subject' ? (startMs.get(first) ?? 0) : 0,
          busyMs: busyMs(ofCell),
          suites: Object.fromEntries(suites) as CellTimings['suites'],
        };
        return [[cell, timings] as const];
      }),
    ),
  };
}

/** A case that was not tried, or whose set-up failed, says nothing of how long it takes. */
const tellsTime = ({ attempts, verdict }: ReportResult): boolean =>
  attempts.length > 0 && verdict !== 'setup-error';

const tookMs = ({ attempts }: ReportResult): number => sum(attempts.map(({ milliseconds }) => milliseconds));

function busyMs(results: readonly ReportResult[]): number {
  const spans = results
    .flatMap(({ attempts }) => attempts)
    .map(({ at, milliseconds }) => ({ from: Date.parse(at) - milliseconds, to: Date.parse(at) }))
    .sort((a, b) => a.from - b.from);
  let [busy, until] = [0, -Infinity];
  for (const { from, to } of spans) {
    busy += Math.max(0, to - Math.max(from, until));
    until = Math.max(until, to);
  }
  return Math.round(busy);
}

export interface Estimate {
  readonly milliseconds: number;
  /** Tests that no earlier run says anything of. */
  readonly unknown: number;
  readonly tests: number;
}

export interface PlanEstimate extends Estimate {
  readonly cells: ReadonlyMap<string, Estimate>;
}

/**
 * How long the tests of a plan that can run here took in earlier runs, the newest first: a cell while it is under way, all together
 * as much at once as the newest run had. `finished` (by `testKey`) is not to be run again.
 */
export function estimatePlan(
  plan: Pick<Plan, 'cells' | 'cases'>,
  earlier: readonly Timings[],
  finished: { has: (key: string) => boolean } = new Set<string>(),
): PlanEstimate {
  const tests = plannedTests(plan).filter(
    ({ cell, case: test }) => cell.cannotRun === undefined && !finished.has(testKey(cell.cell, test.id)),
  );
  const cells = new Map(
    [...groupBy(tests, ({ cell }) => cell.cell)].map(([cell, ofCell]) => [
      cell,
      estimateCell(cell, ofCell, earlier),
    ]),
  );
  const all = [...cells.values()];
  return {
    milliseconds: Math.round(sum(all.map(({ milliseconds }) => milliseconds)) / atOnce(earlier)),
    unknown: sum(all.map(({ unknown }) => unknown)),
    tests: tests.length,
    cells,
  };
}

function estimateCell(cell: string, tests: readonly PlannedTest[], earlier: readonly Timings[]): Estimate {
  const records = earlier.flatMap(({ cells }) => cells[cell] ?? []);
  let milliseconds = records[0]?.startMs ?? 0;
  let unknown = 0;
  for (const [suite, { length }] of groupBy(tests, ({ case: test }) => test.suite)) {
    const known = records.find(({ suites }) => suites[suite] !== undefined);
    const [count, sumMs] = known?.suites[suite] ?? [0, 0];
    if (known && count > 0) milliseconds += length * (sumMs / count) * sideBySide(known);
    else unknown += length;
  }
  return { milliseconds: Math.round(milliseconds), unknown, tests: tests.length };
}

/** Cases of a cell run side by side: the share of their summed time that the cell took. */
function sideBySide({ busyMs: busy, suites }: CellTimings): number {
  const total = sum(Object.values(suites).map(([, sumMs]) => sumMs));
  return total === 0 ? 1 : Math.min(1, busy / total);
}

/** How many cells were under way at once on average. */
function atOnce(earlier: readonly Timings[]): number {
  const [run] = earlier.filter(({ milliseconds }) => milliseconds !== undefined && milliseconds > 0);
  if (run?.milliseconds === undefined) return 1;
  const busy = sum(Object.values(run.cells).map((cell) => cell.startMs + cell.busyMs));
  return Math.min(64, Math.max(0.5, busy / run.milliseconds));
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, each) => total + each, 0);
