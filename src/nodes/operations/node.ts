import { z } from 'zod';
import * as v from '../operation-values.ts';
import { control, runtime } from './shape.ts';

export const nodeOperations = {
  /** Who it is, how far it follows the chain, and the feerate in force. Reads only. */
  info: control(v.nothing, v.info),

  /** The newest lines of its log, oldest first. Reads only. */
  logs: runtime(
    z.strictObject({ lines: z.number().int().min(1).max(10_000) }),
    z.strictObject({ lines: z.array(z.string()) }),
  ),

  /**
   * Complete when the node has worked through the block at `height` (the chain's tip at the time of the call when not given)
   * and what that block makes it do has been handed on. Reads only.
   */
  sync: control(
    z.strictObject({ height: v.blockCount.optional() }),
    z.strictObject({ height: v.blockCount, blockHash: v.bytes32.optional() }),
    30_000,
  ),

  /** Ends the node gracefully, its state on disk. Complete when its process has ended. A stopped node stays stopped. */
  stop: runtime(v.nothing, v.nothing),

  /** Starts a stopped node again on the same volume, port and key. Complete when it listens. `rejected` while it runs. */
  start: runtime(v.nothing, v.nothing),

  /** Copies the volume of a stopped node under `name`, replacing an earlier copy. `not-ready` while it runs. */
  snapshot: runtime(z.strictObject({ name: z.string().regex(/^[a-z0-9-]{1,40}$/) }), v.nothing),

  /** Puts the volume back to what `snapshot` kept under `name`. `not-ready` while it runs, `rejected` for an unknown name. */
  restore: runtime(z.strictObject({ name: z.string().regex(/^[a-z0-9-]{1,40}$/) }), v.nothing),
} as const;
