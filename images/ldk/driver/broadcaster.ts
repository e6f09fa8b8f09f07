import * as ldk from 'ldk-0.1.2';
import { messageOf, outpoint, parseTransaction, type RpcClient, type Transaction } from 'boltgrid/driver';
import { z } from 'zod';
import { hex, keep } from './ldk.ts';

/** Hands transactions to the chain backend, one after the other, and remembers what spends what. */
export class Broadcaster {
  readonly ldk: ldk.BroadcasterInterface;
  readonly #chain: RpcClient;
  /** Which transaction spends an output that somebody asked about. */
  readonly #spenders = new Map<string, string>();
  readonly #onTaken: () => void;
  readonly #taken = new Set<string>();
  #queue: Promise<unknown> = Promise.resolve();

  /** `onTaken` is called whenever the backend took a transaction. */
  constructor(chain: RpcClient, onTaken: () => void) {
    this.#onTaken = onTaken;
    this.#chain = chain;
    this.ldk = keep(
      ldk.BroadcasterInterface.new_impl({
        broadcast_transactions: (transactions) => {
          // Refusals are expected (conflicts on a force close, known transactions), and LDK tries again by itself.
          for (const raw of transactions) this.send(parseTransaction(raw)).catch(() => undefined);
        },
      }),
    );
  }

  /** Resolves with the txid when the backend took it, or has it already. */
  send(transaction: Transaction): Promise<string> {
    const sent = this.#queue.then(async () => {
      try {
        await this.#chain.call('sendrawtransaction', [hex(transaction.raw)], z.unknown());
        console.error(`INFO broadcast ${transaction.txid}`);
      } catch (error) {
        console.error(`INFO refused ${transaction.txid}: ${messageOf(error)}`);
        throw error;
      }
      this.seen(transaction);
      this.#onTaken();
      return transaction.txid;
    });
    this.#queue = sent.catch(() => undefined);
    return sent;
  }

  /** Whether the backend took a transaction, once everything handed over so far was sent or refused. */
  async hasTaken(txid: string): Promise<boolean> {
    await this.#queue;
    return this.#taken.has(txid);
  }

  /** A transaction that is in the mempool or in a block. */
  seen(transaction: Transaction): void {
    this.#taken.add(transaction.txid);
    for (const input of transaction.inputs) this.#spenders.set(outpoint(input), transaction.txid);
  }

  /** What spends an output, as far as this node has seen since it started. */
  spenderOf(funding: { readonly txid: string; readonly vout: number }): string | undefined {
    return this.#spenders.get(outpoint(funding));
  }
}
