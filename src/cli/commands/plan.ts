import { groupBy } from '../../core/collections.ts';
import type { Plan } from '../../matrix/plan.ts';
import { plannedTests } from '../../matrix/plan.ts';
import { notRunHere } from '../../report/not-here.ts';
import type { Colours } from '../../report/text/colours.ts';
import { notHereLines } from '../../report/text/not-here.ts';
import type { Estimate, PlanEstimate } from '../../report/timings.ts';
import type { Command } from '../command.ts';
import { coloursFor, printJson, printLines } from '../context.ts';
import { estimateFor, estimateText } from '../estimate.ts';
import { missingImageLines } from '../missing-images.ts';
import { MATRIX_OPTION } from '../project.ts';
import { OUT_OPTION } from '../runs.ts';
import { choosePlan, SELECT_OPTIONS } from '../select.ts';
import type { SelectOptions } from '../select.ts';

interface PlanOptions extends SelectOptions {
  readonly json?: true;
}

const plan: Command<PlanOptions> = {
  name: 'plan',
  description: 'Say what a run would do: which cells, which cases, how long, and what cannot run here.',
  options: [
    ...SELECT_OPTIONS,
    OUT_OPTION,
    MATRIX_OPTION,
    {
      flags: '--json',
      description: 'the whole plan as JSON, the same on every machine but for what cannot run and estimates',
    },
  ],
  examples: [
    ['boltgrid plan', 'a line for each cell'],
    ['boltgrid plan --suite pair --json', 'every cell and case of the pair suites'],
  ],
  async run(context, _, options) {
    const { plan: chosen } = await choosePlan(context, options);
    const estimate = await estimateFor(context, options.out, chosen);
    if (options.json) printJson(context.stdout, planJson(chosen, estimate));
    else printLines(context.stdout, planLines(chosen, estimate, coloursFor(context.stdout, context.env)));
    return 0;
  },
};

export default plan;

function planJson(plan: Plan, estimate: PlanEstimate): object {
  const testsOf = groupBy(plannedTests(plan), ({ cell }) => cell.cell);
  return {
    planHash: plan.planHash,
    seed: plan.seed,
    nodes: plan.nodes.map(({ id, implementation, version, profile, cannotRun, missing }) => ({
      id,
      implementation,
      version,
      profile,
      cannotRun,
      missing,
    })),
    suites: plan.suites.map(({ id, sha256 }) => ({ id, sha256 })),
    cells: plan.cells.map(({ cell, kind, nodes, cannotRun }) => ({
      cell,
      kind,
      nodes,
      cannotRun,
      estimate: briefly(estimate.cells.get(cell)),
      cases: (testsOf.get(cell) ?? []).map((test) => test.case.id),
    })),
    cases: plan.cases,
    estimate: briefly(estimate),
  };
}

/** Absent where nothing is known. */
const briefly = (estimate: Estimate | undefined): object | undefined =>
  estimate === undefined || estimate.unknown === estimate.tests
    ? undefined
    : { milliseconds: estimate.milliseconds, testsNeverRun: estimate.unknown };

/** More pairs than these are a line for each opener. */
const LISTED_PAIRS = 12;

function planLines(plan: Plan, estimate: PlanEstimate, colours: Colours): string[] {
  const tests = plannedTests(plan);
  const absent = notRunHere(plan.cells, []);
  const here = plan.cells.filter(({ cannotRun }) => cannotRun === undefined);
  const pairs = here.filter(({ kind }) => kind === 'pair');
  const folds = pairs.length > LISTED_PAIRS;
  const lines: PlanLine[] = [
    ...here
      .filter(({ kind }) => !folds || kind !== 'pair')
      .map(({ cell, kind }) => ({ name: cell, kind, cells: [cell] })),
    ...(folds
      ? [...groupBy(pairs, ({ nodes }) => nodes[0] ?? '')].map(([opener, ofOpener]) => ({
          name: `${opener} -> ${ofOpener.length} nodes`,
          kind: 'pairs',
          cells: ofOpener.map(({ cell }) => cell),
        }))
      : []),
  ];
  const width = Math.max(0, ...lines.map(({ name }) => name.length));
  const absentTests = tests.filter(({ cell }) => cell.cannotRun !== undefined).length;
  return [
    ...lines.map(({ name, kind, cells }) => {
      const sum = addEstimates(cells.flatMap((cell) => estimate.cells.get(cell) ?? []));
      return `${colours.bold(name.padEnd(width))}  ${kind.padEnd(7)}  ${sum.tests} tests  ${colours.dim(estimateText(sum))}`;
    }),
    ...notHereLines({ ...absent, tests: absentTests }, colours, 'Cannot run here:'),
    ...missingImageLines(plan, 'boltgrid run'),
    '',
    `${tests.length} tests in ${plan.cells.length} cells, from ${plan.suites.length} suites`,
    ...(here.length === 0 || estimate.unknown === estimate.tests
      ? []
      : [`what can run here: ${estimateText(estimate)} (an estimate from earlier runs)`]),
    colours.dim(`plan ${plan.planHash}  seed ${plan.seed}`),
  ];
}

interface PlanLine {
  readonly name: string;
  readonly kind: string;
  readonly cells: readonly string[];
}

const addEstimates = (estimates: readonly Estimate[]): Estimate => ({
  milliseconds: estimates.reduce((sum, each) => sum + each.milliseconds, 0),
  unknown: estimates.reduce((sum, each) => sum + each.unknown, 0),
  tests: estimates.reduce((sum, each) => sum + each.tests, 0),
});
