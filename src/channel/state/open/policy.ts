import type { RequirementId } from '../../../spec/requirement.ts';
import { typeHas } from './channel-type.ts';
import type { AcceptFields, OpenFields } from './negotiation.ts';
import { announces } from './open-rules.ts';
import { typeBitmap, typeBits } from './rules.ts';

interface Bounds {
  readonly atLeast?: bigint | number;
  readonly atMost?: bigint | number;
}

/** What a node finds unreasonable: BOLT 2 lets each choose, so nothing of this is a fault of the peer. What is left out is not looked at. */
export interface OpenPolicy {
  readonly bounds?: Readonly<Partial<Record<keyof typeof BOUNDED, Bounds>>>;
  /** Only channels that will be announced. */
  readonly wantsAnnounced?: boolean;
  /** Not to double-spend the funding transaction of a channel with `option_zeroconf`. */
  readonly trustsOpener?: boolean;
}

/** A reason to fail the channel. */
export interface Refusal {
  /** What allows it, or calls for it. */
  readonly requirement: RequirementId;
  readonly field: string;
  readonly limit: unknown;
  readonly got: unknown;
}

const BOUNDED = {
  funding_satoshis: 'bolt02-open-channel-29',
  htlc_minimum_msat: 'bolt02-open-channel-30',
  max_htlc_value_in_flight_msat: 'bolt02-open-channel-31',
  channel_reserve_satoshis: 'bolt02-open-channel-32',
  max_accepted_htlcs: 'bolt02-open-channel-33',
  dust_limit_satoshis: 'bolt02-open-channel-34',
  to_self_delay: 'bolt02-open-channel-37',
  feerate_per_kw: 'bolt02-open-channel-39',
  minimum_depth: 'bolt02-accept-channel-07',
} as const;

/** Of an `open_channel` that has no faults. */
export function refusalsOfOpen(policy: OpenPolicy, open: OpenFields): readonly Refusal[] {
  const refusals = outOfBounds(policy, open);
  if (policy.wantsAnnounced && !announces(open))
    refusals.push({
      requirement: 'bolt02-open-channel-28',
      field: 'channel_flags',
      limit: 'announce_channel',
      got: open.channel_flags,
    });
  if (policy.trustsOpener === false && typeHas(typeBits(open), 'option_zeroconf'))
    refusals.push({
      requirement: 'bolt02-open-channel-47',
      field: 'channel_type',
      limit: 'no option_zeroconf',
      got: typeBitmap(open),
    });
  return refusals;
}

/** Of an `accept_channel` that has no faults. */
export const refusalsOfAccept = (policy: OpenPolicy, accept: AcceptFields): readonly Refusal[] =>
  outOfBounds(policy, accept);

function outOfBounds({ bounds = {} }: OpenPolicy, fields: OpenFields | AcceptFields): Refusal[] {
  const values: Readonly<Record<string, unknown>> = fields;
  return (Object.keys(BOUNDED) as (keyof typeof BOUNDED)[]).flatMap((field): Refusal[] => {
    const got = values[field];
    const { atLeast, atMost } = bounds[field] ?? {};
    if (typeof got !== 'number' && typeof got !== 'bigint') return [];
    const requirement = BOUNDED[field];
    if (atLeast !== undefined && got < atLeast) return [{ requirement, field, limit: { atLeast }, got }];
    if (atMost !== undefined && got > atMost) return [{ requirement, field, limit: { atMost }, got }];
    return [];
  });
}
