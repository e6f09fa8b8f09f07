import { messageOf, OperationError, type FinishedPayment } from 'boltgrid/driver';
import type { OnionError } from './logger.ts';

export interface Opened {
  readonly channelId: string;
  readonly fundingTxid: string;
  readonly fundingOutputIndex: number;
}

export interface FetchedInvoice {
  readonly invoice: string;
  readonly paymentHash: string;
  readonly amountMsat: bigint;
}

interface Deferred<T> {
  readonly resolve: (value: T) => void;
  readonly reject: (error: OperationError) => void;
}

/** Calls that wait for an event, by what they wait for. */
class Table<T> {
  readonly #waiting = new Map<string, Deferred<T>>();

  wait(key: string): Promise<T> {
    return new Promise((resolve, reject) => {
      this.#waiting.set(key, { resolve, reject });
    });
  }

  has(key: string): boolean {
    return this.#waiting.has(key);
  }

  resolve(key: string, value: T): void {
    this.#waiting.get(key)?.resolve(value);
    this.#waiting.delete(key);
  }

  reject(key: string, message: string): void {
    this.#waiting.get(key)?.reject(new OperationError('rejected', message));
    this.#waiting.delete(key);
  }
}

export class Waiters {
  /** By user channel id. */
  readonly opens = new Table<Opened>();
  /** By payment id. */
  readonly payments = new Table<FinishedPayment>();
  /** By payment id. */
  readonly invoices = new Table<FetchedInvoice>();
  /** Feerate of the funding transaction, by user channel id. */
  readonly fundingFeerates = new Map<string, number>();
  /** The onion error that LDK read last in this turn. */
  onionError: OnionError | undefined;
  readonly #turns = new Set<() => void>();

  /** Resolves when `check` gives a value; looks after everything that LDK did. */
  until<T>(check: () => T | undefined): Promise<T> {
    const first = check();
    if (first !== undefined) return Promise.resolve(first);
    return new Promise((resolve, reject) => {
      const look = (): void => {
        try {
          const found = check();
          if (found === undefined) return;
          resolve(found);
        } catch (error) {
          reject(error instanceof Error ? error : new OperationError('internal', messageOf(error)));
        }
        this.#turns.delete(look);
      };
      this.#turns.add(look);
    });
  }

  turn(): void {
    for (const look of [...this.#turns]) look();
  }
}
