import type { MessageTable } from './types.ts';

/** BOLT 2, Channel Quiescence and Channel Splicing. */
export const bolt02Splice = {
  messages: {
    stfu: { type: 2, data: { channel_id: 'channel_id', initiator: 'u8' } },
    splice_init: {
      type: 80,
      data: {
        channel_id: 'channel_id',
        funding_contribution_satoshis: 's64',
        funding_feerate_perkw: 'u32',
        locktime: 'u32',
        funding_pubkey: 'point',
        tlvs: 'splice_init_tlvs',
      },
    },
    splice_ack: {
      type: 81,
      data: {
        channel_id: 'channel_id',
        funding_contribution_satoshis: 's64',
        funding_pubkey: 'point',
        tlvs: 'splice_ack_tlvs',
      },
    },
    splice_locked: { type: 77, data: { channel_id: 'channel_id', splice_txid: 'sha256' } },
  },
  streams: {
    splice_init_tlvs: {
      require_confirmed_inputs: { type: 2, data: {} },
    },
    splice_ack_tlvs: {
      require_confirmed_inputs: { type: 2, data: {} },
    },
  },
  subtypes: {},
} as const satisfies MessageTable;
