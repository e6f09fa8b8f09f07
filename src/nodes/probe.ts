import { BoltgridError } from '../core/error.ts';
import { randomPrivateKey } from '../crypto/crypto.ts';
import { connectNoise } from '../noise/connection.ts';
import { bolts } from '../wire/bolts.ts';
import { decodeMessage } from '../wire/codec.ts';
import { combineFeatures } from '../wire/features.ts';

export interface ProbeResult {
  /** Feature bits of the node's init, both bitmaps combined (BOLT 1). */
  readonly features: ReadonlySet<number>;
  /** The whole init message, type and payload. */
  readonly init: Uint8Array;
}

/**
 * Connects as an ordinary peer with a fresh key and reads what the node offers in its init, which it must send unasked (BOLT 1).
 * Throws `node.probe-failed` (set-up) when it says anything else first, and what `connectNoise` throws.
 */
export async function probe(
  node: { readonly host: string; readonly port: number; readonly publicKey: Uint8Array },
  limits: { readonly deadlineMs: number; readonly signal?: AbortSignal },
): Promise<ProbeResult> {
  const connection = await connectNoise({
    host: node.host,
    port: node.port,
    localPrivateKey: randomPrivateKey(),
    remotePublicKey: node.publicKey,
    ...limits,
  });
  try {
    const init = await connection.receive(limits);
    const message = decodeMessage(bolts, init);
    if (message.name !== 'init') {
      throw new BoltgridError('node.probe-failed', 'setup', 'the first message of the node is no init', {
        details: { type: message.type },
      });
    }
    const { globalfeatures, features } = message.fields;
    return { features: combineFeatures(globalfeatures, features), init };
  } finally {
    await connection.close();
  }
}
