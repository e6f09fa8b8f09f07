import type { Waiting } from '../state.ts';
import { outpoint, type Transaction } from '../../bitcoin/transaction.ts';

/** The mempool of a bitcoind that is followed, as it was last seen. */
export class FollowedMempool implements Waiting {
  readonly #entries = new Map<string, { readonly tx: Transaction }>();
  readonly #spenders = new Map<string, string>();

  entries(): readonly { readonly tx: Transaction }[] {
    return [...this.#entries.values()];
  }

  entry(txid: string): { readonly tx: Transaction } | undefined {
    return this.#entries.get(txid);
  }

  spenderOf(key: string): string | undefined {
    return this.#spenders.get(key);
  }

  add(tx: Transaction): void {
    this.#entries.set(tx.txid, { tx });
    for (const input of tx.inputs) this.#spenders.set(outpoint(input), tx.txid);
  }

  /** Returns what it forgot. */
  remove(txid: string): Transaction | undefined {
    const tx = this.#entries.get(txid)?.tx;
    this.#entries.delete(txid);
    for (const input of tx?.inputs ?? []) {
      if (this.#spenders.get(outpoint(input)) === txid) this.#spenders.delete(outpoint(input));
    }
    return tx;
  }
}
