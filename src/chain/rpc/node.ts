import { Amount } from '../json.ts';
import { INCREMENTAL_RELAY_SAT_PER_KVB, MIN_RELAY_SAT_PER_KVB } from '../regtest/policy.ts';
import type { RpcMethods } from './methods.ts';

/** Nodes read capabilities from the version: the one whose behaviour is followed. */
const VERSION = 290_000;

export const nodeMethods: RpcMethods = {
  getnetworkinfo: {
    params: [],
    run: () => ({
      version: VERSION,
      subversion: '/boltgrid-memory:29.0.0/',
      protocolversion: 70_016,
      localservices: '0000000000000c09',
      localservicesnames: ['NETWORK', 'WITNESS', 'NETWORK_LIMITED', 'P2P_V2'],
      localrelay: true,
      timeoffset: 0,
      networkactive: true,
      connections: 0,
      connections_in: 0,
      connections_out: 0,
      networks: [],
      relayfee: new Amount(MIN_RELAY_SAT_PER_KVB),
      incrementalfee: new Amount(INCREMENTAL_RELAY_SAT_PER_KVB),
      localaddresses: [],
      warnings: [],
    }),
  },
  /** Every transaction is found by its id, as with bitcoind's -txindex. */
  getindexinfo: {
    params: ['index_name'],
    run: (_, { regtest }) => ({ txindex: { synced: true, best_block_height: regtest.ledger.tip.height } }),
  },
  uptime: { params: [], run: (_, { startedAt }) => Math.max(0, Math.floor(Date.now() / 1000) - startedAt) },
};
