import type { Transaction } from '../../bitcoin/transaction.ts';
import { BoltgridError } from '../../core/error.ts';
import type { RequirementId } from '../../spec/requirement.ts';
import { commitmentOf, type Commitments } from '../state/commitments.ts';
import type { LiveFunding } from '../state/live-funding.ts';
import { type Claim, claimAnchor } from '../transactions/claims.ts';
import type { Commitment } from '../transactions/commitment.ts';
import { feeSat } from '../transactions/fees.ts';
import type { Located } from '../transactions/outputs.ts';
import { completeCommitment, signCommitment } from '../transactions/signatures.ts';
import { sweep } from '../transactions/sweep.ts';
import type { Onchain } from './onchain.ts';

/** What a caller gives for transactions of ours. */
export interface Means {
  readonly feerate_per_kw: number;
  /** What is taken is paid to it. */
  readonly script: Uint8Array;
  /**
   * Coins of our own that pay for an HTLC transaction with anchors, or for the child of our commitment, which spends this output.
   * The same each time it is asked, so that the same transaction is made again.
   */
  readonly coinsFor: (output: Located) => readonly Claim[];
  /** Whether revoked outputs are taken by one transaction, but for those that come near to their end (BOLT 5). */
  readonly penalties: 'together' | 'separate';
}

export interface OwedTransaction {
  readonly tx: Transaction;
  /** The sentences that call for it, one for each output that it takes. */
  readonly requirements: readonly RequirementId[];
}

/** Our latest commitment with both signatures. Throws `channel.no-signature` where the remote has given none. */
export function localCommitmentTransaction(commitments: Commitments, live: LiveFunding): Transaction {
  if (!live.remoteSignatures)
    throw new BoltgridError(
      'channel.no-signature',
      'harness',
      `the remote has signed no commitment on ${live.funding.txid}`,
    );
  return complete(commitmentOf(commitments, 'local', 'latest', live), live, live.remoteSignatures.signature);
}

const complete = (commitment: Commitment, live: LiveFunding, signature: Uint8Array): Transaction =>
  completeCommitment(commitment, {
    owner: signCommitment(commitment, live.local_funding_privkey),
    other: signature,
  });

/**
 * Of a failed channel: our latest commitment, and a child that pays for it where coins are given. With several live fundings
 * it is the one in use; which of the others has confirmed is for the caller to see, who then gives it first.
 */
export function owedClose(onchain: Onchain, means: Means): readonly OwedTransaction[] {
  const [live] = onchain.commitments.fundings;
  if (!onchain.isFailed || onchain.isOutdated || !live.remoteSignatures) return [];
  const commitment = commitmentOf(onchain.commitments, 'local', 'latest', live);
  const tx = complete(commitment, live, live.remoteSignatures.signature);
  const child = childOf(commitment, tx, live.local_funding_privkey, means);
  return [
    { tx, requirements: ['bolt05-failing-a-channel-06'] },
    ...(child ? [{ tx: child, requirements: ['bolt05-failing-a-channel-07'] }] : []),
  ];
}

/** Both together pay the feerate; `undefined` where there is no anchor, or the coins do not pay for it. */
function childOf(
  commitment: Commitment,
  { weight }: Transaction,
  fundingPrivateKey: Uint8Array,
  { feerate_per_kw, script, coinsFor }: Means,
): Transaction | undefined {
  const anchor = commitment.outputs.find(({ kind }) => kind === 'to_local_anchor');
  if (!anchor) return undefined;
  const missing = feeSat(weight, feerate_per_kw) - commitment.feeSat;
  return sweep({
    claims: [claimAnchor(anchor, fundingPrivateKey), ...coinsFor(anchor)],
    script,
    feeOf: (ownWeight) => feeSat(ownWeight, feerate_per_kw) + (missing > 0n ? missing : 0n),
  });
}
