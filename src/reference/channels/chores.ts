import { messageOf } from '../../core/error.ts';

/** Work that waits for the chain, one piece after the other, in the order in which it was given. */
export class Chores {
  readonly #log: (line: string) => void;
  #last: Promise<unknown> = Promise.resolve();
  #left = 0;

  constructor(log: (line: string) => void) {
    this.#log = log;
  }

  /** Resolves with what the work came to. */
  run<T>(work: () => Promise<T>): Promise<T> {
    this.#left++;
    const result = this.#last.then(work).finally(() => {
      this.#left--;
    });
    this.#last = result.catch(() => undefined);
    return result;
  }

  /** Work whose failure is only logged. */
  add(what: string, work: () => Promise<void>): void {
    this.run(work).catch((error: unknown) => {
      this.#log(`${what}: ${messageOf(error)}`);
    });
  }

  /** Resolves when nothing is left to do, including what the last piece of work has brought. */
  async done(): Promise<void> {
    while (this.#left > 0) await this.#last;
  }
}
