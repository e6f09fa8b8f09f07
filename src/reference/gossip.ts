import { concat, EMPTY } from '../core/bytes.ts';
import { defaultCrypto } from '../crypto/crypto.ts';
import { bolts } from '../wire/bolts.ts';
import { encodeMessage } from '../wire/codec.ts';
import type { GossipRules } from './rules/gossip.ts';
import { encodeFeatures } from '../wire/features.ts';

/** The gossip that the node has made: one announced channel of its own, with a partner that never appears. */
export interface OwnGossip {
  readonly chainHash: Uint8Array;
  readonly shortChannelId: string;
  readonly channelAnnouncement: Uint8Array;
  readonly channelUpdate: Uint8Array;
  /** Which end of the channel the node is: 0 for `node_id_1`. */
  readonly direction: 0 | 1;
  readonly nodeAnnouncement: Uint8Array;
  /** Of the channel_update, and so of the channel_announcement (BOLT 7). UNIX seconds, as the other. */
  readonly channelTimestamp: number;
  readonly nodeTimestamp: number;
}

export interface GossipKeys {
  readonly node: Uint8Array;
  readonly funding: Uint8Array;
  readonly partner: Uint8Array;
  readonly partnerFunding: Uint8Array;
}

export interface NodeLook {
  /** At most 32 bytes of UTF-8. */
  readonly alias: string;
  /** Three bytes in hex. */
  readonly color: string;
}

const SIGNATURE_BYTES = 64;
const NO_SIGNATURE = new Uint8Array(SIGNATURE_BYTES);
const SHORT_CHANNEL_ID = '100x1x0';
const CAPACITY_MSAT = 1_000_000_000n;

/** Announces the channel and the node. `features` are the bits that the node supports. */
export function makeGossip(
  keys: GossipKeys,
  look: NodeLook,
  {
    features,
    chainHash,
    timestamp,
    rules,
  }: {
    readonly features: ReadonlySet<number>;
    readonly chainHash: Uint8Array;
    readonly timestamp: number;
    readonly rules: GossipRules;
  },
): OwnGossip {
  const publicKey = (key: Uint8Array): Uint8Array => defaultCrypto.curve.publicKey(key);
  const direction = Buffer.compare(publicKey(keys.node), publicKey(keys.partner)) < 0 ? 0 : 1;
  const ours = { node: keys.node, funding: keys.funding };
  const theirs = { node: keys.partner, funding: keys.partnerFunding };
  const [first, second] = direction === 0 ? [ours, theirs] : [theirs, ours];
  const channelAnnouncement = signed(
    encodeMessage(bolts, 'channel_announcement', {
      node_signature_1: NO_SIGNATURE,
      node_signature_2: NO_SIGNATURE,
      bitcoin_signature_1: NO_SIGNATURE,
      bitcoin_signature_2: NO_SIGNATURE,
      features: encodeFeatures(rules.channelFeatures(features)),
      chain_hash: chainHash,
      short_channel_id: SHORT_CHANNEL_ID,
      node_id_1: publicKey(first.node),
      node_id_2: publicKey(second.node),
      bitcoin_key_1: publicKey(first.funding),
      bitcoin_key_2: publicKey(second.funding),
    }),
    [first.node, second.node, first.funding, second.funding],
  );
  const channelUpdate = signed(
    encodeMessage(bolts, 'channel_update', {
      signature: NO_SIGNATURE,
      chain_hash: chainHash,
      short_channel_id: SHORT_CHANNEL_ID,
      timestamp,
      message_flags: 1,
      channel_flags: direction,
      cltv_expiry_delta: 40,
      htlc_minimum_msat: 1n,
      fee_base_msat: 1000,
      fee_proportional_millionths: 10,
      htlc_maximum_msat: CAPACITY_MSAT,
    }),
    [keys.node],
  );
  return {
    chainHash,
    shortChannelId: SHORT_CHANNEL_ID,
    channelAnnouncement,
    channelUpdate,
    direction,
    nodeAnnouncement: announceNode(keys.node, look, { features, timestamp, rules }),
    channelTimestamp: timestamp,
    nodeTimestamp: timestamp,
  };
}

/** The same channel, and a newer node_announcement with another look. */
export function lookAnew(
  gossip: OwnGossip,
  nodeKey: Uint8Array,
  look: NodeLook,
  {
    features,
    now,
    rules,
  }: { readonly features: ReadonlySet<number>; readonly now: number; readonly rules: GossipRules },
): OwnGossip {
  const timestamp = Math.max(now, gossip.nodeTimestamp + 1);
  const nodeAnnouncement = announceNode(nodeKey, look, { features, timestamp, rules });
  return { ...gossip, nodeAnnouncement, nodeTimestamp: timestamp };
}

function announceNode(
  nodeKey: Uint8Array,
  { alias, color }: NodeLook,
  {
    features,
    timestamp,
    rules,
  }: {
    readonly features: ReadonlySet<number>;
    readonly timestamp: number;
    readonly rules: GossipRules;
  },
): Uint8Array {
  const aliasBytes = new Uint8Array(32);
  aliasBytes.set(Buffer.from(alias, 'utf8').subarray(0, 32));
  const message = encodeMessage(bolts, 'node_announcement', {
    signature: NO_SIGNATURE,
    features: encodeFeatures(rules.nodeFeatures(features)),
    timestamp,
    node_id: defaultCrypto.curve.publicKey(nodeKey),
    rgb_color: Uint8Array.from(Buffer.from(color, 'hex')),
    alias: aliasBytes,
    addresses: EMPTY,
  });
  return signed(message, [nodeKey]);
}

/** BOLT 7: signatures come first, over the double SHA-256 of what follows them. */
function signed(message: Uint8Array, keys: readonly Uint8Array[]): Uint8Array {
  const { curve, hashes } = defaultCrypto;
  const rest = message.subarray(2 + keys.length * SIGNATURE_BYTES);
  const hash = hashes.sha256(hashes.sha256(rest));
  return concat(message.subarray(0, 2), ...keys.map((key) => curve.sign(hash, key)), rest);
}
