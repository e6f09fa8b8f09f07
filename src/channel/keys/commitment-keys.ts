import type { Basepoints } from './channel-secrets.ts';
import { derivePublicKey, revocationPublicKey } from './derivation.ts';

/**
 * The public keys in one commitment transaction. BOLT 3 names them from its owner's side: `local_` is `owner_` here, and
 * `remotepubkey` is `other_pubkey`.
 */
export interface CommitmentKeys {
  readonly per_commitment_point: Uint8Array;
  readonly owner_delayedpubkey: Uint8Array;
  readonly owner_htlcpubkey: Uint8Array;
  readonly other_htlcpubkey: Uint8Array;
  /** The other's `payment_basepoint` itself: `option_static_remotekey` is assumed. */
  readonly other_pubkey: Uint8Array;
  readonly revocationpubkey: Uint8Array;
}

/** `per_commitment_point` is the owner's. Throws `crypto.bad-point` where one of the points is none. */
export function commitmentKeys(
  owner: Pick<Basepoints, 'delayed_payment_basepoint' | 'htlc_basepoint'>,
  other: Pick<Basepoints, 'revocation_basepoint' | 'payment_basepoint' | 'htlc_basepoint'>,
  per_commitment_point: Uint8Array,
): CommitmentKeys {
  return {
    per_commitment_point,
    owner_delayedpubkey: derivePublicKey(owner.delayed_payment_basepoint, per_commitment_point),
    owner_htlcpubkey: derivePublicKey(owner.htlc_basepoint, per_commitment_point),
    other_htlcpubkey: derivePublicKey(other.htlc_basepoint, per_commitment_point),
    other_pubkey: other.payment_basepoint,
    revocationpubkey: revocationPublicKey(other.revocation_basepoint, per_commitment_point),
  };
}
