import type { Plan } from '../../matrix/plan.ts';
import { plannedTests } from '../../matrix/plan.ts';
import type { Colours } from '../../report/text/colours.ts';
import type { Command } from '../command.ts';
import { coloursFor, printJson, printLines } from '../context.ts';
import { MATRIX_OPTION } from '../project.ts';
import { OUT_OPTION } from '../runs.ts';
import { choosePlan, SELECT_OPTIONS } from '../select.ts';
import type { SelectOptions } from '../select.ts';

interface PlanOptions extends SelectOptions {
  readonly json?: true;
}

const plan: Command<PlanOptions> = {
  name: 'plan',
  description: 'Say what a run would do: which cells, which cases, and what cannot run here.',
  options: [
    ...SELECT_OPTIONS,
    OUT_OPTION,
    MATRIX_OPTION,
    {
      flags: '--json',
      description: 'the whole plan as JSON, the same on every machine but for what cannot run',
    },
  ],
  examples: [
    ['boltgrid plan', 'a line for each cell'],
    ['boltgrid plan --suite pair --json', 'every cell and case of the pair suites'],
  ],
  async run(context, _, options) {
    const { plan: chosen } = await choosePlan(context, options);
    if (options.json) printJson(context.stdout, planJson(chosen));
    else printLines(context.stdout, planLines(chosen, coloursFor(context.stdout, context.env)));
    return 0;
  },
};

export default plan;

function planJson(plan: Plan): object {
  const tests = plannedTests(plan);
  return {
    planHash: plan.planHash,
    seed: plan.seed,
    nodes: plan.nodes.map(({ id, implementation, version, profile, cannotRun }) => ({
      id,
      implementation,
      version,
      profile,
      cannotRun,
    })),
    suites: plan.suites.map(({ id, sha256 }) => ({ id, sha256 })),
    cells: plan.cells.map(({ cell, kind, nodes, cannotRun }) => ({
      cell,
      kind,
      nodes,
      cannotRun,
      cases: tests.filter((test) => test.cell.cell === cell).map((test) => test.case.id),
    })),
    cases: plan.cases,
  };
}

function planLines(plan: Plan, colours: Colours): string[] {
  const tests = plannedTests(plan);
  const width = Math.max(...plan.cells.map(({ cell }) => cell.length));
  return [
    ...plan.cells.map(({ cell, kind, cannotRun }) => {
      const count = tests.filter((test) => test.cell.cell === cell).length;
      const note = cannotRun === undefined ? '' : colours.yellow(`  cannot run here: ${cannotRun}`);
      return `${colours.bold(cell.padEnd(width))}  ${kind.padEnd(7)}  ${count} tests${note}`;
    }),
    '',
    `${tests.length} tests in ${plan.cells.length} cells, from ${plan.suites.length} suites`,
    colours.dim(`plan ${plan.planHash}  seed ${plan.seed}`),
  ];
}
