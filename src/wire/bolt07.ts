import type { MessageTable } from './types.ts';

/** BOLT 7: gossip and its queries. */
export const bolt07 = {
  messages: {
    announcement_signatures: {
      type: 259,
      data: {
        channel_id: 'channel_id',
        short_channel_id: 'short_channel_id',
        node_signature: 'signature',
        bitcoin_signature: 'signature',
      },
    },
    channel_announcement: {
      type: 256,
      data: {
        node_signature_1: 'signature',
        node_signature_2: 'signature',
        bitcoin_signature_1: 'signature',
        bitcoin_signature_2: 'signature',
        len: 'u16',
        features: 'len*byte',
        chain_hash: 'chain_hash',
        short_channel_id: 'short_channel_id',
        node_id_1: 'point',
        node_id_2: 'point',
        bitcoin_key_1: 'point',
        bitcoin_key_2: 'point',
      },
    },
    node_announcement: {
      type: 257,
      data: {
        signature: 'signature',
        flen: 'u16',
        features: 'flen*byte',
        timestamp: 'u32',
        node_id: 'point',
        rgb_color: '3*byte',
        alias: '32*byte',
        addrlen: 'u16',
        addresses: 'addrlen*byte',
      },
    },
    channel_update: {
      type: 258,
      data: {
        signature: 'signature',
        chain_hash: 'chain_hash',
        short_channel_id: 'short_channel_id',
        timestamp: 'u32',
        message_flags: 'byte',
        channel_flags: 'byte',
        cltv_expiry_delta: 'u16',
        htlc_minimum_msat: 'u64',
        fee_base_msat: 'u32',
        fee_proportional_millionths: 'u32',
        htlc_maximum_msat: 'u64',
      },
    },
    query_short_channel_ids: {
      type: 261,
      data: {
        chain_hash: 'chain_hash',
        len: 'u16',
        encoded_short_ids: 'len*byte',
        tlvs: 'query_short_channel_ids_tlvs',
      },
    },
    reply_short_channel_ids_end: { type: 262, data: { chain_hash: 'chain_hash', full_information: 'byte' } },
    query_channel_range: {
      type: 263,
      data: {
        chain_hash: 'chain_hash',
        first_blocknum: 'u32',
        number_of_blocks: 'u32',
        tlvs: 'query_channel_range_tlvs',
      },
    },
    reply_channel_range: {
      type: 264,
      data: {
        chain_hash: 'chain_hash',
        first_blocknum: 'u32',
        number_of_blocks: 'u32',
        sync_complete: 'byte',
        len: 'u16',
        encoded_short_ids: 'len*byte',
        tlvs: 'reply_channel_range_tlvs',
      },
    },
    gossip_timestamp_filter: {
      type: 265,
      data: { chain_hash: 'chain_hash', first_timestamp: 'u32', timestamp_range: 'u32' },
    },
  },
  streams: {
    query_short_channel_ids_tlvs: {
      query_flags: { type: 1, data: { encoding_type: 'byte', encoded_query_flags: '...*byte' } },
    },
    query_channel_range_tlvs: {
      query_option: { type: 1, data: { query_option_flags: 'bigsize' } },
    },
    reply_channel_range_tlvs: {
      timestamps_tlv: { type: 1, data: { encoding_type: 'byte', encoded_timestamps: '...*byte' } },
      checksums_tlv: { type: 3, data: { checksums: '...*channel_update_checksums' } },
    },
  },
  subtypes: {
    channel_update_timestamps: { timestamp_node_id_1: 'u32', timestamp_node_id_2: 'u32' },
    channel_update_checksums: { checksum_node_id_1: 'u32', checksum_node_id_2: 'u32' },
  },
} as const satisfies MessageTable;
