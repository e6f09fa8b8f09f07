import type { CommitmentKeys } from '../keys/commitment-keys.ts';

/** The two formats that are deployed; `option_anchors` is the one whose HTLC transactions pay no fee. */
export type CommitmentFormat = 'option_static_remotekey' | 'option_anchors';

/** Seen from one commitment transaction: its owner can broadcast it, the other has signed it. */
export type CommitmentSide = 'owner' | 'other';

/** A funding output that is live: a channel with a splice or an RBF attempt that is not locked has several. */
export interface Funding {
  /** As displayed. */
  readonly txid: string;
  readonly output_index: number;
  readonly funding_satoshis: bigint;
  /** The `funding_pubkey`s of both sides, in any order. */
  readonly funding_pubkeys: readonly [Uint8Array, Uint8Array];
}

/** What decides fees and trimming in a commitment. */
export interface CommitmentTerms {
  readonly format: CommitmentFormat;
  /** Who opened the channel. */
  readonly feePayer: CommitmentSide;
  /** The owner's. */
  readonly dust_limit_satoshis: bigint;
}

export interface CommitmentParameters extends CommitmentTerms {
  readonly funding: Funding;
  /** Which of the two keys is the owner's: its anchor is locked to it. */
  readonly owner_funding_pubkey: Uint8Array;
  readonly keys: CommitmentKeys;
  /** 0 for the first. */
  readonly commitmentNumber: bigint;
  /** `obscuringFactor` of both payment basepoints. */
  readonly obscuringFactor: bigint;
  /** Blocks that the owner waits: the other's `to_self_delay` message field. */
  readonly to_self_delay: number;
}

export interface Htlc {
  readonly offeredBy: CommitmentSide;
  /** The offerer's count. */
  readonly id: bigint;
  readonly amount_msat: bigint;
  readonly payment_hash: Uint8Array;
  readonly cltv_expiry: number;
}

/** What a commitment pays to whom. The balances and HTLCs make up the funding. */
export interface CommitmentSpecification {
  readonly feerate_per_kw: number;
  /** Without HTLCs, before fees and anchors. */
  readonly ownerBalanceMsat: bigint;
  readonly otherBalanceMsat: bigint;
  readonly htlcs: readonly Htlc[];
}
