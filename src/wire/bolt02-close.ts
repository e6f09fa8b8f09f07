import type { MessageTable } from './types.ts';

/** BOLT 2, Channel Close: shutdown, both fee negotiations. */
export const bolt02Close = {
  messages: {
    shutdown: { type: 38, data: { channel_id: 'channel_id', len: 'u16', scriptpubkey: 'len*byte' } },
    closing_complete: {
      type: 40,
      data: {
        channel_id: 'channel_id',
        closer_scriptpubkey_len: 'u16',
        closer_scriptpubkey: 'closer_scriptpubkey_len*byte',
        closee_scriptpubkey_len: 'u16',
        closee_scriptpubkey: 'closee_scriptpubkey_len*byte',
        fee_satoshis: 'u64',
        locktime: 'u32',
        tlvs: 'closing_tlvs',
      },
    },
    closing_sig: {
      type: 41,
      data: {
        channel_id: 'channel_id',
        closer_scriptpubkey_len: 'u16',
        closer_scriptpubkey: 'closer_scriptpubkey_len*byte',
        closee_scriptpubkey_len: 'u16',
        closee_scriptpubkey: 'closee_scriptpubkey_len*byte',
        fee_satoshis: 'u64',
        locktime: 'u32',
        tlvs: 'closing_tlvs',
      },
    },
    closing_signed: {
      type: 39,
      data: {
        channel_id: 'channel_id',
        fee_satoshis: 'u64',
        signature: 'signature',
        tlvs: 'closing_signed_tlvs',
      },
    },
  },
  streams: {
    closing_tlvs: {
      closer_output_only: { type: 1, data: { sig: 'signature' } },
      closee_output_only: { type: 2, data: { sig: 'signature' } },
      closer_and_closee_outputs: { type: 3, data: { sig: 'signature' } },
    },
    closing_signed_tlvs: {
      fee_range: { type: 1, data: { min_fee_satoshis: 'u64', max_fee_satoshis: 'u64' } },
    },
  },
  subtypes: {},
} as const satisfies MessageTable;
