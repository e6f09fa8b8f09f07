import { BoltgridError } from '../core/error.ts';

/** The most that is kept of what `exec` prints, and of a file that is read out of a volume. */
export const MAX_OUTPUT_BYTES = 8 * 1024 * 1024;

/** Collects bytes up to a limit. */
export class CappedBytes {
  readonly #what: string;
  readonly #parts: Buffer[] = [];
  #length = 0;

  constructor(what: string) {
    this.#what = what;
  }

  /** Returns the error `runtime.too-much-output` when it is more than that. */
  push(chunk: Buffer): BoltgridError | undefined {
    this.#length += chunk.length;
    if (this.#length > MAX_OUTPUT_BYTES) {
      return new BoltgridError(
        'runtime.too-much-output',
        'setup',
        `${this.#what} is more than ${MAX_OUTPUT_BYTES} bytes`,
      );
    }
    this.#parts.push(chunk);
    return undefined;
  }

  bytes(): Buffer {
    return Buffer.concat(this.#parts);
  }

  text(): string {
    return this.bytes().toString('utf8');
  }
}
