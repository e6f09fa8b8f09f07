import { z } from 'zod';
import { bytes32, publicKey } from './operation-values.ts';
import { OPERATION_ERRORS } from './operations.ts';

/**
 * The driver protocol: JSON Lines, requests to the driver's input, replies and notifications from its output. See
 * docs/decisions/0002-driver-protocol.md.
 */
export const DRIVER_PROTOCOL = 1;

/** The first request, and the only one before its reply. */
export const START = 'boltgrid:start';

/** A longer line ends the conversation. */
export const MAX_LINE_BYTES = 16 * 1024 * 1024;

export const startParams = z.strictObject({
  protocol: z.literal(DRIVER_PROTOCOL),
  network: z.literal('regtest'),
  /** All keys of the node derive from it, so that a restarted node is the same node. */
  seed: bytes32,
  /** The node's volume: everything that it must find again after a restart. */
  folder: z.string(),
  /** Where to listen for peers; port 0 means any free one. */
  listen: z.strictObject({ host: z.string(), port: z.number().int().min(0).max(65_535) }),
  /** bitcoind's JSON-RPC, or the subset of it that the memory chain serves. Absent for a node that needs no chain. */
  chain: z.strictObject({ url: z.string(), user: z.string(), password: z.string() }).optional(),
  /** The folder of the npm package that the version names. */
  package: z.string().optional(),
  /** What the manifest's version and profile set. */
  settings: z.record(z.string(), z.json()),
});

export const startResult = z.strictObject({
  publicKey,
  host: z.string().max(255),
  port: z.number().int().min(1).max(65_535),
  /** What the program says of itself. */
  reported: z.string().max(4096),
});

export const request = z.strictObject({
  id: z.number().int().min(0),
  op: z.string(),
  params: z.record(z.string(), z.unknown()),
});

export const driverLine = z.union([
  z.strictObject({ id: z.number().int().min(0), result: z.unknown() }),
  z.strictObject({
    id: z.number().int().min(0),
    error: z.strictObject({ code: z.enum(OPERATION_ERRORS), message: z.string() }),
  }),
  z.strictObject({ event: z.literal('changed') }),
]);

export type StartParams = z.infer<typeof startParams>;
export type StartResult = z.infer<typeof startResult>;
export type DriverRequest = z.infer<typeof request>;
export type DriverLine = z.infer<typeof driverLine>;
