import { z } from 'zod';
import * as v from '../operation-values.ts';
import { control } from './shape.ts';

export const peersOperations = {
  /**
   * Complete when init went both ways. With a peer that is connected already it succeeds at once. `rejected`: refused, or
   * the handshake failed.
   */
  connect: control(v.endpoint, v.nothing),

  /** Complete when the connection is gone. With a peer that is not connected it succeeds at once. */
  disconnect: control(z.strictObject({ publicKey: v.publicKey }), v.nothing),

  /** Peers with which init was exchanged. Reads only. */
  peers: control(v.nothing, z.strictObject({ peers: z.array(v.connectedPeer) })),

  /** Sends one message of a type the node does not know itself. Complete when queued. `not-ready`: not connected. */
  customMessage: control(
    z.strictObject({
      publicKey: v.publicKey,
      type: z.number().int().min(32_768).max(65_535),
      payload: v.bytes,
    }),
    v.nothing,
  ),

  /** What its node_announcement says from now on. Complete when the announcement is made. Idempotent. */
  setIdentity: control(
    z.strictObject({
      alias: z.string().max(32).optional(),
      color: z
        .string()
        .regex(/^[0-9a-f]{6}$/)
        .optional(),
    }),
    v.nothing,
  ),
} as const;
