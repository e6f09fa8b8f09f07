import { BoltgridError } from '../core/error.ts';

/** Appends to a growing buffer. Every failure is a `BoltgridError` charged to the harness, with the `path` of the field. */
export class Writer {
  /** Where we are, for errors. */
  readonly path: string[];
  /** Length fields to be written as something else, by path below the message; those used are removed. */
  readonly lengths: Map<string, number>;
  #bytes = new Uint8Array(256);
  #view = new DataView(this.#bytes.buffer);
  #length = 0;

  constructor(path: string[], lengths = new Map<string, number>()) {
    this.path = path;
    this.lengths = lengths;
  }

  uint(width: 1 | 2 | 4, value: number): void {
    const at = this.#grow(width);
    if (width === 1) this.#view.setUint8(at, value);
    else if (width === 2) this.#view.setUint16(at, value);
    else this.#view.setUint32(at, value);
  }

  uint64(value: bigint): void {
    const at = this.#grow(8);
    this.#view.setBigUint64(at, value);
  }

  bytes(value: Uint8Array): void {
    const at = this.#grow(value.length);
    this.#bytes.set(value, at);
  }

  finish(): Uint8Array {
    return this.#bytes.slice(0, this.#length);
  }

  fail(code: string, message: string, hint?: string): never {
    const path = this.path.join('.');
    throw new BoltgridError(code, 'harness', `${path}: ${message}`, {
      details: { path },
      ...(hint === undefined ? {} : { hint }),
    });
  }

  #grow(by: number): number {
    const at = this.#length;
    this.#length = at + by;
    if (this.#length > this.#bytes.length) {
      const larger = new Uint8Array(Math.max(this.#length, this.#bytes.length * 2));
      larger.set(this.#bytes);
      this.#bytes = larger;
      this.#view = new DataView(larger.buffer);
    }
    return at;
  }
}
