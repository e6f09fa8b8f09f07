import { BoltgridError } from '../core/error.ts';
import { connectNoise } from '../noise/connection.ts';
import { bolts } from '../wire/bolts.ts';
import { decodeMessage } from '../wire/codec.ts';
import { combineFeatures } from '../wire/features.ts';
import type { RunningNode } from './node.ts';

export interface ProbeOptions {
  readonly privateKey: Uint8Array;
  readonly deadlineMs: number;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Connects as a peer that says nothing, and reads what the node offers in its own init: both bitmaps combined. Rejects with what
 * `connectNoise` rejects with, or `node.no-init`.
 */
export async function probeInit(
  node: Pick<RunningNode, 'host' | 'port' | 'publicKey'>,
  { privateKey, deadlineMs, signal }: ProbeOptions,
): Promise<ReadonlySet<number>> {
  const limits = { deadlineMs, ...(signal && { signal }) };
  const connection = await connectNoise({
    host: node.host,
    port: node.port,
    remotePublicKey: node.publicKey,
    localPrivateKey: privateKey,
    ...limits,
  });
  try {
    const first = decodeMessage(bolts, await connection.receive(limits));
    if (first.name !== 'init')
      throw new BoltgridError('node.no-init', 'node', `its first message is of type ${first.type}, not init`);
    return combineFeatures(first.fields.globalfeatures, first.fields.features);
  } finally {
    await connection.close();
  }
}
