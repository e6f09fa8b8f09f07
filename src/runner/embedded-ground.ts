import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { startMemoryChain } from '../chain/memory.ts';
import { processRuntime } from '../runtime/process.ts';
import type { Ground, WorldOptions } from './ground.ts';
import { startPlanned } from './start-planned.ts';
import { allOrNone, World } from './world.ts';

/** Nodes that are processes of this machine, on a memory chain of their own: cheap, so every world is a fresh one. */
export class EmbeddedGround implements Ground {
  readonly #runtime = processRuntime();

  async start(options: WorldOptions): Promise<World> {
    const folder = join(options.folder, options.name);
    const chain = await startMemoryChain();
    const clear = async (): Promise<void> => {
      await chain.close();
      await rm(folder, { recursive: true, force: true });
    };
    const surroundings = { runtime: this.#runtime, chain: chain.rpc };
    const nodes = await allOrNone(
      options.nodes.map((node) =>
        startPlanned(node, () => Promise.resolve(surroundings), { ...options, folder }),
      ),
      clear,
    );
    return new World({
      name: options.name,
      chain,
      nodes,
      end: async () => {
        await Promise.allSettled(nodes.map(({ running }) => running.stop()));
        await clear();
      },
    });
  }

  async end(): Promise<void> {
    await this.#runtime.close();
  }
}
