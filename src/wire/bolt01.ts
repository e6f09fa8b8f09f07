import type { MessageTable } from './types.ts';

/** BOLT 1: base protocol. */
export const bolt01 = {
  messages: {
    init: {
      type: 16,
      data: {
        gflen: 'u16',
        globalfeatures: 'gflen*byte',
        flen: 'u16',
        features: 'flen*byte',
        tlvs: 'init_tlvs',
      },
    },
    error: { type: 17, data: { channel_id: 'channel_id', len: 'u16', data: 'len*byte' } },
    warning: { type: 1, data: { channel_id: 'channel_id', len: 'u16', data: 'len*byte' } },
    ping: { type: 18, data: { num_pong_bytes: 'u16', byteslen: 'u16', ignored: 'byteslen*byte' } },
    pong: { type: 19, data: { byteslen: 'u16', ignored: 'byteslen*byte' } },
    peer_storage: { type: 7, data: { length: 'u16', blob: 'length*byte' } },
    peer_storage_retrieval: { type: 9, data: { length: 'u16', blob: 'length*byte' } },
  },
  streams: {
    init_tlvs: {
      networks: { type: 1, data: { chains: '...*chain_hash' } },
      remote_addr: { type: 3, data: { data: '...*byte' } },
    },
  },
  subtypes: {},
} as const satisfies MessageTable;
