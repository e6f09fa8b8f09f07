/** The program of a worker process: gets jobs over IPC, owns the worlds it starts, reports every event. */
import { messageOf } from '../core/error.ts';
import { loadSuites } from '../suite/load.ts';
import type { TestCase } from '../suite/types.ts';
import { CellRunner } from './cell-runner.ts';
import type { FromWorker, Job, ToWorker, WorkerSetup } from './messages.ts';

const BEAT_MS = 1000;

const tell = (message: FromWorker): void => {
  if (process.connected) process.send?.(message);
};

// What a suite or a node prints must not mix with anything; stdout of a worker goes nowhere.
console.log = console.error;

const cancel = new AbortController();
let runner: Promise<CellRunner> | undefined;
let jobs: Promise<void> = Promise.resolve();

async function setUp(setup: WorkerSetup): Promise<CellRunner> {
  const loaded = await loadSuites(setup.suites.map(({ file }) => file));
  const tests = new Map<string, TestCase>(
    loaded.flatMap(({ suite }) => suite.tests).map((test) => [test.id, test]),
  );
  tell({ type: 'ready' });
  return new CellRunner({ setup, tests, tell, signal: cancel.signal });
}

async function work(job: Job): Promise<void> {
  try {
    await (await runner)?.run(job);
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

async function end(): Promise<never> {
  cancel.abort();
  await jobs.catch(() => undefined);
  await (await runner?.catch(() => undefined))?.stop();
  process.exit(0);
}

process.on('message', (message: ToWorker) => {
  switch (message.type) {
    case 'setup':
      runner = setUp(message.setup);
      return;
    case 'job':
      jobs = jobs.then(() => work(message.job));
      return;
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
