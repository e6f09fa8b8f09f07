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
  readonly #onAnswer: () => void;
  readonly #taken = new Set<string>();
  readonly #tried = new Set<string>();
  #queue: Promise<unknown> = Promise.resolve();

  /** `onAnswer` is called whenever the backend took or refused a transaction. */
  constructor(chain: RpcClient, onAnswer: () => void) {
    this.#onAnswer = onAnswer;
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
      for (const input of transaction.inputs) this.#tried.add(outpoint(input));
      try {
        await this.#chain.call('sendrawtransaction', [hex(transaction.raw)], z.unknown());
        console.error(`INFO broadcast ${transaction.txid}`);
        this.seen(transaction);
      } catch (error) {
        console.error(`INFO refused ${transaction.txid}: ${messageOf(error)}`);
        throw error;
      } finally {
        this.#onAnswer();
      }
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

  /** Whether this node sent anything that spends an output, also where something else was there before. */
  hasTriedToSpend(funding: { readonly txid: string; readonly vout: number }): boolean {
    return this.#tried.has(outpoint(funding));
  }

  /** What spends an output, as far as this node has seen since it started. */
  spenderOf(funding: { readonly txid: string; readonly vout: number }): string | undefined {
    return this.#spenders.get(outpoint(funding));
  }
}
