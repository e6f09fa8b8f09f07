import type { World } from './world.ts';

/** Cases that owned a world before it is retired: its chain has grown, and its nodes hold what they left. */
const MOST_OWNERS = 20;

/**
 * Worlds for cases that own theirs while they run. One that is still sound goes to the next case: to start another costs more than most
 * of these cases take (4 s of processor time with LND).
 */
export class OwnedWorlds {
  readonly #end: (world: World) => Promise<void>;
  readonly #owners = new Map<World, number>();
  readonly #free: World[] = [];

  constructor(end: (world: World) => Promise<void>) {
    this.#end = end;
  }

  /** One that nobody has now, or what `start` gives. */
  async take<T extends World | undefined>(start: () => Promise<T>): Promise<World | T> {
    const world = this.#free.pop() ?? (await start());
    if (world) this.#owners.set(world, (this.#owners.get(world) ?? 0) + 1);
    return world;
  }

  /** `reusable`: whether the case that had it ended well. */
  async giveBack(world: World, reusable: boolean): Promise<void> {
    if (reusable && world.isSound && (this.#owners.get(world) ?? 0) < MOST_OWNERS) this.#free.push(world);
    else await this.#end(world);
  }

  /** Ends those that nobody has. */
  async close(): Promise<void> {
    await Promise.all(this.#free.splice(0).map((world) => this.#end(world)));
  }
}
