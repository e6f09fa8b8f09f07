import { concat, EMPTY, equalBytes } from '../../core/bytes.ts';
import { defaultCrypto } from '../../crypto/crypto.ts';
import { leadingBigSize } from './bigsize.ts';
import type { BadOnionFailure, Failure } from './failure.ts';
import { applyStream, blindedPrivateKey, blindingFactor, deriveKey, HMAC_LENGTH } from './keys.ts';
import { decodePacket, encodePacket } from './packet.ts';

export interface PeelOptions {
  readonly packet: Uint8Array;
  /** Of the node itself, also within a blinded path. */
  readonly privateKey: Uint8Array;
  /** The `payment_hash`; nothing for onion messages. */
  readonly associatedData?: Uint8Array;
  /** The `path_key` that came with the onion in its message. */
  readonly pathKey?: Uint8Array;
}

interface Opened {
  /** What a failure is returned with. */
  readonly sharedSecret: Uint8Array;
  /** Without its length. */
  readonly payload: Uint8Array;
  /** How many bytes the length before `payload` takes: `offset` of `invalid_onion_payload` counts them. */
  readonly lengthWidth: number;
}

/** What a node finds in an onion. */
export type Peeled =
  | (Opened & { readonly kind: 'forward'; readonly nextPacket: Uint8Array })
  | (Opened & { readonly kind: 'final' })
  /** Nothing can be returned to the origin: the failure goes to the peer, by `malformedHtlc`. */
  | { readonly kind: 'malformed'; readonly failure: BadOnionFailure }
  /** The HMAC is right, but no payload can be taken from it. */
  | {
      readonly kind: 'failed';
      readonly sharedSecret: Uint8Array;
      readonly failure: Failure<'invalid_onion_payload'>;
    };

/** Where the failure cannot be narrowed down to a record. */
const NO_PAYLOAD = { name: 'invalid_onion_payload', fields: { type: 0n, offset: 0 } } as const;

/**
 * One hop of BOLT 4, Onion Decryption. Throws `channel.onion-length` (node) where the packet is below 66 bytes, and
 * `crypto.bad-private-key`.
 */
export function peelOnion({ packet, privateKey, associatedData = EMPTY, pathKey }: PeelOptions): Peeled {
  const { curve, hashes } = defaultCrypto;
  const { version, public_key, hop_payloads, hmac } = decodePacket(packet);
  const malformed = (name: BadOnionFailure['name']): Peeled => ({
    kind: 'malformed',
    failure: { name, fields: { sha256_of_onion: hashes.sha256(packet) } },
  });
  if (version !== 0) return malformed('invalid_onion_version');
  if (!curve.isPoint(public_key)) return malformed('invalid_onion_key');
  if (pathKey !== undefined && !curve.isPoint(pathKey)) return malformed('invalid_onion_blinding');

  const key =
    pathKey === undefined ? privateKey : blindedPrivateKey(privateKey, curve.ecdh(privateKey, pathKey));
  const sharedSecret = curve.ecdh(key, public_key);
  const expected = hashes.hmac(deriveKey('mu', sharedSecret), concat(hop_payloads, associatedData));
  if (!equalBytes(expected, hmac)) return malformed('invalid_onion_hmac');

  const { length } = hop_payloads;
  const padded = concat(hop_payloads, new Uint8Array(length));
  const unwrapped = applyStream(deriveKey('rho', sharedSecret), padded);
  const prefix = leadingBigSize(unwrapped);
  if (prefix === undefined || prefix.value < 2n || prefix.value > length) {
    return { kind: 'failed', sharedSecret, failure: NO_PAYLOAD };
  }
  const payloadEnd = prefix.width + Number(prefix.value);
  const end = payloadEnd + HMAC_LENGTH;
  if (end > length) return { kind: 'failed', sharedSecret, failure: NO_PAYLOAD };

  const payload = unwrapped.slice(prefix.width, payloadEnd);
  const nextHmac = unwrapped.slice(payloadEnd, end);
  const opened: Opened = { sharedSecret, payload, lengthWidth: prefix.width };
  if (nextHmac.every((byte) => byte === 0)) return { kind: 'final', ...opened };
  const nextPacket = encodePacket({
    version: 0,
    public_key: curve.pointMultiply(public_key, blindingFactor(public_key, sharedSecret)),
    hop_payloads: unwrapped.slice(end, end + length),
    hmac: nextHmac,
  });
  return { kind: 'forward', ...opened, nextPacket };
}
