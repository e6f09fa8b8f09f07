import { feePayerCostSat } from '../../transactions/fees.ts';
import type { CommitmentFormat } from '../../transactions/types.ts';
import type { OpenFields } from './negotiation.ts';

export type FirstAmounts = Pick<
  OpenFields,
  'funding_satoshis' | 'push_msat' | 'feerate_per_kw' | 'dust_limit_satoshis'
>;

/** What the first commitments pay each side, if their outputs were never trimmed nor rounded. */
export interface FirstBalances {
  /** Below 0 where the opener cannot pay the fee (BOLT 3, Fee Payment). */
  readonly openerMsat: bigint;
  readonly accepterMsat: bigint;
}

export function firstBalances(open: FirstAmounts, format: CommitmentFormat): FirstBalances {
  const { funding_satoshis, push_msat, feerate_per_kw, dust_limit_satoshis } = open;
  const costSat = feePayerCostSat({ format, dust_limit_satoshis }, { feerate_per_kw, htlcs: [] });
  return {
    openerMsat: (funding_satoshis - costSat) * 1000n - push_msat,
    accepterMsat: push_msat,
  };
}
