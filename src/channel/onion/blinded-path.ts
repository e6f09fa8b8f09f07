import { EMPTY } from '../../core/bytes.ts';
import { BoltgridError, isBoltgridError } from '../../core/error.ts';
import { defaultCrypto } from '../../crypto/crypto.ts';
import { bolts, type Bolts } from '../../wire/bolts.ts';
import { decodeTlvStream, encodeTlvStream } from '../../wire/codec.ts';
import { featureBits, unknownBits } from '../../wire/features.ts';
import type { StructValue, TlvStream } from '../../wire/types.ts';
import { blindedPrivateKey, blindingFactor, deriveKey, ZERO_NONCE } from './keys.ts';
import { routeSecrets } from './route-secrets.ts';

/** The records of BOLT 4's `encrypted_data_tlv`, by name. */
export type EncryptedData = TlvStream<Bolts, 'encrypted_data_tlv'>;

/** The subtype `blinded_path`, as the codec has it. */
export type BlindedPath = StructValue<Bolts['subtypes']['blinded_path'], Bolts>;

export interface BlindedPathHop {
  readonly nodeId: Uint8Array;
  /** The records, or whatever bytes are to be encrypted. */
  readonly data: EncryptedData | Uint8Array;
}

export interface MadeBlindedPath {
  readonly path: BlindedPath;
  /** The path key of every hop: the last one tells the recipient which of its paths was used. */
  readonly pathKeys: readonly Uint8Array[];
}

/**
 * BOLT 4, Route Blinding: a path of its recipient, who is the last hop. To let another path follow, give the last hop here its
 * `next_path_key_override` and join the `path`s of both.
 *
 * Throws `channel.blinded-path` (harness) without a hop, `crypto.bad-private-key`, `crypto.bad-point`, and as `encodeTlvStream`.
 */
export function makeBlindedPath(sessionKey: Uint8Array, hops: readonly BlindedPathHop[]): MadeBlindedPath {
  const { curve, aead } = defaultCrypto;
  const nodeIds = hops.map(({ nodeId }) => nodeId);
  const secrets = routeSecrets(sessionKey, nodeIds);
  const [first, first_node_id] = [secrets[0], nodeIds[0]];
  if (first === undefined || first_node_id === undefined) {
    throw new BoltgridError('channel.blinded-path', 'harness', 'a blinded path without a hop');
  }
  const path = hops.map(({ nodeId, data }, i) => {
    const { sharedSecret } = secrets[i] ?? first;
    const plaintext = data instanceof Uint8Array ? data : encodeEncryptedData(data);
    return {
      blinded_node_id: curve.pointMultiply(nodeId, deriveKey('blinded_node_id', sharedSecret)),
      encrypted_recipient_data: aead.seal(deriveKey('rho', sharedSecret), ZERO_NONCE, EMPTY, plaintext),
    };
  });
  const pathKeys = secrets.map(({ ephemeralPublicKey }) => ephemeralPublicKey);
  return { path: { first_node_id, first_path_key: first.ephemeralPublicKey, path }, pathKeys };
}

export const encodeEncryptedData = (data: EncryptedData): Uint8Array =>
  encodeTlvStream(bolts, 'encrypted_data_tlv', data);

/** What a node learns from its entry of a blinded path. */
export interface UnblindedHop {
  /** The private key of its `blinded_node_id`. */
  readonly blindedPrivateKey: Uint8Array;
  readonly plaintext: Uint8Array;
  readonly data: EncryptedData;
  /** For the next node: `next_path_key_override` where there is one. */
  readonly nextPathKey: Uint8Array;
}

/**
 * Opens `encrypted_recipient_data`. `undefined` where the path key is no point, the data does not decrypt, or is no valid
 * `encrypted_data_tlv` (unknown even records included): each is an error of the blinded path (BOLT 4, Route Blinding).
 */
export function unblindHop(
  privateKey: Uint8Array,
  pathKey: Uint8Array,
  encryptedRecipientData: Uint8Array,
): UnblindedHop | undefined {
  const { curve, aead } = defaultCrypto;
  if (!curve.isPoint(pathKey)) return undefined;
  const sharedSecret = curve.ecdh(privateKey, pathKey);
  try {
    const plaintext = aead.open(deriveKey('rho', sharedSecret), ZERO_NONCE, EMPTY, encryptedRecipientData);
    const data = decodeTlvStream(bolts, 'encrypted_data_tlv', plaintext);
    return {
      blindedPrivateKey: blindedPrivateKey(privateKey, sharedSecret),
      plaintext,
      data,
      nextPathKey:
        data.next_path_key_override?.path_key ??
        curve.pointMultiply(pathKey, blindingFactor(pathKey, sharedSecret)),
    };
  } catch (error) {
    if (isBoltgridError(error)) return undefined;
    throw error;
  }
}

/** Whether `allowed_features` has a bit that BOLT 9 does not assign: even an odd one is an error there. */
export const hasUnknownFeature = ({ allowed_features }: EncryptedData): boolean =>
  unknownBits(featureBits(allowed_features?.features ?? EMPTY)).length > 0;
