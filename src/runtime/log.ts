import { cleanText } from '../core/text.ts';
import { LineSplitter } from './lines.ts';

const MAX_LINES = 5000;
const MAX_LINE_CHARACTERS = 2000;
const MAX_LINE_BYTES = 64 * 1024;

/** The newest lines that a program wrote, cleaned and capped, whatever it writes. */
export class ProgramLog {
  #lines: string[] = [];
  readonly #masked: readonly string[];
  readonly #listeners = new Set<(line: string) => void>();
  readonly #splitter = new LineSplitter(
    MAX_LINE_BYTES,
    (line) => {
      this.add(line);
    },
    (start) => {
      this.add(`${start}… (line cut)`);
    },
  );

  /** `masked`: passwords, which are never kept. */
  constructor(masked: readonly string[] = []) {
    this.#masked = masked;
  }

  push(chunk: Buffer): void {
    this.#splitter.push(chunk);
  }

  end(): void {
    this.#splitter.end();
  }

  add(line: string): void {
    const masked = this.#masked.reduce((text, secret) => text.replaceAll(secret, '***'), line);
    const kept = cleanText(masked, MAX_LINE_CHARACTERS);
    this.#lines.push(kept);
    if (this.#lines.length >= 2 * MAX_LINES) this.#lines = this.#lines.slice(-MAX_LINES);
    for (const listener of this.#listeners) listener(kept);
  }

  /** Called for each new line. Returns the unsubscriber. */
  onLine(listener: (line: string) => void): () => void {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  tail(lines: number): readonly string[] {
    return lines <= 0 ? [] : this.#lines.slice(-Math.min(lines, MAX_LINES));
  }
}
