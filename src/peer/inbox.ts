import { awakeTimeout } from '../core/deadline.ts';
import { BoltgridError } from '../core/error.ts';

/** What is left of the time for one step, which may wait several times. Only waiting counts, and only while awake. */
export interface Deadline {
  leftMs: number;
}

/**
 * What arrived and nobody has asked for yet. A waiting reader is served at once. One reader at a time. How much may lie here is for
 * the owner to bound.
 */
export class Inbox<T> {
  readonly #items: T[] = [];
  #last: T | undefined;
  #reader: ((item: T) => void) | undefined;

  put(item: T): void {
    if (this.#reader) this.#reader(item);
    else this.#items.push(item);
  }

  /** Nothing comes after this one: whoever reads on gets it again. */
  end(last: T): void {
    this.#last ??= last;
    this.#reader?.(last);
  }

  /** The oldest item; `undefined` when none came before the deadline, from which the wait is taken. */
  async take(deadline: Deadline, signal: AbortSignal): Promise<T | undefined> {
    const item = this.#items.shift() ?? this.#last;
    if (item !== undefined || deadline.leftMs <= 0) return item;
    if (this.#reader) {
      throw new BoltgridError(
        'peer.two-readers',
        'harness',
        'two steps wait for a message of the same peer at the same time',
        { hint: 'Await each expect before the next.' },
      );
    }
    signal.throwIfAborted();
    return this.#wait(deadline, signal);
  }

  #wait(deadline: Deadline, signal: AbortSignal): Promise<T | undefined> {
    return new Promise((resolve, reject) => {
      const stop = (): void => {
        deadline.leftMs = cancel();
        signal.removeEventListener('abort', onAbort);
        this.#reader = undefined;
      };
      const settle = (item: T | undefined): void => {
        stop();
        resolve(item);
      };
      const onAbort = (): void => {
        stop();
        reject(signal.reason as Error);
      };
      const cancel = awakeTimeout(deadline.leftMs, () => {
        settle(undefined);
      });
      this.#reader = settle;
      signal.addEventListener('abort', onAbort, { once: true });
    });
  }
}
