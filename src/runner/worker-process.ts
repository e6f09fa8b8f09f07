import { fork, type ChildProcess } from 'node:child_process';
import { createRequire } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { FromWorker, Job, ToWorker, WorkerSetup } from './messages.ts';

const END_GRACE_MS = 10_000;

export interface WorkerEnd {
  /** In words: `exited with code 7`, `was stuck for 15 s`. */
  readonly how: string;
}

/** The coordinator's end of one worker process. */
export class WorkerProcess {
  readonly #child: ChildProcess;
  readonly ended: Promise<WorkerEnd>;
  #watchdog: NodeJS.Timeout | undefined;
  #stuck = false;
  readonly #silenceMs: number;

  /** A worker that says nothing for `silenceMs` is stuck in a suite's loop, and is killed: it beats every second. */
  constructor(setup: WorkerSetup, silenceMs: number, onMessage: (message: FromWorker) => void) {
    this.#silenceMs = silenceMs;
    const source = import.meta.url.endsWith('.ts');
    const program = fileURLToPath(new URL(source ? './worker.ts' : './worker.js', import.meta.url));
    // A worker reads the sources as this process does: as TypeScript in a clone, as JavaScript from the package.
    const execArgv = source
      ? [
          '--conditions=boltgrid:source',
          '--import',
          pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href,
        ]
      : [];
    // Its own process group: Ctrl-C on the terminal reaches the coordinator alone, which then ends its workers in order.
    this.#child = fork(program, {
      execArgv,
      serialization: 'advanced',
      detached: true,
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    this.#child.on('message', (message) => {
      this.#heard();
      onMessage(message as FromWorker);
    });
    this.ended = new Promise((resolve) => {
      this.#child.once('error', (error) => {
        resolve({ how: `could not be started: ${error.message}` });
      });
      this.#child.once('exit', (code, signal) => {
        clearTimeout(this.#watchdog);
        const exit = signal === null ? `exited with code ${String(code)}` : `was ended by ${signal}`;
        resolve({ how: this.#stuck ? `was stuck for ${silenceMs / 1000} s` : exit });
      });
    });
    this.#heard();
    this.#tell({ type: 'setup', setup });
  }

  give(job: Job): void {
    this.#tell({ type: 'job', job });
  }

  /** Graceful: the worker stops its nodes and leaves. Killed when it does not. */
  async end(): Promise<void> {
    this.#tell({ type: 'end' });
    const timer = setTimeout(() => {
      this.#kill();
    }, END_GRACE_MS);
    await this.ended;
    clearTimeout(timer);
  }

  #tell(message: ToWorker): void {
    // A worker that has just died cannot be told anything; `ended` says so.
    if (this.#child.connected) this.#child.send(message, () => undefined);
  }

  #heard(): void {
    clearTimeout(this.#watchdog);
    this.#watchdog = setTimeout(() => {
      this.#stuck = true;
      this.#kill();
    }, this.#silenceMs);
  }

  #kill(): void {
    this.#child.kill('SIGKILL');
  }
}
