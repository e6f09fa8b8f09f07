import { isBoltgridError, messageOf } from '../../core/error.ts';
import type { Regtest } from '../regtest/regtest.ts';
import { blockOf } from './blocks.ts';
import { RPC, RpcError } from './error.ts';
import type { RpcMethods } from './methods.ts';
import { scriptOfAddress } from '../../bitcoin/output.ts';
import type { Transaction } from '../../bitcoin/transaction.ts';

const MAX_BLOCKS = 10_000;

export const miningMethods: RpcMethods = {
  generatetoaddress: {
    params: ['nblocks', 'address', 'maxtries'],
    run: (params, { regtest }) => {
      const blocks = params.integer('nblocks', { min: 0, max: MAX_BLOCKS });
      const script = scriptOf(params.text('address'));
      return Array.from({ length: blocks }, () => regtest.mine({ script }).hash);
    },
  },
  generateblock: {
    params: ['output', 'transactions'],
    run: (params, { regtest }) => {
      const script = scriptOf(params.text('output'), 'Error: Invalid address or descriptor');
      const transactions = params.list('transactions').map((each) => waitingTransaction(each, regtest));
      return { hash: mineExactly(regtest, script, transactions) };
    },
  },
  invalidateblock: {
    params: ['blockhash'],
    run: (params, { regtest }) => {
      const block = blockOf(params, regtest);
      if (regtest.ledger.isActive(block)) regtest.disconnect(regtest.ledger.tip.height - block.height + 1);
      return null;
    },
  },
};

function scriptOf(address: string, failure = 'Error: Invalid address'): Uint8Array {
  try {
    return scriptOfAddress(address);
  } catch {
    throw new RpcError(RPC.invalidAddressOrKey, failure);
  }
}

function waitingTransaction(txid: unknown, regtest: Regtest): Transaction {
  const entry = typeof txid === 'string' ? regtest.mempool.entry(txid) : undefined;
  if (!entry)
    throw new RpcError(RPC.invalidAddressOrKey, `Transaction ${String(txid).slice(0, 64)} not in mempool.`);
  return entry.tx;
}

function mineExactly(regtest: Regtest, script: Uint8Array, transactions: readonly Transaction[]): string {
  try {
    return regtest.mine({ script, transactions }).hash;
  } catch (error) {
    if (!isBoltgridError(error)) throw error;
    throw new RpcError(RPC.verifyError, `testBlockValidity failed: ${messageOf(error)}`);
  }
}
