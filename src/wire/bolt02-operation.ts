import type { MessageTable } from './types.ts';

/** BOLT 2, Normal Operation and Message Retransmission. */
export const bolt02Operation = {
  messages: {
    update_add_htlc: {
      type: 128,
      data: {
        channel_id: 'channel_id',
        id: 'u64',
        amount_msat: 'u64',
        payment_hash: 'sha256',
        cltv_expiry: 'u32',
        onion_routing_packet: '1366*byte',
        tlvs: 'update_add_htlc_tlvs',
      },
    },
    update_fulfill_htlc: {
      type: 130,
      data: {
        channel_id: 'channel_id',
        id: 'u64',
        payment_preimage: '32*byte',
        tlvs: 'update_fulfill_htlc_tlvs',
      },
    },
    update_fail_htlc: {
      type: 131,
      data: {
        channel_id: 'channel_id',
        id: 'u64',
        len: 'u16',
        reason: 'len*byte',
        tlvs: 'update_fail_htlc_tlvs',
      },
    },
    update_fail_malformed_htlc: {
      type: 135,
      data: { channel_id: 'channel_id', id: 'u64', sha256_of_onion: 'sha256', failure_code: 'u16' },
    },
    start_batch: {
      type: 127,
      data: { channel_id: 'channel_id', batch_size: 'u16', tlvs: 'start_batch_tlvs' },
    },
    commitment_signed: {
      type: 132,
      data: {
        channel_id: 'channel_id',
        signature: 'signature',
        num_htlcs: 'u16',
        htlc_signature: 'num_htlcs*signature',
        tlvs: 'commitment_signed_tlvs',
      },
    },
    revoke_and_ack: {
      type: 133,
      data: {
        channel_id: 'channel_id',
        per_commitment_secret: '32*byte',
        next_per_commitment_point: 'point',
      },
    },
    update_fee: { type: 134, data: { channel_id: 'channel_id', feerate_per_kw: 'u32' } },
    channel_reestablish: {
      type: 136,
      data: {
        channel_id: 'channel_id',
        next_commitment_number: 'u64',
        next_revocation_number: 'u64',
        your_last_per_commitment_secret: '32*byte',
        my_current_per_commitment_point: 'point',
        tlvs: 'channel_reestablish_tlvs',
      },
    },
  },
  streams: {
    update_add_htlc_tlvs: {
      blinded_path: { type: 0, data: { path_key: 'point' } },
    },
    update_fulfill_htlc_tlvs: {
      attribution_data: { type: 1, data: { htlc_hold_times: '20*u32', truncated_hmacs: '210*sha256[..4]' } },
    },
    update_fail_htlc_tlvs: {
      attribution_data: { type: 1, data: { htlc_hold_times: '20*u32', truncated_hmacs: '210*sha256[..4]' } },
    },
    start_batch_tlvs: {
      message_type: { type: 1, data: { message_type: 'u16' } },
    },
    commitment_signed_tlvs: {
      funding_txid: { type: 1, data: { funding_txid: 'sha256' } },
    },
    channel_reestablish_tlvs: {
      next_funding: { type: 1, data: { next_funding_txid: 'sha256', retransmit_flags: 'byte' } },
      my_current_funding_locked: {
        type: 5,
        data: { my_current_funding_locked_txid: 'sha256', retransmit_flags: 'byte' },
      },
    },
  },
  subtypes: {},
} as const satisfies MessageTable;
