import { join } from 'node:path';
import { BoltgridError } from '../core/error.ts';
import { boltgridVersion } from '../core/package.ts';
import { JOURNAL_VERSION } from '../journal/events.ts';
import type { JournalHeader } from '../journal/events.ts';
import { plannedTests, testKey } from '../matrix/plan.ts';
import type { Plan } from '../matrix/plan.ts';
import type { ResumePoint } from '../journal/resume.ts';
import type { JournalWriter } from '../journal/writer.ts';
import type { CliContext } from './context.ts';
import { findRun, LATEST, newRunId, pointLatest, runsFolder } from './runs.ts';
import { choosePlan, planFor } from './select.ts';
import type { ChosenPlan, SelectOptions } from './select.ts';
import { obtainImages, type ObtainOptions } from './obtain-images.ts';

export interface PrepareOptions extends ObtainOptions {
  /** `true`: the latest run. */
  readonly resume?: true | string;
}

/** A run whose journal is open and in which everything but running is settled. */
export interface PreparedRun extends ChosenPlan {
  readonly runId: string;
  readonly folder: string;
  readonly journal: JournalWriter;
  /** Verdicts that the journal held already, by `testKey`. */
  readonly finished: ResumePoint['finished'];
  readonly close: () => Promise<void>;
}

/** Plans, makes the run's folder or takes one up again, and makes `latest` lead to it. */
export async function prepareRun(context: CliContext, options: PrepareOptions): Promise<PreparedRun> {
  const failures = await obtainImages(context, options);
  const prepared =
    options.resume === undefined
      ? await begin(context, options, failures)
      : await takeUp(context, options, failures);
  try {
    await pointLatest(prepared.folder);
    return prepared;
  } catch (error) {
    await prepared.close();
    throw error;
  }
}

async function begin(
  context: CliContext,
  options: PrepareOptions,
  failures: ReadonlyMap<string, string>,
): Promise<PreparedRun> {
  const chosen = await choosePlan(context, options, failures);
  const { createRun } = await import('../journal/run.ts');
  const startedAt = new Date();
  const runId = newRunId(startedAt);
  const folder = join(runsFolder(context.cwd, options.out), runId);
  const { journal, close } = await createRun(folder, await header(runId, startedAt, chosen, options.docker));
  return { ...chosen, runId, folder, journal, close, finished: new Map() };
}

async function header(
  runId: string,
  startedAt: Date,
  { plan, partial }: ChosenPlan,
  docker: true | undefined,
): Promise<JournalHeader> {
  const { specCommits } = await import('../spec/registry.ts');
  const spec = Object.entries(specCommits()).map(([name, commit]) => [
    name,
    { repository: `lightning/${name}`, commit },
  ]);
  return {
    event: 'header',
    v: JOURNAL_VERSION,
    boltgrid: boltgridVersion(),
    runId,
    planHash: plan.planHash,
    seed: plan.seed,
    ...(partial && { partial }),
    ...(plan.named && { named: [...plan.named] }),
    ...(plan.cells.some(({ world }) => world === 'docker') && docker && { docker }),
    startedAt: startedAt.toISOString(),
    spec: Object.fromEntries(spec) as JournalHeader['spec'],
    cases: [...plan.cases],
    cells: [...plan.cells],
    ...(plan.requirements && { requirements: plan.requirements }),
  };
}

/** What was planned is in the journal, so nothing of it has to be said again. */
async function takeUp(
  context: CliContext,
  options: PrepareOptions,
  failures: ReadonlyMap<string, string>,
): Promise<PreparedRun> {
  refuseSelection(options);
  const [{ JOURNAL_FILE, resumeRun }, { readResumePoint }] = await Promise.all([
    import('../journal/run.ts'),
    import('../journal/resume.ts'),
  ]);
  const folder = findRun(
    options.resume === true ? LATEST : (options.resume ?? LATEST),
    context.cwd,
    options.out,
  );
  const { header: begun } = await readResumePoint(join(folder, JOURNAL_FILE));
  const tests = new Set(plannedTests(begun).map(({ cell, case: test }) => testKey(cell.cell, test.id)));
  const { named = [], docker } = begun;
  const plan: Plan = await planFor(context, options, begun.seed, { tests, docker }, { named, failures });
  const { journal, close, point } = await resumeRun(folder, plan.planHash, rebuiltSince(plan));
  return {
    plan,
    partial: begun.partial === true,
    runId: begun.runId,
    folder,
    journal,
    close,
    finished: point.finished,
  };
}

/** A cell that ran on another image would mix two builds in one column. */
const rebuiltSince =
  (plan: Plan) =>
  ({ builds }: ResumePoint): string[] =>
    plan.nodes
      .filter(({ id, image }) => image && (builds.get(id) ?? image.digest) !== image.digest)
      .map(({ id }) => id);

function refuseSelection({ node, suite, case: cases, pairs, docker, rerun, seed }: SelectOptions): void {
  const given = Object.entries({ node, suite, case: cases, pairs, docker, rerun, seed }).find(
    ([, value]) => value !== undefined,
  );
  if (!given) return;
  throw new BoltgridError('cli.usage', 'user', `--${given[0]} cannot be given with --resume`, {
    hint: 'A resumed run goes on with the plan in its journal.',
  });
}
