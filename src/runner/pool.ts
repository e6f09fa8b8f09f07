import { isRed } from '../core/verdict.ts';
import type { CaseFinished, JournalEvent } from '../journal/events.ts';
import { testKey } from '../matrix/plan.ts';
import type { FromWorker, Job } from './messages.ts';
import type { RunOutcome, RunRequest } from './run.ts';
import { WorkerProcess } from './worker-process.ts';

const SILENCE_MS = 10_000;
/** A job whose worker ended so often before any of its cases began is given up. */
const MOST_ATTEMPTS = 2;

/** A job that a worker has, and the cases of it that are in flight (with the number of the attempt). */
interface Running {
  readonly job: Job;
  readonly inFlight: Map<string, number>;
}

/** A worker and its jobs. */
interface Lane {
  readonly process: WorkerProcess;
  readonly jobs: Map<number, Running>;
}

/** Jobs in Docker mostly wait for their nodes, which need the other cores: one worker does all of them. */
const IN_DOCKER_AT_ONCE = 4;

/** Gives jobs to worker processes, writes down what they report, and finds out which case takes a worker down. */
export class Pool {
  readonly finished: Set<string>;
  readonly #request: RunRequest;
  readonly #jobs: Job[];
  readonly #lanes = new Set<Lane>();
  /** The only one that gets jobs in Docker. */
  #dockerLane: Lane | undefined;
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
    return [...this.#lanes].some((lane) => lane.jobs.size > 0);
  }

  #open(): void {
    const { plan, runFolder, keep, docker, silenceMs = SILENCE_MS } = this.#request;
    const lane: Lane = {
      process: new WorkerProcess(
        { suites: plan.suites, seed: plan.seed, runFolder, keep, ...(docker && { docker }) },
        silenceMs,
        (message) => {
          this.#hear(lane, message);
        },
      ),
      jobs: new Map(),
    };
    this.#lanes.add(lane);
    void lane.process.ended.then(({ how }) => {
      this.#lanes.delete(lane);
      if (this.#dockerLane === lane) this.#dockerLane = undefined;
      if (this.#stop === undefined) for (const running of lane.jobs.values()) this.#lost(running, how);
      this.#wake?.();
    });
  }

  #deal(): void {
    for (const lane of this.#lanes) {
      for (let job = this.#nextFor(lane); job; job = this.#nextFor(lane)) {
        this.#jobs.splice(this.#jobs.indexOf(job), 1);
        if (job.cell.world === 'docker') this.#dockerLane = lane;
        lane.jobs.set(job.id, { job, inFlight: new Map() });
        lane.process.give(job);
      }
    }
  }

  /** An embedded job has its worker to itself; of Docker jobs the first worker that gets one has several, and no other has any. */
  #nextFor(lane: Lane): Job | undefined {
    const running = [...lane.jobs.values()];
    const isDockerLane = (this.#dockerLane ?? lane) === lane && running.every(({ job }) => isDocker(job));
    if (isDockerLane && running.length < IN_DOCKER_AT_ONCE) {
      const job = this.#jobs.find(isDocker);
      if (job) return job;
    }
    return running.length === 0 ? this.#jobs.find((job) => !isDocker(job)) : undefined;
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
        lane.jobs.delete(message.job);
        this.#wake?.();
        return;
      case 'event':
        this.#record(lane.jobs.get(message.job), message.event);
        return;
    }
  }

  #record(running: Running | undefined, event: JournalEvent): void {
    this.#append(event);
    const { onProgress } = this.#request;
    if (event.event === 'node-started')
      onProgress({ type: 'node-started', node: event.identity.id, ms: event.startMs });
    if (event.event === 'noted') onProgress({ type: 'note', level: event.level, text: event.text });
    if (event.event === 'case-started') {
      running?.inFlight.set(event.case, event.attempt);
      onProgress({ type: 'case-started', cell: event.cell, case: event.case, attempt: event.attempt });
    }
    if (event.event === 'case-finished') {
      running?.inFlight.delete(event.case);
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
  #lost({ job, inFlight }: Running, how: string): void {
    const suspects = [...inFlight].filter(([id]) => !this.finished.has(testKey(job.cell.cell, id)));
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
    if (suspects.length === 0 && job.attempt >= MOST_ATTEMPTS) {
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

const isDocker = ({ cell }: Job): boolean => cell.world === 'docker';
