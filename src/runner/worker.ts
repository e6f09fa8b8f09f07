/** The program of a worker process: gets jobs over IPC, owns the worlds it starts, reports every event. */
import { setMaxListeners } from 'node:events';
import { messageOf } from '../core/error.ts';
import type { PlannedCell } from '../matrix/plan.ts';
import { loadSuites } from '../suite/load.ts';
import type { TestCase } from '../suite/types.ts';
import { CellRunner, type CellRunnerDeps } from './cell-runner.ts';
import type { DockerGround } from './docker-ground.ts';
import { EmbeddedGround } from './embedded-ground.ts';
import type { Ground } from './ground.ts';
import { KeptWorlds } from './kept-worlds.ts';
import { NO_JOB, type FromWorker, type Job, type ToWorker, type WorkerSetup } from './messages.ts';

const BEAT_MS = 1000;

const tell = (message: FromWorker): void => {
  if (process.connected) process.send?.(message);
};

// What a suite or a node prints must not mix with anything; stdout of a worker goes nowhere.
console.log = console.error;

const cancel = new AbortController();
// Every case and node in flight listens to it, far more than the ten that Node takes for a leak.
setMaxListeners(0, cancel.signal);
let deps: Promise<CellRunnerDeps> | undefined;
const embedded = new EmbeddedGround();
let docker: DockerGround | undefined;
const kept = new KeptWorlds(tell);
const jobs = new Set<Promise<void>>();

async function setUp(setup: WorkerSetup): Promise<CellRunnerDeps> {
  const loaded = await loadSuites(setup.suites.map(({ file }) => file));
  const tests = new Map<string, TestCase>(
    loaded.flatMap(({ suite }) => suite.tests).map((test) => [test.id, test]),
  );
  if (setup.docker) {
    const { DockerGround: OnDocker } = await import('./docker-ground.ts');
    docker = new OnDocker(setup.docker);
  }
  const groundOf = ({ world }: PlannedCell): Ground => (world === 'docker' && docker ? docker : embedded);
  tell({ type: 'ready' });
  return { setup, tests, tell, signal: cancel.signal, groundOf, kept };
}

async function work(job: Job): Promise<void> {
  try {
    if (deps) await new CellRunner(await deps, job).run();
    tell({ type: 'job-done', job: job.id });
  } catch (error) {
    if (!cancel.signal.aborted) {
      tell({
        type: 'fault',
        message: `worker: ${error instanceof Error ? (error.stack ?? error.message) : messageOf(error)}`,
      });
    }
  }
}

let ending: Promise<never> | undefined;
const end = (): Promise<never> => (ending ??= endOnce());

async function endOnce(): Promise<never> {
  cancel.abort();
  await Promise.allSettled(jobs);
  await kept.stop();
  await docker?.end();
  await embedded.end();
  // What is not this worker's alone is the coordinator's to remove; when that is gone, it is ours.
  if (!process.connected) {
    await deps?.catch(() => undefined);
    await docker?.removeRun();
  }
  process.exit(0);
}

process.on('message', (message: ToWorker) => {
  switch (message.type) {
    case 'setup':
      deps = setUp(message.setup);
      return;
    case 'job': {
      const job = work(message.job);
      jobs.add(job);
      void job.then(() => jobs.delete(job));
      return;
    }
    case 'end':
      void end();
  }
});
// Without a coordinator nobody reads the results: stop the nodes and leave.
process.on('disconnect', () => void end());
// A forgotten promise of a suite is that suite's fault, not the end of all cases beside it.
process.on('unhandledRejection', (error) => {
  tell({
    type: 'event',
    job: NO_JOB,
    event: {
      event: 'noted',
      at: new Date().toISOString(),
      level: 'warning',
      text: `a promise was left to fail: ${messageOf(error)}`,
    },
  });
});

setInterval(() => {
  tell({ type: 'beat' });
}, BEAT_MS).unref();
