import type { ChainTransaction, Tip } from './chain.ts';
import type { Ledger } from './regtest/ledger.ts';
import { outpoint, type Transaction } from '../bitcoin/transaction.ts';

/** What is known of a chain at one moment: of its own (`Regtest`) or of a bitcoind that is followed (`ChainFollower`). */
export interface ChainState {
  readonly ledger: Ledger;
  readonly mempool: Waiting;
}

/** Transactions that wait for a block. */
export interface Waiting {
  /** Parents before children. */
  entries(): readonly { readonly tx: Transaction }[];
  entry(txid: string): { readonly tx: Transaction } | undefined;
  /** The waiting transaction that spends the output. */
  spenderOf(key: string): string | undefined;
}

export function tipOf({ ledger }: ChainState): Tip {
  const { height, hash } = ledger.tip;
  return { height, hash };
}

export function findTransaction({ ledger, mempool }: ChainState, txid: string): ChainTransaction | undefined {
  const waiting = mempool.entry(txid)?.tx;
  if (waiting) return { txid, raw: waiting.raw, confirmations: 0 };
  const confirmed = ledger.confirmed(txid);
  if (!confirmed) return undefined;
  const { transaction, block } = confirmed;
  return {
    txid,
    raw: transaction.raw,
    confirmations: ledger.tip.height - block.height + 1,
    blockHeight: block.height,
    blockHash: block.hash,
    index: block.transactions.indexOf(transaction),
  };
}

export function findSpender(state: ChainState, txid: string, vout: number): ChainTransaction | undefined {
  const key = outpoint({ txid, vout });
  const spending = state.mempool.spenderOf(key) ?? state.ledger.spenderOf(key);
  return spending === undefined ? undefined : findTransaction(state, spending);
}
