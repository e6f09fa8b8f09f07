import { defaultCrypto } from '../crypto/crypto.ts';

/** The private key that `seed` and `label` stand for: the same in every run. */
export function privateKeyOf(seed: string, label: string): Uint8Array {
  const { curve, hashes } = defaultCrypto;
  // One hash in 2^128 is no private key.
  for (let round = 0; ; round++) {
    const key = hashes.sha256(Buffer.from(`boltgrid reference node\n${label}\n${round}\n${seed}`, 'utf8'));
    if (curve.isPrivateKey(key)) return key;
  }
}
