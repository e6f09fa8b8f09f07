import type { AcceptFields, OpenFields } from '../open/negotiation.ts';
import type { Side } from '../update.ts';
import type { Accept2Fields, Open2Fields } from './states.ts';

/**
 * The messages of version 1 that would come to the same channel: the opener funds it all, and pushes what the accepter contributes. The
 * reserve, which version 2 does not carry, is 1% of the capacity, or the sender's dust limit if that is greater (BOLT 2, open_channel2).
 */

export interface Contributed {
  readonly openerSat: bigint;
  readonly accepterSat: bigint;
}

export const contributedBy = (
  opener: Side,
  { local, remote }: Readonly<Record<Side, bigint>>,
): Contributed =>
  opener === 'local' ? { openerSat: local, accepterSat: remote } : { openerSat: remote, accepterSat: local };

export const firstOpen = (open: Open2Fields, { openerSat, accepterSat }: Contributed): OpenFields => {
  const { commitment_feerate_perkw, ...same } = open;
  const funding_satoshis = openerSat + accepterSat;
  return {
    ...same,
    funding_satoshis,
    push_msat: accepterSat * 1000n,
    feerate_per_kw: commitment_feerate_perkw,
    channel_reserve_satoshis: reserveSat(funding_satoshis, open),
  };
};

export const firstAccept = (
  accept: Accept2Fields,
  { openerSat, accepterSat }: Contributed,
): AcceptFields => ({
  ...accept,
  channel_reserve_satoshis: reserveSat(openerSat + accepterSat, accept),
});

const reserveSat = (
  capacitySat: bigint,
  { dust_limit_satoshis }: Pick<Open2Fields, 'dust_limit_satoshis'>,
): bigint => {
  const hundredth = capacitySat / 100n;
  return hundredth > dust_limit_satoshis ? hundredth : dust_limit_satoshis;
};
