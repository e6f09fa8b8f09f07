import { isRed } from '../core/verdict.ts';
import type { CaseFinished, JournalEvent } from '../journal/events.ts';
import { testKey } from '../matrix/plan.ts';
import type { FromWorker, Job } from './messages.ts';
import type { RunOutcome, RunRequest } from './run.ts';
import { WorkerProcess } from './worker-process.ts';

const SILENCE_MS = 10_000;

/** A worker, the job it has, and the cases that it is in the middle of (with the number of the attempt). */
interface Lane {
  readonly process: WorkerProcess;
  job: Job | undefined;
  readonly inFlight: Map<string, number>;
}

/** Gives jobs to worker processes, writes down what they report, and finds out which case takes a worker down. */
export class Pool {
  readonly finished: Set<string>;
  readonly #request: RunRequest;
  readonly #jobs: Job[];
  readonly #lanes = new Set<Lane>();
  #nextId: number;
  #writing: Promise<void> = Promise.resolve();
  #stop: RunOutcome['reason'] | undefined;
  #writeFault: { readonly error: unknown } | undefined;
  #wake: (() => void) | undefined;

  constructor(request: RunRequest, jobs: Job[]) {
    this.#request = request;
    this.#jobs = jobs;
    this.#nextId = jobs.length;
    this.finished = new Set(request.finished);
  }

  async run(): Promise<RunOutcome['reason']> {
    const { signal, workers, keep } = this.#request;
    const cancel = (): void => {
      this.#halt('cancelled');
    };
    signal.addEventListener('abort', cancel, { once: true });
    if (signal.aborted) cancel();
    try {
      while (this.#stop === undefined && (this.#jobs.length > 0 || this.#busy())) {
        while (this.#jobs.length > 0 && this.#lanes.size < workers) this.#open();
        this.#deal();
        if (this.#jobs.length > 0 || this.#busy()) await this.#somethingHappens();
      }
      if (keep && this.#stop === undefined) await this.#untilStopped();
    } finally {
      signal.removeEventListener('abort', cancel);
      await Promise.all([...this.#lanes].map((lane) => lane.process.end()));
      await this.#writing;
    }
    if (this.#writeFault) throw this.#writeFault.error;
    // With --keep, stopping the kept nodes is how a complete run ends.
    return this.#stop === 'cancelled' && keep && this.#jobs.length === 0
      ? 'complete'
      : (this.#stop ?? 'complete');
  }

  #busy(): boolean {
    return [...this.#lanes].some((lane) => lane.job !== undefined);
  }

  #open(): void {
    const { plan, runFolder, keep, silenceMs = SILENCE_MS } = this.#request;
    const lane: Lane = {
      process: new WorkerProcess(
        { suites: plan.suites, seed: plan.seed, runFolder, keep },
        silenceMs,
        (message) => {
          this.#hear(lane, message);
        },
      ),
      job: undefined,
      inFlight: new Map(),
    };
    this.#lanes.add(lane);
    void lane.process.ended.then(({ how }) => {
      this.#lanes.delete(lane);
      if (this.#stop === undefined && lane.job) this.#lost(lane, lane.job, how);
      this.#wake?.();
    });
  }

  #deal(): void {
    for (const lane of this.#lanes) {
      if (lane.job) continue;
      lane.job = this.#jobs.shift();
      if (lane.job) lane.process.give(lane.job);
    }
  }

  #hear(lane: Lane, message: FromWorker): void {
    if (this.#stop !== undefined) return;
    const { onProgress } = this.#request;
    switch (message.type) {
      case 'ready':
      case 'beat':
        return;
      case 'starting':
        onProgress({ type: 'node-starting', node: message.node });
        return;
      case 'kept':
        onProgress(message);
        return;
      case 'fault':
        this.#note('error', message.message);
        this.#halt('fault');
        return;
      case 'job-done':
        lane.job = undefined;
        this.#wake?.();
        return;
      case 'event':
        this.#record(lane, message.event);
        return;
    }
  }

  #record(lane: Lane, event: JournalEvent): void {
    this.#append(event);
    const { onProgress } = this.#request;
    if (event.event === 'node-started')
      onProgress({ type: 'node-started', node: event.identity.id, ms: event.startMs });
    if (event.event === 'noted') onProgress({ type: 'note', level: event.level, text: event.text });
    if (event.event === 'case-started') {
      lane.inFlight.set(event.case, event.attempt);
      onProgress({ type: 'case-started', cell: event.cell, case: event.case, attempt: event.attempt });
    }
    if (event.event === 'case-finished') {
      lane.inFlight.delete(event.case);
      this.#finish(event);
    }
  }

  #finish(result: CaseFinished): void {
    // A red first attempt is not the last word: the worker runs it once more.
    if (!result.rerunFollows) this.finished.add(testKey(result.cell, result.case));
    this.#request.onProgress({ type: 'case-finished', result });
    if (this.#request.failFast && isRed(result.verdict) && !result.rerunFollows) this.#halt('fail-fast');
  }

  /**
   * A worker died in the middle of a job. One case in flight: it did it. Several: each gets a worker to itself, and the one that
   * does it again is found. The rest of the job goes on in a new worker.
   */
  #lost(lane: Lane, job: Job, how: string): void {
    const suspects = [...lane.inFlight].filter(([id]) => !this.finished.has(testKey(job.cell.cell, id)));
    const left = job.cases.filter((id) => !this.finished.has(testKey(job.cell.cell, id)));
    this.#note(
      'warning',
      `the worker for ${job.cell.cell} ${how}; in flight: ${suspects.map(([id]) => id).join(', ') || 'nothing'}`,
    );
    const [only] = suspects;
    if (only && suspects.length === 1) {
      this.#condemn(job, only[0], only[1], how);
      this.#again(
        job,
        left.filter((id) => id !== only[0]),
      );
      return;
    }
    if (suspects.length === 0 && job.attempt > 1) {
      for (const id of left) this.#condemn(job, id, 1, `the worker ${how} before the case began`);
      return;
    }
    const suspected = new Set(suspects.map(([id]) => id));
    for (const id of suspected) this.#again(job, [id]);
    this.#again(
      job,
      left.filter((id) => !suspected.has(id)),
    );
  }

  #again(job: Job, cases: readonly string[]): void {
    if (cases.length === 0) return;
    // A number of its own: the folders and keys of a job's worlds derive from it.
    this.#jobs.push({ ...job, id: this.#nextId++, cases, attempt: job.attempt + 1 });
  }

  #condemn(job: Job, testCase: string, attempt: number, how: string): void {
    const result: CaseFinished = {
      event: 'case-finished',
      at: new Date().toISOString(),
      cell: job.cell.cell,
      case: testCase,
      attempt,
      verdict: 'harness-error',
      milliseconds: 0,
      world: 'none',
      blame: 'harness',
      message: `the case took its worker process down: it ${how}`,
      checks: [],
      transcript: [],
    };
    this.#append(result);
    this.#finish(result);
  }

  #note(level: 'info' | 'warning' | 'error', text: string): void {
    this.#append({ event: 'noted', at: new Date().toISOString(), level, text });
    this.#request.onProgress({ type: 'note', level, text });
  }

  #append(event: JournalEvent): void {
    this.#writing = this.#writing.then(async () => {
      if (this.#writeFault) return;
      try {
        await this.#request.journal.append(event);
      } catch (error) {
        this.#writeFault = { error };
        this.#halt('fault');
      }
    });
  }

  #halt(reason: RunOutcome['reason']): void {
    this.#stop ??= reason;
    this.#wake?.();
  }

  #somethingHappens(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
      if (this.#stop !== undefined) resolve();
    });
  }

  async #untilStopped(): Promise<void> {
    while (this.#stop === undefined) await this.#somethingHappens();
  }
}
