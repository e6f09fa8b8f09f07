import { sha256 } from '../../bitcoin/hash.ts';
import { concat } from '../../core/bytes.ts';
import { defaultCrypto, scalarAdd, scalarMultiply } from '../../crypto/crypto.ts';
import { perCommitmentPoint } from './per-commitment-secret.ts';

/**
 * `localpubkey`, `local_htlcpubkey`, `remote_htlcpubkey`, `local_delayedpubkey` and `remote_delayedpubkey` of BOLT 3, Key
 * Derivation. Throws `crypto.bad-point` where an argument is no point.
 */
export function derivePublicKey(basepoint: Uint8Array, commitmentPoint: Uint8Array): Uint8Array {
  const { curve } = defaultCrypto;
  return curve.pointAdd(basepoint, curve.publicKey(tweak(commitmentPoint, basepoint)));
}

/** The private key of `derivePublicKey`'s. */
export function derivePrivateKey(basepointSecret: Uint8Array, commitmentPoint: Uint8Array): Uint8Array {
  const basepoint = defaultCrypto.curve.publicKey(basepointSecret);
  return scalarAdd(basepointSecret, tweak(commitmentPoint, basepoint));
}

/** `revocationpubkey`, from the basepoint of the one side and the per-commitment point of the other, whose commitment it is. */
export function revocationPublicKey(
  revocationBasepoint: Uint8Array,
  commitmentPoint: Uint8Array,
): Uint8Array {
  const { curve } = defaultCrypto;
  return curve.pointAdd(
    curve.pointMultiply(revocationBasepoint, tweak(revocationBasepoint, commitmentPoint)),
    curve.pointMultiply(commitmentPoint, tweak(commitmentPoint, revocationBasepoint)),
  );
}

/** `revocationprivkey`: whoever knows both secrets can take a revoked commitment's outputs. */
export function revocationPrivateKey(
  revocationBasepointSecret: Uint8Array,
  commitmentSecret: Uint8Array,
): Uint8Array {
  const basepoint = defaultCrypto.curve.publicKey(revocationBasepointSecret);
  const point = perCommitmentPoint(commitmentSecret);
  return scalarAdd(
    scalarMultiply(revocationBasepointSecret, tweak(basepoint, point)),
    scalarMultiply(commitmentSecret, tweak(point, basepoint)),
  );
}

const tweak = (first: Uint8Array, second: Uint8Array): Uint8Array => sha256(concat(first, second));
