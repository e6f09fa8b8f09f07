import type { Endpoint } from '../runtime/runtime.ts';
import type { Program } from '../runtime/program.ts';
import type { ControlOperation } from './operations.ts';

export interface CallLimits {
  readonly deadlineMs: number;
  readonly signal?: AbortSignal | undefined;
}

/** One life of a node: from the start of its program until that ends. */
export interface NodeLife {
  readonly program: Program;
  /** 33 bytes in hex. */
  readonly publicKey: string;
  /** What the program says of itself, as it came. */
  readonly reported: string;
  /** Where boltgrid reaches it, and where containers of the run do. */
  readonly reached: Endpoint;
  readonly announced: Endpoint;
  /** Asks for an operation in its wire form; the result is unchecked. */
  ask(operation: ControlOperation, wire: Record<string, unknown>, limits: CallLimits): Promise<unknown>;
}

/** Starts the program and waits until it is ready; whatever fails, no program is left. `onChange`: the node's state may have changed. */
export type Launch = (
  previous: Pick<NodeLife, 'reached'> | undefined,
  onChange: () => void,
  limits: CallLimits,
) => Promise<NodeLife>;
