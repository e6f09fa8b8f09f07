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

/** What worlds are made on. Both ways reject with blame `setup` when a node or the chain does not come up; then nothing is left running. */
export interface Ground {
  /** For cases that may share it with others, also of other cells. */
  shared(options: WorldOptions): Promise<World>;
  /** New nodes on a new chain. */
  fresh(options: WorldOptions): Promise<World>;
  /** Ends what shared worlds left up. */
  end(): Promise<void>;
}
