import type { Bolts } from '../../../wire/bolts.ts';
import { type FeatureName, hasFeature } from '../../../wire/features.ts';
import type { MessageFields } from '../../../wire/types.ts';
import type { Side } from '../update.ts';

export type OpenFields = MessageFields<Bolts, 'open_channel'>;
export type AcceptFields = MessageFields<Bolts, 'accept_channel'>;

/** What both sides know of each other before a channel is opened. */
export interface Negotiation {
  /** Of the chain that our node is on. */
  readonly chain_hash: Uint8Array;
  /** The bits of both `init`s. */
  readonly features: Readonly<Record<Side, ReadonlySet<number>>>;
  /** Every `temporary_channel_id` and `channel_id` that is in use with this peer. */
  readonly channelIds: readonly Uint8Array[];
}

export const isNegotiated = ({ features }: Pick<Negotiation, 'features'>, name: FeatureName): boolean =>
  hasFeature(features.local, name) && hasFeature(features.remote, name);
