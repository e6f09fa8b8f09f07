import { concat, EMPTY, equalBytes } from '../../core/bytes.ts';
import { bolts } from '../../wire/bolts.ts';
import type { Bolts } from '../../wire/bolts.ts';
import { encodeMessage } from '../../wire/codec.ts';
import { featureOfBit, FEATURES } from '../../wire/features.ts';
import { formatShortChannelId, parseShortChannelId } from '../../wire/short-channel-id.ts';
import type { MessageFields } from '../../wire/types.ts';
import type { OwnGossip } from '../gossip.ts';
import type { Action, Situation } from '../situation.ts';
import { IGNORE, send } from '../situation.ts';
import type { KnownBoltMessage } from './messages.ts';

type Fields<N extends 'gossip_timestamp_filter' | 'query_short_channel_ids' | 'query_channel_range'> =
  MessageFields<Bolts, N>;

/** BOLT 7, as far as what the node says of itself can be asked for. What peers announce is heard and not kept. */
export interface GossipRules {
  /** Of the features that it supports, those that BOLT 9 presents in node_announcement (bolt09-features-01 to -06). */
  nodeFeatures(features: ReadonlySet<number>): Iterable<number>;
  /** Those of channel_announcement: of today's features, none (bolt09-features-04). */
  channelFeatures(features: ReadonlySet<number>): Iterable<number>;
  /** An announcement or a reply of the peer: nothing is kept, so nothing can be relayed (bolt07-query-02). */
  heard(message: KnownBoltMessage, situation: Situation): readonly Action[];
  /** Its gossip within the asked time, at once, the channel before the node (bolt07-gossip-timestamp-filter-03, -09 to -11). */
  filter(filter: Fields<'gossip_timestamp_filter'>, situation: Situation): readonly Action[];
  /** What is asked of known channels, then `reply_short_channel_ids_end` (bolt07-query-short-channel-ids-21 to -33). */
  queryIds(query: Fields<'query_short_channel_ids'>, situation: Situation): readonly Action[];
  /** One reply for the whole range (bolt07-query-channel-range-09 to -18). */
  queryRange(query: Fields<'query_channel_range'>, situation: Situation): readonly Action[];
}

export const GOSSIP_RULES: GossipRules = {
  nodeFeatures: (features) => bitsInContext(features, ['N']),
  channelFeatures: (features) => bitsInContext(features, ['C', 'C-', 'C+']),
  heard: () => IGNORE,
  filter: ({ chain_hash, first_timestamp, timestamp_range }, { node: { gossip } }) => {
    if (!equalBytes(chain_hash, gossip.chainHash)) return IGNORE;
    const within = (timestamp: number): boolean =>
      timestamp >= first_timestamp && timestamp < first_timestamp + timestamp_range;
    return send(
      ...(within(gossip.channelTimestamp) ? [gossip.channelAnnouncement, gossip.channelUpdate] : []),
      ...(within(gossip.nodeTimestamp) ? [gossip.nodeAnnouncement] : []),
    );
  },
  queryIds: (query, { node: { gossip } }) => {
    const known = equalBytes(query.chain_hash, gossip.chainHash);
    const asked = known ? askedIds(query.encoded_short_ids).indexOf(gossip.shortChannelId) : -1;
    const flags = query.tlvs.query_flags?.encoded_query_flags[asked] ?? EVERYTHING;
    return send(
      ...(asked < 0 ? [] : requested(gossip, flags)),
      encodeMessage(bolts, 'reply_short_channel_ids_end', {
        chain_hash: query.chain_hash,
        full_information: known ? 1 : 0,
      }),
    );
  },
  queryRange: ({ chain_hash, first_blocknum, number_of_blocks }, { node: { gossip } }) => {
    const id = parseShortChannelId(gossip.shortChannelId);
    const block = Number(id >> 40n);
    const inRange =
      equalBytes(chain_hash, gossip.chainHash) &&
      block >= first_blocknum &&
      block < first_blocknum + number_of_blocks;
    return send(
      encodeMessage(bolts, 'reply_channel_range', {
        chain_hash,
        first_blocknum,
        number_of_blocks,
        sync_complete: 1,
        encoded_short_ids: concat(UNCOMPRESSED, inRange ? idBytes(id) : EMPTY),
        tlvs: {},
      }),
    );
  },
};

/** BOLT 7, "Query Messages": encoding type 0. */
const UNCOMPRESSED = Uint8Array.of(0);
const ID_BYTES = 8;

const EVERYTHING = 0b11111;

/** By the bits of `query_flags`. The partner of our channel has announced nothing. */
function requested(gossip: OwnGossip, flags: number): Uint8Array[] {
  const asks = (bit: number): boolean => ((flags >> bit) & 1) === 1;
  return [
    ...(asks(0) ? [gossip.channelAnnouncement] : []),
    ...(asks(1 + gossip.direction) ? [gossip.channelUpdate] : []),
    ...(asks(3 + gossip.direction) ? [gossip.nodeAnnouncement] : []),
  ];
}

function bitsInContext(features: ReadonlySet<number>, contexts: readonly string[]): number[] {
  return [...features].filter((bit) => {
    const name = featureOfBit(bit);
    return name !== undefined && FEATURES[name].contexts.some((context) => contexts.includes(context));
  });
}

/** None where the encoding is not known or cuts an id short. */
function askedIds(encoded: Uint8Array): string[] {
  if (encoded[0] !== UNCOMPRESSED[0] || encoded.length % ID_BYTES !== 1) return [];
  const view = new DataView(encoded.buffer, encoded.byteOffset, encoded.byteLength);
  return Array.from({ length: (encoded.length - 1) / ID_BYTES }, (_, i) =>
    formatShortChannelId(view.getBigUint64(1 + i * ID_BYTES)),
  );
}

function idBytes(id: bigint): Uint8Array {
  const bytes = new Uint8Array(ID_BYTES);
  new DataView(bytes.buffer).setBigUint64(0, id);
  return bytes;
}
