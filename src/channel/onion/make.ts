import { concat, EMPTY } from '../../core/bytes.ts';
import { BoltgridError } from '../../core/error.ts';
import { defaultCrypto } from '../../crypto/crypto.ts';
import { bigSize } from './bigsize.ts';
import { applyStream, byteStream, deriveKey, HMAC_LENGTH } from './keys.ts';
import { encodePacket, PAYMENT_PAYLOADS_LENGTH } from './packet.ts';
import { routeSecrets } from './route-secrets.ts';

interface OnionHop {
  /** The node's id, or its `blinded_node_id` within a blinded path. */
  readonly nodeId: Uint8Array;
  /** The TLV stream, or whatever bytes the hop is to find there. */
  readonly payload: Uint8Array;
  /** What stands before the payload in place of its length as a BigSize, for a wrong one. */
  readonly lengthPrefix?: Uint8Array;
}

export interface OnionOptions {
  /** A fresh private key for every onion. */
  readonly sessionKey: Uint8Array;
  /** First hop first. */
  readonly hops: readonly OnionHop[];
  /** The `payment_hash`; nothing for onion messages. */
  readonly associatedData?: Uint8Array;
  /** Length of `hop_payloads` in bytes: 1300 unless given. */
  readonly payloadsLength?: number;
}

export interface MadeOnion {
  readonly packet: Uint8Array;
  /** One per hop: what a returned failure is read with. */
  readonly sharedSecrets: readonly Uint8Array[];
}

/**
 * BOLT 4, Packet Construction. The packet has `payloadsLength` + 66 bytes.
 *
 * Throws, charged to the harness: `channel.onion-route` (no hop, or payloads that do not fit), `crypto.bad-private-key`; and
 * `crypto.bad-point` for a node id that is no point.
 */
export function makeOnion({
  sessionKey,
  hops,
  associatedData = EMPTY,
  payloadsLength = PAYMENT_PAYLOADS_LENGTH,
}: OnionOptions): MadeOnion {
  const secrets = routeSecrets(
    sessionKey,
    hops.map(({ nodeId }) => nodeId),
  );
  const sharedSecrets = secrets.map(({ sharedSecret }) => sharedSecret);
  const first = secrets[0];
  const framed = hops.map(framedPayload);
  const needed = framed.reduce((sum, { length }) => sum + length + HMAC_LENGTH, 0);
  if (first === undefined || needed > payloadsLength) {
    throw new BoltgridError(
      'channel.onion-route',
      'harness',
      first === undefined ? 'an onion for no hop' : `${needed} bytes of payloads, ${payloadsLength} fit`,
    );
  }

  const lengths = framed.map(({ length }) => length + HMAC_LENGTH);
  let payloads = byteStream(deriveKey('pad', sessionKey), payloadsLength);
  let hmac: Uint8Array = new Uint8Array(HMAC_LENGTH);
  for (const [i, sharedSecret] of [...sharedSecrets.entries()].reverse()) {
    const shifted = concat(framed[i] ?? EMPTY, hmac, payloads).subarray(0, payloadsLength);
    payloads = applyStream(deriveKey('rho', sharedSecret), shifted);
    if (i === hops.length - 1) {
      const tail = filler(sharedSecrets, lengths, payloadsLength);
      payloads.set(tail, payloadsLength - tail.length);
    }
    hmac = defaultCrypto.hashes.hmac(deriveKey('mu', sharedSecret), concat(payloads, associatedData));
  }
  const packet = { version: 0, public_key: first.ephemeralPublicKey, hop_payloads: payloads, hmac };
  return { packet: encodePacket(packet), sharedSecrets };
}

const framedPayload = ({ payload, lengthPrefix }: OnionHop): Uint8Array =>
  concat(lengthPrefix ?? bigSize(payload.length), payload);

/** BOLT 4, Filler Generation: what the zeros that each hop appends have become when the packet reaches the last one. */
function filler(
  sharedSecrets: readonly Uint8Array[],
  lengths: readonly number[],
  payloadsLength: number,
): Uint8Array {
  let bytes: Uint8Array = EMPTY;
  for (const [i, sharedSecret] of sharedSecrets.slice(0, -1).entries()) {
    const longer = concat(bytes, new Uint8Array(lengths[i] ?? 0));
    const before = new Uint8Array(payloadsLength - bytes.length);
    bytes = applyStream(deriveKey('rho', sharedSecret), concat(before, longer)).slice(before.length);
  }
  return bytes;
}
