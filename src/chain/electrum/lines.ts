import { BoltgridError } from '../../core/error.ts';

const NEWLINE = 0x0a;

/** Cuts a stream of bytes into lines, without their ends. Throws `electrum.line-too-long`; it is of no use after that. */
export class LineCutter {
  readonly #maxBytes: number;
  #parts: Uint8Array[] = [];
  #bytes = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** The lines that end in this chunk. */
  push(chunk: Uint8Array): readonly string[] {
    const lines: string[] = [];
    let from = 0;
    for (let end = chunk.indexOf(NEWLINE); end !== -1; end = chunk.indexOf(NEWLINE, from)) {
      this.#keep(chunk.subarray(from, end));
      lines.push(Buffer.concat(this.#parts).toString('utf8'));
      this.#parts = [];
      this.#bytes = 0;
      from = end + 1;
    }
    this.#keep(chunk.subarray(from));
    return lines;
  }

  #keep(part: Uint8Array): void {
    this.#bytes += part.length;
    if (this.#bytes > this.#maxBytes) {
      throw new BoltgridError(
        'electrum.line-too-long',
        'node',
        `a line of more than ${this.#maxBytes} bytes`,
      );
    }
    // A copy: the chunk is the socket's.
    if (part.length > 0) this.#parts.push(Uint8Array.from(part));
  }
}
