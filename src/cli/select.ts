import { BoltgridError } from '../core/error.ts';
import { isRed } from '../core/verdict.ts';
import { testKey } from '../matrix/plan.ts';
import type { Plan } from '../matrix/plan.ts';
import type { Selection } from '../matrix/selection.ts';
import type { OptionSpec } from './command.ts';
import type { CliContext } from './context.ts';
import { matrixFile } from './project.ts';
import type { ProjectOptions } from './project.ts';
import { readRun } from './read-run.ts';
import { LATEST } from './runs.ts';

export interface SelectOptions extends ProjectOptions {
  readonly node?: readonly string[];
  readonly suite?: readonly string[];
  readonly case?: readonly string[];
  readonly pairs?: readonly string[];
  readonly docker?: true;
  readonly rerun?: 'failed';
  readonly seed?: string;
  readonly out?: string;
}

export const SELECT_OPTIONS: readonly OptionSpec[] = [
  {
    flags: '--node <pattern>',
    description:
      'only these nodes: ldk@0.1.2, or ldk for all its versions; also lnd@0.17.5, lnd=IMAGE, lnd=./program, ./my-node.json',
    many: true,
  },
  {
    flags: '--suite <pattern>',
    description: 'only these suites: bolt01/ping, or bolt01 for all in it',
    many: true,
  },
  {
    flags: '--case <pattern>',
    description: "only these cases: 'bolt01/ping#*' (* within a part, ** across parts)",
    many: true,
  },
  {
    flags: '--pairs <which>',
    description: "all, none, or a pattern over pairs: 'ldk@0.1.0 -> *'",
    many: true,
  },
  { flags: '--docker', description: 'in containers also what could be embedded' },
  { flags: '--rerun <which>', description: 'only what was red in the latest run', choices: ['failed'] },
  { flags: '--seed <text>', description: 'all keys derive from it; "random" draws one', parse: parseSeed },
];

/** So that a plan, and with it its hash, is the same everywhere unless someone wants another. */
const DEFAULT_SEED = 'boltgrid';

const MAX_SEED_LENGTH = 200;

function parseSeed(text: string): string {
  if (text.length > 0 && text.length <= MAX_SEED_LENGTH) return text;
  throw new BoltgridError('cli.usage', 'user', `--seed wants 1 to ${MAX_SEED_LENGTH} characters`);
}

export interface ChosenPlan {
  readonly plan: Plan;
  /** A part of the matrix was asked for. */
  readonly partial: boolean;
}

/** The plan that the options ask for. Throws what reading the matrix and planning throw, and `cli.nothing-failed`. */
export async function choosePlan(
  context: CliContext,
  options: SelectOptions,
  failures?: ReadonlyMap<string, string>,
): Promise<ChosenPlan> {
  const { node, suite, case: cases, pairs, docker, rerun } = options;
  const before = rerun === undefined ? undefined : await failedBefore(context, options);
  const seed = await seedOf(options.seed ?? before?.seed);
  const partial = [node, suite, cases, pairs, before].some((chosen) => chosen !== undefined);
  const selection: Selection = {
    nodes: node,
    suites: suite,
    cases,
    pairs,
    docker,
    tests: before?.tests,
  };
  return { plan: await planFor(context, options, seed, selection, { failures }), partial };
}

export interface PlanExtras {
  /** What `--node` named beside the matrix; what it says now when not given. */
  readonly named?: readonly string[] | undefined;
  /** Why images could not be had, by id. */
  readonly failures?: ReadonlyMap<string, string> | undefined;
}

export async function planFor(
  context: CliContext,
  options: ProjectOptions,
  seed: string,
  selection: Selection,
  { named = selection.nodes, failures }: PlanExtras = {},
): Promise<Plan> {
  const [{ loadSources }, { lookHere }, { makePlan }] = await Promise.all([
    import('../matrix/sources.ts'),
    import('../matrix/here.ts'),
    import('../matrix/planner.ts'),
  ]);
  const sources = await loadSources(matrixFile(context, options), {
    here: lookHere(failures),
    named,
    cwd: context.cwd,
  });
  return makePlan(sources, seed, selection);
}

async function failedBefore(
  context: CliContext,
  options: SelectOptions,
): Promise<{ seed: string; tests: ReadonlySet<string> }> {
  const { report } = await readRun(LATEST, context, options);
  const red = report.results.filter(({ verdict }) => isRed(verdict));
  if (red.length === 0) {
    throw new BoltgridError('cli.nothing-failed', 'user', `nothing was red in run ${report.run.runId}`);
  }
  return { seed: report.run.seed, tests: new Set(red.map((result) => testKey(result.cell, result.case))) };
}

async function seedOf(given: string = DEFAULT_SEED): Promise<string> {
  if (given !== 'random') return given;
  const { randomBytes } = await import('node:crypto');
  return randomBytes(16).toString('hex');
}
