import type { PlannedNode } from '../matrix/plan.ts';
import type { World, WorldNode } from './world.ts';

export interface WorldOptions {
  readonly nodes: readonly PlannedNode[];
  readonly seed: string;
  /** Distinguishes the worlds of one run: no two share a folder. */
  readonly name: string;
  /** What node keys derive from, besides the seed. */
  readonly keys: string;
  readonly folder: string;
  readonly signal: AbortSignal;
  readonly onStarting: (node: string) => void;
  readonly onStarted: (node: WorldNode, startMs: number) => void;
}

/** What worlds are made on. */
export interface Ground {
  /** New nodes on a new chain. Rejects with blame `setup` when one of them does not come up; then nothing is left running. */
  start(options: WorldOptions): Promise<World>;
  /** Lets go of what worlds have in common. */
  end(): Promise<void>;
}
