import {
  bolts,
  defaultCrypto,
  encodeMessage,
  EMPTY,
  type Bolts,
  type MessageFields,
  type MessageName,
} from 'boltgrid';
import { REGTEST } from './_peers.ts';

/** A point, a signature and an onion that are well-formed and mean nothing. */
const POINT = defaultCrypto.curve.publicKey(new Uint8Array(32).fill(7));
const SIGNATURE = new Uint8Array(64).fill(1);
const HASH = new Uint8Array(32).fill(3);

type Fields<N extends MessageName<Bolts>> = MessageFields<Bolts, N>;

/** Messages of types 32 to 255 that are about a channel, complete and readable. `id` stands for a channel that does not exist. */
export const channelMessages = (id: Uint8Array) =>
  ({
    funding_created: encode('funding_created', {
      temporary_channel_id: id,
      funding_txid: HASH,
      funding_output_index: 0,
      signature: SIGNATURE,
    }),
    funding_signed: encode('funding_signed', { channel_id: id, signature: SIGNATURE }),
    channel_ready: encode('channel_ready', { channel_id: id, second_per_commitment_point: POINT, tlvs: {} }),
    shutdown: encode('shutdown', {
      channel_id: id,
      scriptpubkey: Uint8Array.of(0, 20, ...new Uint8Array(20)),
    }),
    closing_signed: encode('closing_signed', {
      channel_id: id,
      fee_satoshis: 500n,
      signature: SIGNATURE,
      tlvs: {},
    }),
    update_add_htlc: encode('update_add_htlc', {
      channel_id: id,
      id: 0n,
      amount_msat: 1_000_000n,
      payment_hash: HASH,
      cltv_expiry: 500,
      onion_routing_packet: Uint8Array.of(0, ...POINT, ...new Uint8Array(1_332)),
      tlvs: {},
    }),
    update_fulfill_htlc: encode('update_fulfill_htlc', {
      channel_id: id,
      id: 0n,
      payment_preimage: HASH,
      tlvs: {},
    }),
    update_fail_htlc: encode('update_fail_htlc', {
      channel_id: id,
      id: 0n,
      reason: new Uint8Array(292),
      tlvs: {},
    }),
    update_fail_malformed_htlc: encode('update_fail_malformed_htlc', {
      channel_id: id,
      id: 0n,
      sha256_of_onion: HASH,
      failure_code: 0xc005,
    }),
    commitment_signed: encode('commitment_signed', {
      channel_id: id,
      signature: SIGNATURE,
      htlc_signature: [],
      tlvs: {},
    }),
    revoke_and_ack: encode('revoke_and_ack', {
      channel_id: id,
      per_commitment_secret: HASH,
      next_per_commitment_point: POINT,
    }),
    update_fee: encode('update_fee', { channel_id: id, feerate_per_kw: 253 }),
  }) satisfies Partial<Record<MessageName<Bolts>, Uint8Array>>;

/** Messages that need no channel. */
export const otherMessages = {
  ping: encode('ping', { num_pong_bytes: 5, ignored: new Uint8Array(8) }),
  pong: encode('pong', { ignored: new Uint8Array(8) }),
  error: encode('error', { channel_id: HASH, data: new Uint8Array(8) }),
  warning: encode('warning', { channel_id: HASH, data: new Uint8Array(8) }),
};

export const queryMessages = {
  query_short_channel_ids: encode('query_short_channel_ids', {
    chain_hash: REGTEST,
    encoded_short_ids: Uint8Array.of(0, ...new Uint8Array(8)),
    tlvs: {},
  }),
  reply_short_channel_ids_end: encode('reply_short_channel_ids_end', {
    chain_hash: REGTEST,
    full_information: 1,
  }),
  query_channel_range: encode('query_channel_range', {
    chain_hash: REGTEST,
    first_blocknum: 0,
    number_of_blocks: 1,
    tlvs: {},
  }),
  gossip_timestamp_filter: encode('gossip_timestamp_filter', {
    chain_hash: REGTEST,
    first_timestamp: 0,
    timestamp_range: 0,
  }),
};

export const announcements = {
  channel_announcement: encode('channel_announcement', {
    node_signature_1: SIGNATURE,
    node_signature_2: SIGNATURE,
    bitcoin_signature_1: SIGNATURE,
    bitcoin_signature_2: SIGNATURE,
    features: EMPTY,
    chain_hash: REGTEST,
    short_channel_id: '1x1x0',
    node_id_1: POINT,
    node_id_2: POINT,
    bitcoin_key_1: POINT,
    bitcoin_key_2: POINT,
  }),
  node_announcement: encode('node_announcement', {
    signature: SIGNATURE,
    features: EMPTY,
    timestamp: 1,
    node_id: POINT,
    rgb_color: new Uint8Array(3),
    alias: new Uint8Array(32),
    addresses: EMPTY,
  }),
  channel_update: encode('channel_update', {
    signature: SIGNATURE,
    chain_hash: REGTEST,
    short_channel_id: '1x1x0',
    timestamp: 1,
    message_flags: 1,
    channel_flags: 0,
    cltv_expiry_delta: 40,
    htlc_minimum_msat: 1n,
    fee_base_msat: 1,
    fee_proportional_millionths: 1,
    htlc_maximum_msat: 1_000n,
  }),
};

function encode<N extends MessageName<Bolts>>(name: N, fields: Fields<N>): Uint8Array {
  return encodeMessage(bolts, name, fields);
}
