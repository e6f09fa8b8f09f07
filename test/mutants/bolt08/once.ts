import { BoltgridError } from '../../../src/core/error.ts';

/** True at the call of this number. The harness's own probe makes the first handshake, number 0. */
export function atCall(number: number): () => boolean {
  let calls = 0;
  return () => calls++ === number;
}

const struck = (): BoltgridError =>
  new BoltgridError('crypto.bad-tag', 'node', 'another connection has spoiled this one');

/** Damage that one handshake does to the next one, and that is then gone. */
export class Aftermath {
  #pending = false;

  leave(): void {
    this.#pending = true;
  }

  /** Throws once after each `leave`. */
  strike(): void {
    if (!this.#pending) return;
    this.#pending = false;
    throw struck();
  }
}

/** Damage that one connection does to another which is there at that time; later ones are spared. */
export class Collateral {
  readonly #present = new Set<object>();
  #victims = new Set<object>();

  enter(connection: object): void {
    this.#present.add(connection);
  }

  leave(origin?: object): void {
    this.#victims = new Set(this.#present);
    if (origin) this.#victims.delete(origin);
  }

  /** Throws for the first victim after each `leave`. */
  strike(connection: object): void {
    if (!this.#victims.has(connection)) return;
    this.#victims.clear();
    throw struck();
  }
}
