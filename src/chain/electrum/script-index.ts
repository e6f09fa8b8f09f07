import { toHex } from '../../core/bytes.ts';
import type { ChainFollower } from '../bitcoind/follower.ts';
import type { Block } from '../regtest/block.ts';
import { displayHash, sha256 } from '../../bitcoin/hash.ts';
import { isCoinbase, outpoint, type Transaction, type TransactionOutput } from '../../bitcoin/transaction.ts';

/** Electrum's name for an output script: its SHA-256, shown with the bytes reversed. */
const scriptHashOf = (script: Uint8Array): string => displayHash(sha256(script));

export interface HistoryEntry {
  readonly txid: string;
  /** 0 while it waits in the mempool, -1 when a parent waits there, too. */
  readonly height: number;
  /** Of one that waits. */
  readonly feeSat?: bigint;
}

export interface UnspentOutput extends TransactionOutput {
  readonly txid: string;
  readonly vout: number;
  /** 0 while it waits in the mempool. */
  readonly height: number;
}

/** Which transactions, of blocks and mempool, pay or spend a script. */
export class ScriptIndex {
  readonly #chain: ChainFollower;
  readonly #transactions = new Map<string, Set<string>>();
  readonly #scripts = new Map<string, ReadonlySet<string>>();

  /** Of a chain that is followed already; it goes on following. */
  constructor(chain: ChainFollower) {
    this.#chain = chain;
    for (let height = 1; height <= chain.ledger.tip.height; height++) {
      const block = chain.ledger.blockAt(height);
      if (block) this.#addBlock(block);
    }
    for (const { tx } of chain.mempool.entries()) this.#add(tx, this.#spentWhileWaiting(tx));
    chain.blockConnected.add((block) => {
      this.#addBlock(block);
    });
    chain.blockDisconnected.add((block) => {
      for (const { txid } of block.transactions) this.#forget(txid);
    });
    chain.transactionAdded.add((tx) => {
      this.#add(tx, this.#spentWhileWaiting(tx));
    });
    chain.transactionRemoved.add(({ txid }) => {
      if (!chain.ledger.confirmed(txid)) this.#forget(txid);
    });
  }

  /** By height and place in the block; what waits comes last. */
  history(scriptHash: string): readonly HistoryEntry[] {
    const entries = [...(this.#transactions.get(scriptHash) ?? [])].map((txid) => this.#entry(txid));
    return entries.sort((a, b) => a.order - b.order || a.place - b.place).map(({ entry }) => entry);
  }

  unspent(scriptHash: string): readonly UnspentOutput[] {
    const { ledger, mempool } = this.#chain;
    return this.history(scriptHash).flatMap(({ txid, height }) => {
      const outputs = (mempool.entry(txid)?.tx ?? ledger.confirmed(txid)?.transaction)?.outputs ?? [];
      return outputs.flatMap((output, vout) => {
        const key = outpoint({ txid, vout });
        const spent = (mempool.spenderOf(key) ?? ledger.spenderOf(key)) !== undefined;
        return spent || scriptHashOf(output.script) !== scriptHash
          ? []
          : [{ ...output, txid, vout, height: Math.max(0, height) }];
      });
    });
  }

  /** What blocks hold, and by how much the mempool changes it. */
  balance(scriptHash: string): { readonly confirmedSat: bigint; readonly unconfirmedSat: bigint } {
    let [confirmedSat, unconfirmedSat] = [0n, 0n];
    for (const { txid, height } of this.history(scriptHash)) {
      const { ledger, mempool } = this.#chain;
      const tx = mempool.entry(txid)?.tx ?? ledger.confirmed(txid)?.transaction;
      tx?.outputs.forEach((output, vout) => {
        if (scriptHashOf(output.script) !== scriptHash) return;
        const key = outpoint({ txid, vout });
        if (height > 0 && ledger.coin(key)) confirmedSat += output.amountSat;
        if (height <= 0) unconfirmedSat += output.amountSat;
        if (mempool.spenderOf(key) !== undefined) unconfirmedSat -= output.amountSat;
      });
    }
    return { confirmedSat, unconfirmedSat };
  }

  #entry(txid: string): { entry: HistoryEntry; order: number; place: number } {
    const { ledger, mempool } = this.#chain;
    const confirmed = ledger.confirmed(txid);
    if (confirmed) {
      const { block, transaction } = confirmed;
      const place = block.transactions.indexOf(transaction);
      return { entry: { txid, height: block.height }, order: block.height, place };
    }
    const tx = mempool.entry(txid)?.tx;
    const spent = tx ? this.#spentWhileWaiting(tx) : [];
    const waits = tx?.inputs.some((input) => mempool.entry(input.txid)) ?? false;
    const feeSat = sumSat(spent) - sumSat(tx?.outputs ?? []);
    const height = waits ? -1 : 0;
    return { entry: { txid, height, feeSat }, order: Number.MAX_SAFE_INTEGER, place: -height };
  }

  #addBlock(block: Block): void {
    const spent = [...this.#chain.ledger.spentIn(block)];
    for (const tx of block.transactions) {
      this.#add(tx, isCoinbase(tx) ? [] : spent.splice(0, tx.inputs.length));
    }
  }

  #add(tx: Transaction, spent: readonly TransactionOutput[]): void {
    const scripts = new Set([...tx.outputs, ...spent].map(({ script }) => scriptHashOf(script)));
    this.#scripts.set(tx.txid, scripts);
    for (const scriptHash of scripts) {
      const known = this.#transactions.get(scriptHash);
      if (known) known.add(tx.txid);
      else this.#transactions.set(scriptHash, new Set([tx.txid]));
    }
  }

  #forget(txid: string): void {
    for (const scriptHash of this.#scripts.get(txid) ?? []) {
      const known = this.#transactions.get(scriptHash);
      known?.delete(txid);
      if (known?.size === 0) this.#transactions.delete(scriptHash);
    }
    this.#scripts.delete(txid);
  }

  #spentWhileWaiting(tx: Transaction): readonly TransactionOutput[] {
    const { ledger, mempool } = this.#chain;
    return tx.inputs.flatMap(
      (input) => mempool.entry(input.txid)?.tx.outputs[input.vout] ?? ledger.coin(outpoint(input)) ?? [],
    );
  }
}

const sumSat = (outputs: readonly TransactionOutput[]): bigint =>
  outputs.reduce((sum, { amountSat }) => sum + amountSat, 0n);

/** What changes whenever the history does; `null` for a script without any. */
export function statusOf(history: readonly HistoryEntry[]): string | null {
  if (history.length === 0) return null;
  const text = history.map(({ txid, height }) => `${txid}:${height}:`).join('');
  return toHex(sha256(new TextEncoder().encode(text)));
}
