import type { Funding } from '../../transactions/types.ts';
import type { Constructed } from '../interactive/states.ts';
import type { Commitments } from '../commitments.ts';
import type { LiveFunding } from '../live-funding.ts';
import type { Fault } from '../step.ts';
import type { SideTerms } from '../terms.ts';
import type { Side } from '../update.ts';

/** What a side has, with nothing pending: without HTLCs, before fees. */
export const balanceMsat = ({ ledger }: Commitments, { shares }: LiveFunding, side: Side): bigint =>
  shares[side] + ledger.gainedMsat[side];

/**
 * The reserve that matches a capacity, as in channels of the second version: one in a hundred, and no less than the side's dust limit.
 * A splice cannot declare another.
 */
export function matchingReserveSat(
  { dust_limit_satoshis }: SideTerms,
  { funding_satoshis }: Funding,
): bigint {
  const share = funding_satoshis / 100n;
  return share > dust_limit_satoshis ? share : dust_limit_satoshis;
}

/** Whether a side that takes funds out of the channel keeps its reserve (BOLT 2, Splice Transaction Construction). */
export function reserveFaults(
  commitments: Commitments,
  { outputs, output_index }: Constructed,
  live: LiveFunding,
  side: Side,
): readonly Fault[] {
  const takes = outputs.some(({ addedBy }, i) => addedBy === side && i !== output_index);
  const reserveSat = matchingReserveSat(commitments.terms[side], live.funding);
  const got = balanceMsat(commitments, live, side);
  if (!takes || got >= reserveSat * 1000n) return [];
  const expected = `a balance of at least the reserve, ${reserveSat} satoshis`;
  return [{ requirement: 'bolt02-splice-tx-complete-05', expected, got, note: 'in msat' }];
}
