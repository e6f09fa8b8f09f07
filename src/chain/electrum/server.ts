import { createServer, type Server, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';
import { ChainFollower } from '../bitcoind/follower.ts';
import type { RpcEndpoint } from '../chain.ts';
import type { FeeSource } from '../fees.ts';
import { RpcClient } from '../rpc-client.ts';
import { ScriptIndex } from './script-index.ts';
import { ElectrumSession } from './session.ts';

export interface ElectrumOptions {
  /** Of a regtest bitcoind or the memory chain. */
  readonly rpc: RpcEndpoint;
  /** An address of this machine. */
  readonly host: string;
  /** A free one when not given. */
  readonly port?: number;
}

export interface ElectrumServer {
  readonly endpoint: { readonly host: string; readonly port: number };
  /** What wallets are told from now on, whatever the number of blocks they ask for; 2 sat/vB at first. */
  setFeerate(satPerVbyte: number): void;
  close(): Promise<void>;
}

const INITIAL_SAT_PER_KVB = 2000n;
const MAX_CLIENTS = 256;

/**
 * A server of the Electrum protocol, version 1.4, over plain TCP: one JSON-RPC message a line. It follows blocks, reorgs and mempool of the
 * chain behind `rpc`. Errors: those of `RpcClient`, and of listening.
 */
export async function startElectrumServer({ rpc, host, port = 0 }: ElectrumOptions): Promise<ElectrumServer> {
  const chain = await ChainFollower.start(rpc);
  const index = new ScriptIndex(chain);
  const client = new RpcClient(rpc);
  const fees: FeeSource = { satPerKvb: INITIAL_SAT_PER_KVB };
  const sessions = new Map<Socket, ElectrumSession>();
  const server = createServer((socket) => {
    const subscriptions = { headers: false, scripts: new Map<string, string | null>() };
    sessions.set(socket, new ElectrumSession(socket, { chain, index, client, fees, subscriptions }));
    socket.setNoDelay(true);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => sessions.delete(socket));
  });
  server.maxConnections = MAX_CLIENTS;
  chain.changed.add(({ tipChanged }) => {
    for (const session of sessions.values()) session.notify(tipChanged);
  });
  try {
    await listen(server, host, port);
  } catch (error) {
    await chain.close();
    throw error;
  }
  return {
    endpoint: { host, port: (server.address() as AddressInfo).port },
    setFeerate: (satPerVbyte) => {
      fees.satPerKvb = BigInt(Math.round(satPerVbyte * 1000));
    },
    close: async () => {
      for (const socket of sessions.keys()) socket.destroy();
      await Promise.all([chain.close(), new Promise((resolve) => server.close(resolve))]);
    },
  };
}

function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
}
