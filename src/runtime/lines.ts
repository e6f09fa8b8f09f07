/**
 * Cuts a stream of bytes into lines (LF, without it). A line of more than `maxBytes` is given to `onTooLong` once, as its first
 * bytes, and dropped up to its end, so that no input can make memory grow.
 */
export class LineSplitter {
  readonly #maxBytes: number;
  readonly #onLine: (line: string) => void;
  readonly #onTooLong: (start: string) => void;
  #parts: Buffer[] = [];
  #length = 0;
  #dropping = false;

  constructor(maxBytes: number, onLine: (line: string) => void, onTooLong: (start: string) => void) {
    this.#maxBytes = maxBytes;
    this.#onLine = onLine;
    this.#onTooLong = onTooLong;
  }

  push(chunk: Buffer): void {
    let at = 0;
    for (let end = chunk.indexOf(0x0a); end !== -1; end = chunk.indexOf(0x0a, at)) {
      this.#append(chunk.subarray(at, end));
      this.#finishLine();
      at = end + 1;
    }
    this.#append(chunk.subarray(at));
  }

  /** The input has ended: what is left is a line. */
  end(): void {
    if (this.#length > 0) this.#finishLine();
  }

  #append(part: Buffer): void {
    if (this.#dropping || part.length === 0) return;
    this.#parts.push(part);
    this.#length += part.length;
    if (this.#length <= this.#maxBytes) return;
    const start = Buffer.concat(this.#parts).toString('utf8', 0, Math.min(this.#maxBytes, 2000));
    this.#reset();
    this.#dropping = true;
    this.#onTooLong(start);
  }

  #finishLine(): void {
    const line = this.#dropping ? undefined : Buffer.concat(this.#parts).toString('utf8');
    this.#reset();
    this.#dropping = false;
    if (line !== undefined) this.#onLine(line.endsWith('\r') ? line.slice(0, -1) : line);
  }

  #reset(): void {
    this.#parts = [];
    this.#length = 0;
  }
}
