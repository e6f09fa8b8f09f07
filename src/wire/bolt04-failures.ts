import type { MessageTable } from './types.ts';

/** BOLT 4, Failure Messages: a failure code, where a message has its type, and data. */
export const bolt04Failures = {
  messages: {
    temporary_node_failure: { type: 0x2002, data: {} },
    permanent_node_failure: { type: 0x6002, data: {} },
    required_node_feature_missing: { type: 0x6003, data: {} },
    invalid_onion_version: { type: 0xc004, data: { sha256_of_onion: 'sha256' } },
    invalid_onion_hmac: { type: 0xc005, data: { sha256_of_onion: 'sha256' } },
    invalid_onion_key: { type: 0xc006, data: { sha256_of_onion: 'sha256' } },
    temporary_channel_failure: { type: 0x1007, data: { len: 'u16', channel_update: 'len*byte' } },
    permanent_channel_failure: { type: 0x4008, data: {} },
    required_channel_feature_missing: { type: 0x4009, data: {} },
    unknown_next_peer: { type: 0x400a, data: {} },
    amount_below_minimum: {
      type: 0x100b,
      data: { htlc_msat: 'u64', len: 'u16', channel_update: 'len*byte' },
    },
    fee_insufficient: { type: 0x100c, data: { htlc_msat: 'u64', len: 'u16', channel_update: 'len*byte' } },
    incorrect_cltv_expiry: {
      type: 0x100d,
      data: { cltv_expiry: 'u32', len: 'u16', channel_update: 'len*byte' },
    },
    expiry_too_soon: { type: 0x100e, data: { len: 'u16', channel_update: 'len*byte' } },
    incorrect_or_unknown_payment_details: { type: 0x400f, data: { htlc_msat: 'u64', height: 'u32' } },
    final_incorrect_cltv_expiry: { type: 0x0012, data: { cltv_expiry: 'u32' } },
    final_incorrect_htlc_amount: { type: 0x0013, data: { incoming_htlc_amt: 'u64' } },
    channel_disabled: {
      type: 0x1014,
      data: { disabled_flags: 'u16', len: 'u16', channel_update: 'len*byte' },
    },
    expiry_too_far: { type: 0x0015, data: {} },
    invalid_onion_payload: { type: 0x4016, data: { type: 'bigsize', offset: 'u16' } },
    mpp_timeout: { type: 0x0017, data: {} },
    invalid_onion_blinding: { type: 0xc018, data: { sha256_of_onion: 'sha256' } },
  },
  streams: {},
  subtypes: {},
} as const satisfies MessageTable;
