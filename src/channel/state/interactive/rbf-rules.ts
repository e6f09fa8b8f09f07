import type { Bolts } from '../../../wire/bolts.ts';
import type { MessageFields } from '../../../wire/types.ts';
import type { Fault } from '../step.ts';

export type InitRbf = Omit<MessageFields<Bolts, 'tx_init_rbf'>, 'channel_id'>;
export type AckRbf = Omit<MessageFields<Bolts, 'tx_ack_rbf'>, 'channel_id'>;

/** 25/24 of the last attempt's, rounded down (BOLT 2, tx_init_rbf). */
export const leastReplacementFeerate = (feerate: number): number => Math.floor((feerate * 25) / 24);

/** `last` is the feerate of the last attempt that was constructed. */
export function initRbfFaults({ feerate }: Pick<InitRbf, 'feerate'>, last: number): Fault[] {
  const least = leastReplacementFeerate(last);
  return feerate >= least
    ? []
    : [{ requirement: 'bolt02-tx-init-rbf-01', expected: `feerate of at least ${least}`, got: feerate }];
}

/** To the funding output, in satoshis: nothing where the record is left out. */
export const contributionOf = ({ tlvs }: Pick<InitRbf | AckRbf, 'tlvs'>): bigint =>
  tlvs.funding_output_contribution?.satoshis ?? 0n;
