import { withDeadline } from '../core/deadline.ts';
import { BoltgridError } from '../core/error.ts';

export interface ReceiveOptions {
  readonly deadlineMs: number;
  readonly signal?: AbortSignal;
}

interface Waiter {
  readonly resolve: (message: Uint8Array) => void;
  readonly reject: (error: BoltgridError) => void;
}

/** What an entry costs beside its bytes, so that many empty messages count too. */
const ENTRY_BYTES = 128;

/** Messages in order for one reader at a time, and the error that follows the last of them. */
export class Inbox {
  readonly #limitBytes: number;
  readonly #messages: Uint8Array[] = [];
  #bytes = 0;
  #waiter: Waiter | undefined;
  #end: BoltgridError | undefined;

  constructor(limitBytes: number) {
    this.#limitBytes = limitBytes;
  }

  get full(): boolean {
    return this.#bytes >= this.#limitBytes;
  }

  deliver(message: Uint8Array): void {
    const waiter = this.#waiter;
    if (waiter) {
      this.#waiter = undefined;
      waiter.resolve(message);
      return;
    }
    this.#messages.push(message);
    this.#bytes += message.length + ENTRY_BYTES;
  }

  /** Nothing is delivered any more: readers get what is left, then `error`. */
  end(error: BoltgridError): void {
    this.#end = error;
    this.#waiter?.reject(error);
    this.#waiter = undefined;
  }

  /** Rejects with the error of `end`, `core.deadline`, the signal's reason, or `noise.receive-busy`. */
  async receive({ deadlineMs, signal }: ReceiveOptions): Promise<Uint8Array> {
    signal?.throwIfAborted();
    if (this.#waiter) {
      throw new BoltgridError(
        'noise.receive-busy',
        'harness',
        'another caller is already waiting for a message',
      );
    }
    const message = this.#messages.shift();
    if (message) {
      this.#bytes -= message.length + ENTRY_BYTES;
      return message;
    }
    if (this.#end) throw this.#end;
    return withDeadline('a message', deadlineMs, (ended) => this.#wait(ended), signal);
  }

  #wait(ended: AbortSignal): Promise<Uint8Array> {
    return new Promise((resolve, reject) => {
      const waiter = { resolve, reject };
      this.#waiter = waiter;
      ended.addEventListener('abort', () => {
        if (this.#waiter === waiter) this.#waiter = undefined;
      });
    });
  }
}
