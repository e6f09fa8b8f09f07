import { startMemoryChain } from '../../src/chain/memory.ts';
import type { CaseFinished } from '../../src/journal/events.ts';
import { startReferenceNode } from '../../src/nodes/reference.ts';
import { DEFAULT_RULES, type Rules } from '../../src/reference/rules.ts';
import { unmetNeeds } from '../../src/runner/needs.ts';
import { finished, runCase } from '../../src/runner/run-case.ts';
import { introduce, World } from '../../src/runner/world.ts';
import type { TestCase } from '../../src/suite/types.ts';

/** In this process nothing is slow but the machine, and the deadlines stretch with that. */
const TIMING = { answerMs: 400, blockMs: 0 };
const SEED = 'mutants';
/**
 * What the reference node offers here: its own, and such as depend on others (zeroconf and simple close, with what they need), so
 * that cases about dependencies are judged.
 */
const FEATURES = [1, 5, 7, 9, 13, 15, 17, 19, 23, 27, 43, 45, 47, 51, 61];

/** The reference node, or a mutant of it, as a world of its own. */
export class ReferenceWorld {
  readonly #world: World;

  private constructor(world: World) {
    this.#world = world;
  }

  static async start(rules: Rules = DEFAULT_RULES): Promise<ReferenceWorld> {
    const chain = await startMemoryChain();
    const options = { seed: SEED, rules, features: FEATURES, chain, version: 'test' };
    const running = await startReferenceNode(options);
    const node = await introduce(running, TIMING).catch(() => {
      // A mutant may say nothing that a probe understands; its cases meet it all the same.
      const control = {
        ...running,
        call: running.call.bind(running),
        addressFrom: () => running.announced,
        features: new Set<number>(),
      };
      return { running, features: new Set<number>(), ...TIMING, control };
    });
    const end = async (): Promise<void> => {
      await running.stop();
      await chain.close();
    };
    return new ReferenceWorld(new World({ name: 'reference', chain, nodes: [node], end }));
  }

  async run(test: TestCase): Promise<CaseFinished> {
    const world = this.#world;
    const cell = { kind: test.kind, nodes: world.nodes.map(({ running }) => running.id) };
    const at = { test, cell, attempt: 1, alone: false };
    const unmet = unmetNeeds(test, world.nodes);
    if (unmet) return finished(at, unmet);
    return runCase({ ...at, world, seed: SEED, signal: new AbortController().signal });
  }

  async stop(): Promise<void> {
    await this.#world.stop();
  }
}
