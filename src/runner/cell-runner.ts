import pLimit from 'p-limit';
import { BoltgridError } from '../core/error.ts';
import { isRed, type Verdict } from '../core/verdict.ts';
import type { CaseFinished, JournalEvent } from '../journal/events.ts';
import type { PlannedCell } from '../matrix/plan.ts';
import type { TestCase } from '../suite/types.ts';
import type { Ground } from './ground.ts';
import type { KeptWorlds } from './kept-worlds.ts';
import { type FromWorker, type Job, type WorkerSetup, worldsFolder } from './messages.ts';
import { unmetNeeds } from './needs.ts';
import { OwnedWorlds } from './owned-worlds.ts';
import { flaky, nodeStarted, setUpFailed, unexplained } from './outcomes.ts';
import { finished, runCase } from './run-case.ts';
import type { World } from './world.ts';

/** Cases that leave the chain alone run side by side; more would only queue in the node. */
const SIDE_BY_SIDE = 8;
/** Worlds of a single case mostly wait for a deadline, so a few of them run at the same time, each with nodes of its own. */
const ALONE_AT_ONCE = 3;
/** A node that dies so often under shared cases is left to the reruns, one case at a time. */
const MOST_DEATHS = 3;
/**
 * Cases that may leave a channel behind. Each channel makes the later cases slower, by 0.2 ms in LND and in LDK, and a new world costs
 * some seconds.
 */
const MOST_CHANNELS = 250;
/** They say nothing of the node: passing later would look as if it were flaky, and hide what is wrong with us. */
const NEVER_AGAIN = new Set<Verdict>(['harness-error', 'setup-error']);

export interface CellRunnerDeps {
  readonly setup: WorkerSetup;
  readonly tests: ReadonlyMap<string, TestCase>;
  readonly tell: (message: FromWorker) => void;
  readonly signal: AbortSignal;
  readonly groundOf: (cell: PlannedCell) => Ground;
  readonly kept: KeptWorlds;
}

/** How one attempt at a case counts. */
interface Attempt {
  readonly number: number;
  readonly alone: boolean;
  readonly rerun: (verdict: Verdict) => boolean;
  /** May change the result before it is told, or withhold it. */
  readonly decide?: (result: CaseFinished) => CaseFinished | undefined;
}

/** Runs the cases of one job: shared worlds first, then what needs a world of its own, then reruns. */
export class CellRunner {
  readonly #deps: CellRunnerDeps;
  readonly #job: Job;
  readonly #ground: Ground;
  #worlds = 0;

  constructor(deps: CellRunnerDeps, job: Job) {
    this.#deps = deps;
    this.#job = job;
    this.#ground = deps.groundOf(job.cell);
  }

  /** Rejects when the run is cancelled, or for a defect of ours. */
  async run(): Promise<void> {
    const { cases, isolate } = this.#job;
    const tests = cases.map((id) => this.#test(id));
    const alone = isolate ? tests : tests.filter(({ chain }) => chain === 'owns');
    const shared = tests.filter((test) => !alone.includes(test));
    const reruns = await this.#shared(shared);
    const firsts = await this.#owning(alone);
    await this.#again([...reruns, ...firsts.filter((result) => result.rerunFollows)]);
  }

  /**
   * Runs cases that may share a world; returns the red ones. Those that touch no chain come first, while there are no blocks. A node
   * that dies takes its world along, one that holds too many channels is retired; the rest goes on in a new one.
   */
  async #shared(tests: readonly TestCase[]): Promise<CaseFinished[]> {
    const reruns: CaseFinished[] = [];
    const attempt: Attempt = { number: 1, alone: false, rerun: isRed };
    let left = [...tests];
    for (let deaths = 0; left.length > 0;) {
      const world = await this.#start(left, 1);
      if (!world) return reruns;
      const done = new Set<TestCase>();
      const limit = pLimit(this.#job.cell.kind === 'subject' && deaths < MOST_DEATHS ? SIDE_BY_SIDE : 1);
      await this.#inWorld(world, async () => {
        await Promise.all(
          forOneWorld(left).map((test) =>
            limit(async () => {
              if (world.death) return;
              done.add(test);
              const result = await this.#attempt(test, world, attempt);
              if (result.rerunFollows) reruns.push(result);
            }),
          ),
        );
      });
      left = left.filter((test) => !done.has(test));
      if (world.death) deaths++;
      if (done.size === 0 && deaths >= MOST_DEATHS) {
        this.#giveUp(left, 1, world.death);
        break;
      }
    }
    return reruns;
  }

  /** Cases that own their world, a few side by side. With `--isolate` each gets a new one. */
  async #owning(tests: readonly TestCase[]): Promise<CaseFinished[]> {
    const attempt: Attempt = { number: 1, alone: true, rerun: isRed };
    const limit = pLimit(ALONE_AT_ONCE);
    const worlds = new OwnedWorlds((world) => this.#end(world));
    const own = async (test: TestCase): Promise<CaseFinished> => {
      const world = await worlds.take(() => this.#start([test], 1));
      if (!world) return this.#notSetUp(test, 1);
      let isWell = false;
      try {
        const result = await this.#attempt(test, world, attempt);
        isWell = !isRed(result.verdict);
        return result;
      } finally {
        await worlds.giveBack(world, isWell && !this.#job.isolate && !this.#deps.signal.aborted);
      }
    };
    try {
      return await Promise.all(tests.map((test) => limit(() => own(test))));
    } finally {
      await worlds.close();
    }
  }

  /**
   * Each red case once more, alone. Red again: that is its verdict. Passed now: flaky, unless it was only in flight when a node died
   * and another case is found to have killed it.
   */
  async #again(reds: readonly CaseFinished[]): Promise<void> {
    const suspects = reds.filter(({ verdict }) => verdict === 'crashed');
    const seconds = await this.#eachAgain(reds, (first): Attempt & { first: CaseFinished } => ({
      first,
      number: 2,
      alone: true,
      rerun: () => false,
      decide: (result) => {
        if (isRed(result.verdict)) return result;
        return suspects.includes(first) ? undefined : flaky(first, result);
      },
    }));
    const reproduced = seconds.some(({ verdict }) => verdict === 'crashed');
    seconds.forEach((second, index) => {
      const first = reds[index];
      if (!first || !suspects.includes(first) || isRed(second.verdict)) return;
      this.#emit(reproduced ? second : unexplained(second, suspects));
    });
  }

  /**
   * Embedded worlds cost little: a fresh one for each case. In Docker one fresh world serves all reruns of the cell, one after the
   * other, until a node of it dies; cases that own the chain never share it.
   */
  async #eachAgain(
    reds: readonly CaseFinished[],
    attemptAt: (first: CaseFinished) => Attempt,
  ): Promise<CaseFinished[]> {
    const seconds = new Map<CaseFinished, CaseFinished>();
    const together =
      this.#job.cell.world === 'docker' ? reds.filter((red) => this.#test(red.case).chain !== 'owns') : [];
    const limit = pLimit(ALONE_AT_ONCE);
    await Promise.all(
      reds
        .filter((red) => !together.includes(red))
        .map((red) =>
          limit(async () => {
            seconds.set(red, await this.#alone(this.#test(red.case), attemptAt(red)));
          }),
        ),
    );
    for (let left = together; left.length > 0; left = left.filter((red) => !seconds.has(red))) {
      const tests = left.map((red) => this.#test(red.case));
      const world = await this.#start(tests, 2);
      if (!world) {
        for (const red of left) seconds.set(red, this.#notSetUp(this.#test(red.case), 2));
        break;
      }
      const before = seconds.size;
      await this.#inWorld(world, async () => {
        for (const red of left) {
          if (world.death) break;
          seconds.set(red, await this.#attempt(this.#test(red.case), world, attemptAt(red)));
        }
      });
      if (seconds.size > before) continue;
      this.#giveUp(tests, 2, world.death);
      break;
    }
    return reds.map((red) => seconds.get(red) ?? this.#notSetUp(this.#test(red.case), 2));
  }

  /** One case in a world to itself. */
  async #alone(test: TestCase, attempt: Attempt): Promise<CaseFinished> {
    const world = await this.#start([test], attempt.number);
    let result = this.#notSetUp(test, attempt.number);
    if (!world) return result;
    await this.#inWorld(world, async () => {
      result = await this.#attempt(test, world, attempt);
    });
    return result;
  }

  async #attempt(
    test: TestCase,
    world: World,
    { number, alone, rerun, decide = (result) => result }: Attempt,
  ): Promise<CaseFinished> {
    const { signal, setup } = this.#deps;
    const { cell } = this.#job;
    const unmet = unmetNeeds(test, world.nodes);
    if (unmet) {
      const result = finished({ test, cell, attempt: number, alone }, unmet);
      this.#emit(result);
      return result;
    }
    this.#emit({ event: 'case-started', at: now(), cell: cell.cell, case: test.id, attempt: number });
    const result = await runCase({ test, cell, world, attempt: number, alone, signal, seed: setup.seed });
    const follows = rerun(result.verdict) && !NEVER_AGAIN.has(result.verdict) && !this.#isKnown(result);
    const told = decide(follows ? { ...result, rerunFollows: true } : result);
    if (told) this.#emit(told);
    return told ?? result;
  }

  /** Whether the node departs exactly as it is known to. */
  #isKnown({ verdict, case: id, requirement, step }: CaseFinished): boolean {
    const known = this.#job.expected[id] ?? [];
    return (
      verdict === 'fail' &&
      known.some((departure) => departure.requirement === requirement && departure.step === step)
    );
  }

  /** `undefined` when the set-up failed: then every case has its setup-error. */
  async #start(tests: readonly TestCase[], attempt: number): Promise<World | undefined> {
    const { setup, tell, signal } = this.#deps;
    const job = this.#job;
    try {
      return await this.#ground.start({
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
          this.#emit(nodeStarted(node, startMs));
        },
      });
    } catch (error) {
      signal.throwIfAborted();
      this.#giveUp(tests, attempt, error);
      return undefined;
    }
  }

  #giveUp(tests: readonly TestCase[], attempt: number, error: unknown): void {
    for (const test of tests) this.#emit(setUpFailed(this.#job.cell, test, attempt, error));
  }

  async #inWorld(world: World, work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } finally {
      await this.#end(world);
    }
  }

  async #end(world: World): Promise<void> {
    const { setup, signal, kept } = this.#deps;
    if (setup.keep && !world.death && !signal.aborted) await kept.keep(world);
    else await world.stop();
  }

  #notSetUp(test: TestCase, attempt: number): CaseFinished {
    return setUpFailed(this.#job.cell, test, attempt, undefined);
  }

  #emit(event: JournalEvent): void {
    this.#deps.tell({ type: 'event', job: this.#job.id, event });
  }

  #test(id: string): TestCase {
    return this.#deps.tests.get(id) ?? missing(id);
  }
}

function forOneWorld(tests: readonly TestCase[]): readonly TestCase[] {
  const leavesNothing = ({ chain }: TestCase): boolean => chain === 'none';
  const others = tests.filter((test) => !leavesNothing(test));
  return [...tests.filter(leavesNothing), ...others.slice(0, MOST_CHANNELS)];
}

const now = (): string => new Date().toISOString();

function missing(id: string): never {
  throw new BoltgridError('runner.not-loaded', 'harness', `planned, but not loaded: ${id}`, {
    hint: 'A suite has changed since the run was planned.',
  });
}
