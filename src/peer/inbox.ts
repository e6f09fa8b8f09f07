import { awakeTimeout } from '../core/deadline.ts';
import { BoltgridError } from '../core/error.ts';

/** More than any case needs; a node that floods us is cut off rather than kept in memory. */
const MOST_ITEMS = 20_000;

/**
 * What arrived and nobody has asked for yet. A waiting reader is served at once. One reader at a time.
 */
export class Inbox<T> {
  readonly #items: T[] = [];
  #reader: ((item: T) => void) | undefined;

  put(item: T): void {
    if (this.#reader) {
      const reader = this.#reader;
      this.#reader = undefined;
      reader(item);
      return;
    }
    if (this.#items.length >= MOST_ITEMS) {
      throw new BoltgridError(
        'peer.flood',
        'node',
        `the node sent ${MOST_ITEMS} messages that nobody asked for`,
      );
    }
    this.#items.push(item);
  }

  /** The oldest item; `undefined` when none came within `ms`. */
  take(ms: number, signal: AbortSignal): Promise<T | undefined> {
    const item = this.#items.shift();
    if (item !== undefined) return Promise.resolve(item);
    if (this.#reader) {
      throw new BoltgridError(
        'peer.two-readers',
        'harness',
        'two steps wait for a message of the same peer at the same time',
        {
          hint: 'Await each expect before the next.',
        },
      );
    }
    return new Promise((resolve, reject) => {
      const settle = (value: T | undefined): void => {
        cancel();
        signal.removeEventListener('abort', onAbort);
        this.#reader = undefined;
        resolve(value);
      };
      const onAbort = (): void => {
        cancel();
        this.#reader = undefined;
        reject(signal.reason as Error);
      };
      const cancel = awakeTimeout(ms, () => {
        settle(undefined);
      });
      this.#reader = settle;
      if (signal.aborted) onAbort();
      else signal.addEventListener('abort', onAbort, { once: true });
    });
  }
}
