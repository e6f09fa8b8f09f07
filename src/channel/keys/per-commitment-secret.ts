import { sha256 } from '../../bitcoin/hash.ts';
import { BoltgridError } from '../../core/error.ts';
import { defaultCrypto } from '../../crypto/crypto.ts';

/** The width of an index, and so of a commitment number (BOLT 3, Per-commitment Secret Requirements). */
export const INDEX_BITS = 48;

/** The index of the first secret; from there it goes down. */
export const FIRST_INDEX = (1n << BigInt(INDEX_BITS)) - 1n;

/** The index of the secret that revokes commitment `commitmentNumber`; the first commitment is number 0. */
export function secretIndex(commitmentNumber: bigint): bigint {
  return assertIndex(FIRST_INDEX - commitmentNumber);
}

/** BOLT 3's `generate_from_seed`: the secret at `index`, 32 bytes. */
export const generateFromSeed = (seed: Uint8Array, index: bigint): Uint8Array =>
  deriveSecret(seed, INDEX_BITS, assertIndex(index));

export const perCommitmentSecret = (shachainSeed: Uint8Array, commitmentNumber: bigint): Uint8Array =>
  generateFromSeed(shachainSeed, secretIndex(commitmentNumber));

/** Throws `crypto.bad-private-key` where a peer's secret is none. */
export const perCommitmentPoint = (secret: Uint8Array): Uint8Array => defaultCrypto.curve.publicKey(secret);

/** BOLT 3's `derive_secret`: from `base`, whose index has the same bits from `bits` upwards, to the secret at `index`. */
export function deriveSecret(base: Uint8Array, bits: number, index: bigint): Uint8Array {
  let secret = Uint8Array.from(base);
  for (let bit = bits - 1; bit >= 0; bit--) {
    if (((index >> BigInt(bit)) & 1n) === 0n) continue;
    const at = bit >> 3;
    secret[at] = (secret[at] ?? 0) ^ (1 << (bit & 7));
    secret = Uint8Array.from(sha256(secret));
  }
  return secret;
}

export function assertIndex(index: bigint): bigint {
  if (index < 0n || index > FIRST_INDEX)
    throw new BoltgridError('channel.secret-index', 'harness', `no index of 48 bits: ${index}`);
  return index;
}
