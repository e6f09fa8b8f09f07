import { concat } from '../../core/bytes.ts';
import { defaultCrypto, scalarMultiply } from '../../crypto/crypto.ts';

/** BOLT 4, Key Generation; Returning Errors (`ammag`, `ammagext`); Route Blinding (`blinded_node_id`). */
type KeyType = 'rho' | 'mu' | 'um' | 'pad' | 'ammag' | 'ammagext' | 'blinded_node_id';

export const HMAC_LENGTH = 32;
export const ZERO_NONCE = new Uint8Array(12);

/** A 32-byte key of one purpose, from a shared secret (the session key for `pad`). */
export const deriveKey = (type: KeyType, secret: Uint8Array): Uint8Array =>
  defaultCrypto.hashes.hmac(new TextEncoder().encode(type), secret);

/** BOLT 4, Pseudo Random Byte Stream. */
export const byteStream = (key: Uint8Array, length: number): Uint8Array =>
  applyStream(key, new Uint8Array(length));

/** `data` XOR the pseudo-random byte stream. */
export const applyStream = (key: Uint8Array, data: Uint8Array): Uint8Array =>
  defaultCrypto.stream.apply(key, ZERO_NONCE, data);

/** BOLT 4, Blinding Ephemeral Onion Keys. Route Blinding takes the same factor from one path key to the next. */
export const blindingFactor = (publicKey: Uint8Array, sharedSecret: Uint8Array): Uint8Array =>
  defaultCrypto.hashes.sha256(concat(publicKey, sharedSecret));

/** BOLT 4, Route Blinding: `b_i`, the private key of `blinded_node_id`, from the secret shared by way of the path key. */
export const blindedPrivateKey = (privateKey: Uint8Array, sharedSecret: Uint8Array): Uint8Array =>
  scalarMultiply(privateKey, deriveKey('blinded_node_id', sharedSecret));
