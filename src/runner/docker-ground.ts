import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { connectEngine } from '../runtime/docker/engine.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { DockerChain, startOn } from './docker-chain.ts';
import { Fleet } from './fleet.ts';
import type { Ground, WorldOptions } from './ground.ts';
import { worldsFolder, type DockerSetup } from './messages.ts';
import { allOrNone, World } from './world.ts';

/**
 * Nodes in containers on a real bitcoind. Starting them takes seconds, so shared worlds borrow them from a fleet: one bitcoind and
 * one container of each node for all cells of this worker. Cells that use the same node at the same time are kept apart by the pool.
 */
export class DockerGround implements Ground {
  readonly #setup: DockerSetup;
  readonly #runFolder: string;
  #runtime: Promise<Runtime> | undefined;
  #fleet: Promise<Fleet> | undefined;
  #fleets = 0;

  constructor(setup: DockerSetup, runFolder: string) {
    this.#setup = setup;
    this.#runFolder = runFolder;
  }

  async shared(options: WorldOptions): Promise<World> {
    const fleet = await this.#liveFleet(options.signal);
    const nodes = await fleet.borrow(options);
    const { chain } = fleet;
    // What others borrow, too, is not this world's to stop.
    return new World({
      name: options.name,
      chain: chain.chain,
      nodes,
      chainLost: chain.lost,
      end: () => Promise.resolve(),
    });
  }

  async fresh(options: WorldOptions): Promise<World> {
    const folder = join(options.folder, options.name);
    const chain = await this.#startChain(options.name, folder, options.signal);
    const clear = async (): Promise<void> => {
      await chain.end();
      await rm(folder, { recursive: true, force: true });
    };
    const nodes = await allOrNone(
      options.nodes.map((node) => startOn(chain, node, { ...options, folder })),
      clear,
    );
    return new World({
      name: options.name,
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
    await (await this.#fleet?.catch(() => undefined))?.end();
    await (await this.#runtime?.catch(() => undefined))?.close();
  }

  /** Another one when the bitcoind of the last has ended, or never started. */
  async #liveFleet(signal: AbortSignal): Promise<Fleet> {
    const present = this.#fleet;
    const fleet = await present?.catch(() => undefined);
    if (fleet?.isLost === false) return fleet;
    // Whoever waited first starts the next one; the others find it here.
    if (this.#fleet === present) {
      void fleet?.end();
      this.#fleet = this.#startFleet(signal);
    }
    return this.#fleet ?? this.#startFleet(signal);
  }

  async #startFleet(signal: AbortSignal): Promise<Fleet> {
    const name = `fleet${++this.#fleets}`;
    const folder = join(worldsFolder(this.#runFolder), name);
    return new Fleet(name, folder, await this.#startChain(name, folder, signal));
  }

  async #startChain(name: string, folder: string, signal: AbortSignal): Promise<DockerChain> {
    const { run, chain } = this.#setup;
    this.#runtime ??= connectEngine().then((engine) => engine.joinRun(run).runtime());
    const runtime = await this.#runtime;
    return DockerChain.start({ runtime, chain, name, folder, signal });
  }
}
