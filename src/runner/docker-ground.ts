import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { connectEngine, type Engine } from '../runtime/docker/engine.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { DockerChain } from './docker-chain.ts';
import type { Ground, WorldOptions } from './ground.ts';
import type { DockerSetup } from './messages.ts';
import { startPlanned } from './start-planned.ts';
import { allOrNone, World } from './world.ts';

/**
 * Nodes in containers, each world on a bitcoind of its own. Sharing one would save two seconds a world, but blocks that one cell mines
 * make another's payments expire: a payee that has seen them refuses HTLCs of a payer that has not.
 */
export class DockerGround implements Ground {
  readonly #setup: DockerSetup;
  #engine: Promise<Engine> | undefined;
  #runtime: Promise<Runtime> | undefined;

  constructor(setup: DockerSetup) {
    this.#setup = setup;
  }

  async start(options: WorldOptions): Promise<World> {
    const { name, signal } = options;
    const folder = join(options.folder, name);
    const runtime = await this.#joinRun();
    const chain = await DockerChain.start({ runtime, chain: this.#setup.chain, name, folder, signal });
    const clear = async (): Promise<void> => {
      await chain.end();
      await rm(folder, { recursive: true, force: true });
    };
    const nodes = await allOrNone(
      options.nodes.map((node) =>
        startPlanned(node, (plan, place) => chain.surroundings(plan, node.image !== undefined, place), {
          ...options,
          folder,
        }),
      ),
      clear,
    );
    return new World({
      name,
      chain: chain.chain,
      nodes,
      chainLost: chain.lost,
      end: async () => {
        await Promise.allSettled(nodes.map(({ running }) => running.stop()));
        await clear();
      },
    });
  }

  async end(): Promise<void> {
    await (await this.#runtime?.catch(() => undefined))?.close();
  }

  /** All that there is of the run, once the process that owns it has ended. */
  async removeRun(): Promise<void> {
    try {
      const engine = await (this.#engine ?? connectEngine());
      await engine.sweepRun(this.#setup.run.runId);
    } catch {
      // The next run finds it.
    }
  }

  #joinRun(): Promise<Runtime> {
    this.#engine ??= connectEngine();
    this.#runtime ??= this.#engine.then((engine) => engine.joinRun(this.#setup.run).runtime());
    return this.#runtime;
  }
}
