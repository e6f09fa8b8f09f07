import type { MessageTable } from './types.ts';

/** BOLT 4: onion messages, and the TLV streams within onions and blinded paths. */
export const bolt04 = {
  messages: {
    onion_message: { type: 513, data: { path_key: 'point', len: 'u16', onion_message_packet: 'len*byte' } },
  },
  streams: {
    payload: {
      amt_to_forward: { type: 2, data: { amt_to_forward: 'tu64' } },
      outgoing_cltv_value: { type: 4, data: { outgoing_cltv_value: 'tu32' } },
      short_channel_id: { type: 6, data: { short_channel_id: 'short_channel_id' } },
      payment_data: { type: 8, data: { payment_secret: '32*byte', total_msat: 'tu64' } },
      encrypted_recipient_data: { type: 10, data: { encrypted_recipient_data: '...*byte' } },
      current_path_key: { type: 12, data: { path_key: 'point' } },
      payment_metadata: { type: 16, data: { payment_metadata: '...*byte' } },
      total_amount_msat: { type: 18, data: { total_msat: 'tu64' } },
    },
    encrypted_data_tlv: {
      padding: { type: 1, data: { padding: '...*byte' } },
      short_channel_id: { type: 2, data: { short_channel_id: 'short_channel_id' } },
      next_node_id: { type: 4, data: { node_id: 'point' } },
      path_id: { type: 6, data: { data: '...*byte' } },
      next_path_key_override: { type: 8, data: { path_key: 'point' } },
      payment_relay: {
        type: 10,
        data: { cltv_expiry_delta: 'u16', fee_proportional_millionths: 'u32', fee_base_msat: 'tu32' },
      },
      payment_constraints: { type: 12, data: { max_cltv_expiry: 'u32', htlc_minimum_msat: 'tu64' } },
      allowed_features: { type: 14, data: { features: '...*byte' } },
    },
    onionmsg_tlv: {
      reply_path: { type: 2, data: { path: 'blinded_path' } },
      encrypted_recipient_data: { type: 4, data: { encrypted_recipient_data: '...*byte' } },
      invoice_request: { type: 64, data: { invreq: 'tlv_invoice_request' } },
      invoice: { type: 66, data: { inv: 'tlv_invoice' } },
      invoice_error: { type: 68, data: { inverr: 'tlv_invoice_error' } },
    },
  },
  subtypes: {
    blinded_path: {
      first_node_id: 'sciddir_or_pubkey',
      first_path_key: 'point',
      num_hops: 'byte',
      path: 'num_hops*blinded_path_hop',
    },
    blinded_path_hop: { blinded_node_id: 'point', enclen: 'u16', encrypted_recipient_data: 'enclen*byte' },
  },
} as const satisfies MessageTable;
