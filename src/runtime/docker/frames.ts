const HEADER_BYTES = 8;
const STDERR = 2;

/**
 * Takes apart the one stream in which the engine sends both outputs of a program: frames of a header (stream, three zero bytes,
 * length as 32 bits, big end first) and content. Content is handed on as it comes, so that nothing is held back or piles up.
 */
export class FrameSplitter {
  readonly #onOutput: (chunk: Buffer) => void;
  readonly #onError: (chunk: Buffer) => void;
  #header = Buffer.alloc(0);
  #left = 0;

  constructor(onOutput: (chunk: Buffer) => void, onError: (chunk: Buffer) => void) {
    this.#onOutput = onOutput;
    this.#onError = onError;
  }

  push(chunk: Buffer): void {
    let rest = chunk;
    while (rest.length > 0) {
      if (this.#left === 0) {
        rest = this.#readHeader(rest);
      } else {
        const content = rest.subarray(0, this.#left);
        this.#left -= content.length;
        rest = rest.subarray(content.length);
        (this.#header[0] === STDERR ? this.#onError : this.#onOutput)(content);
        if (this.#left === 0) this.#header = Buffer.alloc(0);
      }
    }
  }

  #readHeader(chunk: Buffer): Buffer {
    const missing = HEADER_BYTES - this.#header.length;
    this.#header = Buffer.concat([this.#header, chunk.subarray(0, missing)]);
    if (this.#header.length === HEADER_BYTES) {
      this.#left = this.#header.readUInt32BE(4);
      if (this.#left === 0) this.#header = Buffer.alloc(0);
    }
    return chunk.subarray(missing);
  }
}
