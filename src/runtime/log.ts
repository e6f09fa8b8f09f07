import { cleanText } from '../core/text.ts';
import { LineSplitter } from './lines.ts';

const MAX_LINES = 5000;
const MAX_LINE_CHARACTERS = 2000;
const MAX_LINE_BYTES = 64 * 1024;

/** The newest lines that a program wrote, cleaned and capped, whatever it writes. */
export class ProgramLog {
  #lines: string[] = [];
  readonly #splitter = new LineSplitter(
    MAX_LINE_BYTES,
    (line) => {
      this.add(line);
    },
    (start) => {
      this.add(`${start}… (line cut)`);
    },
  );

  push(chunk: Buffer): void {
    this.#splitter.push(chunk);
  }

  end(): void {
    this.#splitter.end();
  }

  add(line: string): void {
    this.#lines.push(cleanText(line, MAX_LINE_CHARACTERS));
    if (this.#lines.length >= 2 * MAX_LINES) this.#lines = this.#lines.slice(-MAX_LINES);
  }

  tail(lines: number): readonly string[] {
    return lines <= 0 ? [] : this.#lines.slice(-Math.min(lines, MAX_LINES));
  }
}
