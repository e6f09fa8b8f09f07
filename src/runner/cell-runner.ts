import pLimit from 'p-limit';
import { BoltgridError, isBoltgridError, messageOf } from '../core/error.ts';
import { isRed } from '../core/verdict.ts';
import type { CaseFinished } from '../journal/events.ts';
import { toHex } from '../core/bytes.ts';
import type { TestCase } from '../suite/types.ts';
import { type FromWorker, type Job, type WorkerSetup, worldsFolder } from './messages.ts';
import { unmetNeeds } from './needs.ts';
import { finished, runCase } from './run-case.ts';
import { World, type WorldNode } from './world.ts';

/** Cases that leave the chain alone run side by side; more would only queue in the node. */
const SIDE_BY_SIDE = 8;
const ALONE_AT_ONCE = 3;
/** A node that dies so often under shared cases is left to the reruns, one case at a time. */
const MOST_DEATHS = 3;

interface Deps {
  readonly setup: WorkerSetup;
  readonly tests: ReadonlyMap<string, TestCase>;
  readonly tell: (message: FromWorker) => void;
  readonly signal: AbortSignal;
}

/** Runs a cell's cases in worlds of this process: shared ones first, then what needs a world of its own, then reruns. */
export class CellRunner {
  readonly #deps: Deps;
  readonly #kept: World[] = [];
  #worlds = 0;

  constructor(deps: Deps) {
    this.#deps = deps;
  }

  /** Rejects when the run is cancelled, or for a defect of ours. */
  async run(job: Job): Promise<void> {
    this.#worlds = 0;
    const tests = job.cases.map((id) => this.#test(id));
    const alone = job.isolate ? tests : tests.filter(({ chain }) => chain === 'owns');
    const shared = tests.filter((test) => !alone.includes(test));
    const reruns = await this.#shared(job, shared);
    const firsts = await eachAlone(alone, (test) => this.#alone(job, test, 1, isRed));
    await this.#again(job, [...reruns, ...firsts.filter((first) => first.rerunFollows)]);
  }

  /** Stops what `--keep` left up. */
  async stop(): Promise<void> {
    await Promise.allSettled(this.#kept.map((world) => world.stop()));
  }

  /** Runs cases that may share a world; returns the red ones. A node that dies takes its world along; the rest goes on in a new one. */
  async #shared(job: Job, tests: readonly TestCase[]): Promise<CaseFinished[]> {
    const reruns: CaseFinished[] = [];
    let left = [...tests];
    for (let deaths = 0; left.length > 0; deaths++) {
      const world = await this.#start(job, left, 1);
      if (!world) return reruns;
      const done = new Set<TestCase>();
      const limit = pLimit(job.cell.kind === 'subject' && deaths < MOST_DEATHS ? SIDE_BY_SIDE : 1);
      await this.#inWorld(world, async () => {
        await Promise.all(
          left.map((test) =>
            limit(async () => {
              if (world.death) return;
              done.add(test);
              const result = await this.#attempt(job, test, world, 1, false, isRed);
              if (result.rerunFollows) reruns.push(result);
            }),
          ),
        );
      });
      left = left.filter((test) => !done.has(test));
    }
    return reruns;
  }

  /**
   * Each red case once more, alone in a fresh world. Red again: that is its verdict. Passed now: flaky, unless it was only in flight
   * when a node died and another case is found to have killed it.
   */
  async #again(job: Job, reds: readonly CaseFinished[]): Promise<void> {
    const suspects = reds.filter(({ verdict }) => verdict === 'crashed');
    const seconds = await eachAlone(reds, async (first) => {
      const isSuspect = suspects.includes(first);
      const decide = (result: CaseFinished): CaseFinished | undefined => {
        if (isRed(result.verdict)) return result;
        return isSuspect ? undefined : flaky(first, result);
      };
      const second = await this.#alone(job, this.#test(first.case), 2, () => false, decide);
      return { second, acquitted: isSuspect && !isRed(second.verdict) };
    });
    const reproduced = seconds.some(({ second }) => second.verdict === 'crashed');
    for (const { second } of seconds.filter(({ acquitted }) => acquitted)) {
      this.#emit(reproduced ? second : unexplained(second, suspects));
    }
  }

  /** One case in a world to itself. `decide` may change the result before it is told, or withhold it. */
  async #alone(
    job: Job,
    test: TestCase,
    attempt: number,
    rerun: (verdict: CaseFinished['verdict']) => boolean,
    decide: (result: CaseFinished) => CaseFinished | undefined = (result) => result,
  ): Promise<CaseFinished> {
    const world = await this.#start(job, [test], attempt);
    if (!world) return setUpFailed(job, test, attempt, undefined);
    let result: CaseFinished | undefined;
    await this.#inWorld(world, async () => {
      result = await this.#attempt(job, test, world, attempt, true, rerun, decide);
    });
    return result ?? setUpFailed(job, test, attempt, undefined);
  }

  async #attempt(
    job: Job,
    test: TestCase,
    world: World,
    attempt: number,
    alone: boolean,
    rerun: (verdict: CaseFinished['verdict']) => boolean,
    decide: (result: CaseFinished) => CaseFinished | undefined = (result) => result,
  ): Promise<CaseFinished> {
    const { signal, setup, tell } = this.#deps;
    const { cell } = job;
    const unmet = unmetNeeds(test, world.nodes);
    if (unmet) {
      const result = finished({ test, cell, attempt, alone }, unmet);
      this.#emit(result);
      return result;
    }
    tell({
      type: 'event',
      event: { event: 'case-started', at: now(), cell: cell.cell, case: test.id, attempt },
    });
    const result = await runCase({ test, cell, world, attempt, alone, signal, seed: setup.seed });
    // Harness errors are ours: running them again would only hide them.
    const follows = rerun(result.verdict) && result.verdict !== 'harness-error';
    const told = decide(follows ? { ...result, rerunFollows: true } : result);
    if (told) this.#emit(told);
    return told ?? result;
  }

  /** `undefined` when the set-up failed: then every case has its setup-error. */
  async #start(job: Job, tests: readonly TestCase[], attempt: number): Promise<World | undefined> {
    const { setup, tell, signal } = this.#deps;
    try {
      return await World.start({
        nodes: job.cell.nodes.map((id) => job.nodes.find((node) => node.id === id) ?? missing(id)),
        seed: setup.seed,
        name: `${job.id}.${job.attempt}.${++this.#worlds}`,
        // Of the cell, not of the job: a run of a single case meets the node keys of the whole run's shared world.
        keys: `${job.cell.cell} ${this.#worlds}`,
        folder: worldsFolder(setup.runFolder),
        signal,
        onStarting: (node) => {
          tell({ type: 'starting', node });
        },
        onStarted: (node, startMs) => {
          this.#started(node, startMs);
        },
      });
    } catch (error) {
      signal.throwIfAborted();
      for (const test of tests) this.#emit(setUpFailed(job, test, attempt, error));
      return undefined;
    }
  }

  async #inWorld(world: World, work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } finally {
      if (this.#deps.setup.keep && !world.death && !this.#deps.signal.aborted) await this.#keep(world);
      else await world.stop();
    }
  }

  /** Leaves this world up in place of the one kept before for the same nodes. */
  async #keep(world: World): Promise<void> {
    const same = (other: World): boolean => other.nodes.map(idOf).join() === world.nodes.map(idOf).join();
    const at = this.#kept.findIndex(same);
    const [before] = at < 0 ? [] : this.#kept.splice(at, 1);
    await before?.stop();
    this.#kept.push(world);
    for (const { running } of world.nodes) {
      const { id, host, port } = running;
      this.#deps.tell({ type: 'kept', node: id, host, port, publicKey: toHex(running.publicKey) });
    }
  }

  #started({ running, features }: WorldNode, startMs: number): void {
    const { identity } = running;
    const bits = [...features].sort((a, b) => a - b);
    this.#deps.tell({
      type: 'event',
      event: { event: 'node-started', at: now(), identity, features: bits, startMs },
    });
  }

  #emit(result: CaseFinished): void {
    this.#deps.tell({ type: 'event', event: result });
  }

  #test(id: string): TestCase {
    return this.#deps.tests.get(id) ?? missing(id);
  }
}

/** Worlds of a single case mostly wait for a deadline, so a few of them run at the same time, each with nodes of its own. */
function eachAlone<T, R>(items: readonly T[], run: (item: T) => Promise<R>): Promise<R[]> {
  const limit = pLimit(ALONE_AT_ONCE);
  return Promise.all(items.map((item) => limit(() => run(item))));
}

const now = (): string => new Date().toISOString();
const idOf = ({ running }: WorldNode): string => running.id;

function missing(id: string): never {
  throw new BoltgridError('runner.not-loaded', 'harness', `planned, but not loaded: ${id}`, {
    hint: 'A suite has changed since the run was planned.',
  });
}

function flaky(first: CaseFinished, second: CaseFinished): CaseFinished {
  return {
    ...second,
    verdict: 'flaky',
    blame: 'unknown',
    message: `${first.verdict} at first (${first.message ?? ''}), then passed alone in a fresh world`,
    ...(first.requirement !== undefined && { requirement: first.requirement }),
    ...(first.step !== undefined && { step: first.step }),
  };
}

function unexplained(result: CaseFinished, suspects: readonly CaseFinished[]): CaseFinished {
  const list = suspects.map((suspect) => suspect.case).join(', ');
  return {
    ...result,
    verdict: 'crashed',
    blame: 'node',
    message: `a node died while these cases were in flight, and none of them does it alone: ${list}`,
  };
}

function setUpFailed(job: Job, test: TestCase, attempt: number, error: unknown): CaseFinished {
  const tail = isBoltgridError(error) ? error.details.logTail : undefined;
  const hint = isBoltgridError(error) && error.hint !== undefined ? ` ${error.hint}` : '';
  return {
    ...finished(
      { test, cell: job.cell, attempt, alone: false },
      { verdict: 'setup-error', blame: 'setup', message: `${messageOf(error)}${hint}` },
    ),
    ...(Array.isArray(tail) && { logTail: tail.map(String) }),
  };
}
