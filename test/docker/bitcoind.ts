import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { z } from 'zod';
import type { RpcEndpoint } from '../../src/chain/chain.ts';
import { RpcClient } from '../../src/chain/rpc-client.ts';

const run = promisify(execFile);

export interface TestBitcoind {
  readonly rpc: RpcEndpoint;
  remove(): Promise<void>;
}
const IMAGE = process.env['BOLTGRID_BITCOIND_IMAGE'] ?? 'scratch/chain:bitcoind';
export async function startBitcoind(): Promise<TestBitcoind> {
  const argv = [
    'run',
    '-d',
    '--label',
    'dev.chain=1',
    '-p',
    '127.0.0.1::18443',
    IMAGE,
    'bitcoind',
    '-regtest',
    '-server=1',
    '-txindex=1',
    '-printtoconsole=1',
    '-fallbackfee=0.00002',
    '-rpcuser=u',
    '-rpcpassword=p',
    '-rpcbind=0.0.0.0',
    '-rpcallowip=0.0.0.0/0',
    '-addresstype=bech32',
    '-corepolicy=1',
    '-minrelaytxfee=0.00001',
    '-incrementalrelayfee=0.00001',
    '-listen=0',
    '-rpcthreads=16',
    '-rpcworkqueue=512',
  ];
  const id = (await run('docker', argv)).stdout.trim();
  const port = (await run('docker', ['port', id, '18443'])).stdout.trim().split(':').at(-1) ?? '';
  const rpc = { url: `http://127.0.0.1:${port}/`, user: 'u', password: 'p' };
  for (let i = 0; ; i++) {
    try {
      await new RpcClient(rpc).call('getblockcount', [], z.number());
      break;
    } catch (e) {
      if (i > 100) throw e;
      await new Promise((r) => setTimeout(r, 100));
    }
  }
  return {
    rpc,
    remove: async () => {
      await run('docker', ['rm', '-f', id]);
    },
  };
}
