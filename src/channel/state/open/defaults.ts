import { EMPTY } from '../../../core/bytes.ts';
import type { CommitmentFormat } from '../../transactions/types.ts';
import { channelType } from './channel-type.ts';
import { isNegotiated, type Negotiation } from './negotiation.ts';
import { LEAST_DUST_LIMIT_SATOSHIS, MOST_ACCEPTED_HTLCS } from './rules.ts';

/** What a side may choose for itself; the names are those of the messages. */
export interface SideChoices {
  readonly dust_limit_satoshis: bigint;
  readonly max_htlc_value_in_flight_msat: bigint;
  readonly channel_reserve_satoshis: bigint;
  readonly htlc_minimum_msat: bigint;
  readonly to_self_delay: number;
  readonly max_accepted_htlcs: number;
  /** Empty: it will be chosen when the channel is closed. */
  readonly upfront_shutdown_script: Uint8Array;
}

export interface OpenerChoices extends SideChoices {
  readonly push_msat: bigint;
  readonly feerate_per_kw: number;
  readonly announce: boolean;
  /** Feature bits: see `channelType`. */
  readonly channel_type: ReadonlySet<number>;
}

export interface AccepterChoices extends SideChoices {
  readonly minimum_depth: number;
}

/** What a usual peer would say: nothing of it stands in another's way. `otherDustLimit` is what the other side declared, if it has. */
const sideDefaults = (funding_satoshis: bigint, otherDustLimit = 0n): SideChoices => ({
  dust_limit_satoshis: LEAST_DUST_LIMIT_SATOSHIS,
  max_htlc_value_in_flight_msat: funding_satoshis * 1000n,
  channel_reserve_satoshis: greatest(funding_satoshis / 100n, LEAST_DUST_LIMIT_SATOSHIS, otherDustLimit),
  htlc_minimum_msat: 1n,
  to_self_delay: 144,
  max_accepted_htlcs: MOST_ACCEPTED_HTLCS,
  upfront_shutdown_script: EMPTY,
});

export const openerDefaults = (funding_satoshis: bigint, negotiation: Negotiation): OpenerChoices => ({
  ...sideDefaults(funding_satoshis),
  push_msat: 0n,
  feerate_per_kw: 2500,
  announce: true,
  channel_type: channelType(usualFormat(negotiation)),
});

export const accepterDefaults = (
  funding_satoshis: bigint,
  otherDustLimit: bigint,
  option_zeroconf: boolean,
): AccepterChoices => ({
  ...sideDefaults(funding_satoshis, otherDustLimit),
  minimum_depth: option_zeroconf ? 0 : 3,
});

const usualFormat = (negotiation: Negotiation): CommitmentFormat =>
  isNegotiated(negotiation, 'option_anchors') ? 'option_anchors' : 'option_static_remotekey';

const greatest = (first: bigint, ...more: readonly bigint[]): bigint =>
  more.reduce((a, b) => (a > b ? a : b), first);
