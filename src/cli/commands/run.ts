import { availableParallelism } from 'node:os';
import { performance } from 'node:perf_hooks';
import { BoltgridError } from '../../core/error.ts';
import type { RunOutcome, RunRequest } from '../../runner/run.ts';
import type { Command } from '../command.ts';
import { coloursFor, printLines } from '../context.ts';
import type { CliContext } from '../context.ts';
import { holdDocker } from '../docker-run.ts';
import { estimateFor, estimateText } from '../estimate.ts';
import { finishRun } from '../finish-run.ts';
import { prepareRun } from '../prepare-run.ts';
import type { PreparedRun, PrepareOptions } from '../prepare-run.ts';
import { Progress } from '../progress/progress.ts';
import { EXPECTATIONS_OPTION, MATRIX_OPTION, readExpectations } from '../project.ts';
import { OUT_OPTION } from '../runs.ts';
import { SELECT_OPTIONS } from '../select.ts';

export interface RunOptions extends PrepareOptions {
  readonly failFast?: true;
  readonly keep?: true;
  readonly shuffle?: true;
  readonly isolate?: true;
  readonly workers?: number;
  readonly json?: true;
  readonly verbose?: true;
}

export type RunPlan = (request: RunRequest) => Promise<RunOutcome>;

/** The command around a runner: tests give one of their own. */
export const runCommand = (loadRunner: () => Promise<RunPlan>): Command<RunOptions> => ({
  name: 'run',
  description: 'Run the matrix, write the reports, and say what it came to.',
  options: [
    ...SELECT_OPTIONS,
    { flags: '--pull', description: 'first pull the public images that are not here' },
    {
      flags: '--build',
      description: 'first build the images that are not here (after --pull: what could not be pulled)',
    },
    { flags: '--shuffle', description: 'run the cases in an order drawn from the seed' },
    { flags: '--isolate', description: 'give each case a world to itself' },
    { flags: '--fail-fast', description: 'stop at the first red case' },
    { flags: '--keep', description: 'leave the nodes up at the end, and say how to reach them' },
    {
      flags: '--workers <n>',
      description: 'how many processes run cases (one per core)',
      parse: parseWorkers,
    },
    {
      flags: '--resume [run]',
      description: 'go on with a run that ended early (the latest, when none is named)',
    },
    OUT_OPTION,
    MATRIX_OPTION,
    EXPECTATIONS_OPTION,
    { flags: '--json', description: 'print a summary as JSON; progress goes to stderr' },
    { flags: '--verbose', description: 'a line for each case and node, and where errors come from' },
  ],
  examples: [
    ['boltgrid run', 'everything in matrix.json'],
    ['boltgrid run --node ldk@0.1.2 --suite bolt01', 'one node, the suites of BOLT 1'],
    [
      "boltgrid run --case 'bolt01/ping#asked-length' --keep",
      'one case; the node stays up for a closer look',
    ],
    ['boltgrid run --rerun failed', 'what was red in the latest run, with the same keys'],
    ['boltgrid run --resume', 'go on where the latest run ended'],
  ],
  async run(context, _, options) {
    const prepared = await prepareRun(context, options);
    const output = options.json ? context.stderr : context.stdout;
    printLines(output, await estimateLines(context, prepared, options));
    const progress = new Progress(prepared.plan, {
      output,
      colours: coloursFor(output, context.env),
      verbose: options.verbose === true,
      finished: prepared.finished,
      now: () => performance.now(),
    });
    try {
      await runPrepared(await loadRunner(), prepared, progress, context, options);
    } finally {
      progress.end();
      await prepared.close();
    }
    return finishRun(prepared, progress.left(), context, options);
  },
});

const loadRunner = async (): Promise<RunPlan> => (await import('../../runner/run.ts')).runPlan;

export default runCommand(loadRunner);

/** Nothing where no earlier run says anything. */
async function estimateLines(
  context: CliContext,
  { plan, finished }: PreparedRun,
  { out }: RunOptions,
): Promise<string[]> {
  const estimate = await estimateFor(context, out, plan, finished);
  if (estimate.unknown === estimate.tests) return [];
  return [`${estimate.tests} tests: ${estimateText(estimate)} (an estimate from earlier runs)`];
}

/** From the first case to the footer. */
async function runPrepared(
  runPlan: RunPlan,
  { plan, runId, folder, journal, finished }: PreparedRun,
  progress: Progress,
  context: CliContext,
  options: RunOptions,
): Promise<void> {
  const startedAt = performance.now();
  const docker = await holdDocker(plan, runId, (text) => {
    progress.hear({ type: 'note', level: 'info', text });
  });
  const { reason, notRun } = await runPlan({
    ...docker.request,
    plan,
    workers: options.workers ?? availableParallelism(),
    isolate: options.isolate === true,
    shuffle: options.shuffle === true,
    expected: await knownDepartures(context, options),
    failFast: options.failFast === true,
    keep: options.keep === true,
    signal: context.signal,
    journal,
    finished: new Set(finished.keys()),
    onProgress: (event) => {
      progress.hear(event);
    },
    runFolder: folder,
  }).finally(docker.release);
  const milliseconds = Math.round(performance.now() - startedAt);
  await journal.append({ event: 'footer', at: new Date().toISOString(), reason, notRun, milliseconds });
}

/** What expectations.json says of a test today. */
async function knownDepartures(context: CliContext, options: RunOptions): Promise<RunRequest['expected']> {
  const [{ concerns, hasExpired }, expectations] = await Promise.all([
    import('../../report/expectations.ts'),
    readExpectations(context, options),
  ]);
  const today = new Date().toISOString();
  const counting = expectations.filter((expectation) => !hasExpired(expectation, today));
  return ({ cell, case: { id, caseId } }) =>
    counting.filter((expectation) => concerns(expectation, { case: id, caseId, nodes: cell.nodes }));
}

const MAX_WORKERS = 256;

function parseWorkers(text: string): number {
  const workers = Number(text);
  if (Number.isInteger(workers) && workers >= 1 && workers <= MAX_WORKERS) return workers;
  throw new BoltgridError('cli.usage', 'user', `--workers wants a whole number from 1 to ${MAX_WORKERS}`);
}
