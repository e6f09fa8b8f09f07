import type { MessageTable } from './types.ts';

/** BOLT 2, Interactive Transaction Construction: dual funding, its fee bumps, and splices. */
export const bolt02InteractiveTx = {
  messages: {
    tx_add_input: {
      type: 66,
      data: {
        channel_id: 'channel_id',
        serial_id: 'u64',
        prevtx_len: 'u16',
        prevtx: 'prevtx_len*byte',
        prevtx_vout: 'u32',
        sequence: 'u32',
        tlvs: 'tx_add_input_tlvs',
      },
    },
    tx_add_output: {
      type: 67,
      data: {
        channel_id: 'channel_id',
        serial_id: 'u64',
        sats: 'u64',
        scriptlen: 'u16',
        script: 'scriptlen*byte',
      },
    },
    tx_remove_input: { type: 68, data: { channel_id: 'channel_id', serial_id: 'u64' } },
    tx_remove_output: { type: 69, data: { channel_id: 'channel_id', serial_id: 'u64' } },
    tx_complete: { type: 70, data: { channel_id: 'channel_id' } },
    tx_signatures: {
      type: 71,
      data: {
        channel_id: 'channel_id',
        txid: 'sha256',
        num_witnesses: 'u16',
        witnesses: 'num_witnesses*witness',
        tlvs: 'tx_signatures_tlvs',
      },
    },
    tx_init_rbf: {
      type: 72,
      data: { channel_id: 'channel_id', locktime: 'u32', feerate: 'u32', tlvs: 'tx_init_rbf_tlvs' },
    },
    tx_ack_rbf: { type: 73, data: { channel_id: 'channel_id', tlvs: 'tx_ack_rbf_tlvs' } },
    tx_abort: { type: 74, data: { channel_id: 'channel_id', len: 'u16', data: 'len*byte' } },
  },
  streams: {
    tx_add_input_tlvs: {
      shared_input_txid: { type: 0, data: { funding_txid: 'sha256' } },
    },
    tx_signatures_tlvs: {
      shared_input_signature: { type: 0, data: { signature: 'signature' } },
    },
    tx_init_rbf_tlvs: {
      funding_output_contribution: { type: 0, data: { satoshis: 's64' } },
      require_confirmed_inputs: { type: 2, data: {} },
    },
    tx_ack_rbf_tlvs: {
      funding_output_contribution: { type: 0, data: { satoshis: 's64' } },
      require_confirmed_inputs: { type: 2, data: {} },
    },
  },
  subtypes: {
    witness: { len: 'u16', witness_data: 'len*byte' },
  },
} as const satisfies MessageTable;
