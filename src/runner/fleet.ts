import type { PlannedNode } from '../matrix/plan.ts';
import { startOn, type DockerChain } from './docker-chain.ts';
import type { WorldOptions } from './ground.ts';
import type { WorldNode } from './world.ts';

/** After so many failures to start, a node's cells are told the last one at once. */
const MOST_FAILURES = 2;

/** One chain and, at most once each, the nodes that cells have asked for so far. */
export class Fleet {
  readonly chain: DockerChain;
  readonly #name: string;
  readonly #folder: string;
  readonly #nodes = new Map<string, Promise<WorldNode>>();
  readonly #failures = new Map<string, unknown[]>();
  #starts = 0;
  #lost = false;

  constructor(name: string, folder: string, chain: DockerChain) {
    this.#name = name;
    this.#folder = folder;
    this.chain = chain;
    void chain.lost.then(() => {
      this.#lost = true;
    });
  }

  get isLost(): boolean {
    return this.#lost;
  }

  /** The nodes that a world wants, started where they are not up. */
  async borrow(options: WorldOptions): Promise<WorldNode[]> {
    const started = await Promise.allSettled(options.nodes.map(async (node) => this.#node(node, options)));
    return started.map((result) => {
      if (result.status === 'rejected') throw result.reason;
      return result.value;
    });
  }

  async end(): Promise<void> {
    await Promise.allSettled(
      [...this.#nodes.values()].map(async (starting) => (await starting).running.stop()),
    );
    await this.chain.end();
  }

  #node(node: PlannedNode, options: WorldOptions): Promise<WorldNode> {
    const up = this.#nodes.get(node.id);
    if (up) return up;
    const failures = this.#failures.get(node.id) ?? [];
    if (failures.length >= MOST_FAILURES) throw failures.at(-1);
    const name = `${this.#name}-${++this.#starts}`;
    const starting = startOn(this.chain, node, {
      ...options,
      name,
      keys: `fleet ${this.#starts}`,
      folder: this.#folder,
    });
    this.#nodes.set(node.id, starting);
    const gone = (): void => {
      if (this.#nodes.get(node.id) === starting) this.#nodes.delete(node.id);
    };
    starting.then(
      ({ running }) => running.exited.then(gone),
      (error: unknown) => {
        if (!options.signal.aborted) this.#failures.set(node.id, [...failures, error]);
        gone();
      },
    );
    return starting;
  }
}
