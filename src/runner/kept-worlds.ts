import { toHex } from '../core/bytes.ts';
import type { FromWorker } from './messages.ts';
import type { World } from './world.ts';

/** What `--keep` leaves up: the last world of each set of nodes. */
export class KeptWorlds {
  readonly #worlds = new Map<string, World>();
  readonly #tell: (message: FromWorker) => void;

  constructor(tell: (message: FromWorker) => void) {
    this.#tell = tell;
  }

  async keep(world: World): Promise<void> {
    const nodes = world.nodes.map(({ running }) => running.id).join();
    const before = this.#worlds.get(nodes);
    this.#worlds.set(nodes, world);
    await before?.stop();
    for (const { running } of world.nodes) {
      const { id, host, port } = running;
      this.#tell({ type: 'kept', node: id, host, port, publicKey: toHex(running.publicKey) });
    }
  }

  async stop(): Promise<void> {
    await Promise.allSettled([...this.#worlds.values()].map((world) => world.stop()));
  }
}
