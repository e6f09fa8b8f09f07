import { BoltgridError } from '../../../src/core/error.ts';

/** True at the call of this number. The harness's own probe makes the first handshake, number 0. */
export function atCall(number: number): () => boolean {
  let calls = 0;
  return () => calls++ === number;
}

/** Damage that one connection does to whichever comes next, and that is then gone. */
export class Aftermath {
  #pending = false;
  #origin: unknown;

  /** `origin` itself is spared. */
  leave(origin?: unknown): void {
    this.#pending = true;
    this.#origin = origin;
  }

  /** Throws once after each `leave`. */
  strike(victim: unknown = {}): void {
    if (!this.#pending || victim === this.#origin) return;
    this.#pending = false;
    throw new BoltgridError('crypto.bad-tag', 'node', 'another connection has spoiled this one');
  }
}
