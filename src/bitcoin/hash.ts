import { concat, fromHex, toHex } from '../core/bytes.ts';
import { defaultCrypto } from '../crypto/crypto.ts';

export const sha256 = (bytes: Uint8Array): Uint8Array => defaultCrypto.hashes.sha256(bytes);

/** Bitcoin's double SHA-256. */
export const sha256d = (bytes: Uint8Array): Uint8Array => sha256(sha256(bytes));

export const hash160 = (bytes: Uint8Array): Uint8Array => defaultCrypto.hashes.ripemd160(sha256(bytes));

/** BIP 340 tagged hash. */
export function taggedHash(tag: string, ...parts: readonly Uint8Array[]): Uint8Array {
  const prefix = sha256(new TextEncoder().encode(tag));
  return sha256(concat(prefix, prefix, ...parts));
}

/** Hashes are shown and named with their bytes reversed. */
export const displayHash = (hash: Uint8Array): string => toHex(Uint8Array.from(hash).reverse());

export const fromDisplayHash = (hex: string): Uint8Array => fromHex(hex).reverse();
