import type { HtlcOutcome } from '../../channel/onchain/htlcs.ts';
import type { Onchain } from '../../channel/onchain/onchain.ts';
import type { OwedOnchain } from '../../channel/onchain/owed.ts';
import type { Means, OwedTransaction } from '../../channel/onchain/unilateral.ts';
import type { CommittedHtlc } from '../../channel/state/ledger.ts';
import type { ChannelSituation } from '../situation.ts';

/** BOLT 5: what the node does about a channel that is on the chain, or has to go there. */
export interface OnchainRules {
  /** What is broadcast now, in this order, at each block until it is in one. */
  owed(owed: OwedOnchain, onchain: Onchain, situation: ChannelSituation): readonly OwedTransaction[];
  /** Whether revoked outputs are taken by one transaction. */
  penalties(): Means['penalties'];
  /** In blocks: when an HTLC that was timed out, or has no output, is failed upstream. */
  reasonableDepth(): number;
  /** What has become of an HTLC of ours, for the one that it was forwarded from. */
  outcome(outcome: HtlcOutcome, onchain: Onchain): HtlcOutcome['outcome'];
  /**
   * Whether the channel has to go to the chain because of an HTLC: one that we offered has timed out, or one that we have fulfilled is
   * not removed (BOLT 2, cltv_expiry_delta Selection).
   */
  isOverdue(htlc: CommittedHtlc, isFulfilled: boolean, situation: ChannelSituation): boolean;
}

/** After the expiry of what we offered, and before that of what we fulfilled. */
const GRACE_BLOCKS = 2;
const FULFILLMENT_BLOCKS = 6;
const REASONABLE_DEPTH = 6;

export const ONCHAIN_RULES: OnchainRules = {
  owed: ({ transactions }) => transactions,
  penalties: () => 'together',
  reasonableDepth: () => REASONABLE_DEPTH,
  outcome: ({ outcome }) => outcome,
  isOverdue: ({ by, add: { cltv_expiry } }, isFulfilled, { height }) =>
    by === 'local'
      ? height >= cltv_expiry + GRACE_BLOCKS
      : isFulfilled && height >= cltv_expiry - FULFILLMENT_BLOCKS,
};
