const MAX_LINES = 10_000;
const MAX_LINE_LENGTH = 2_000;

/** The newest lines of the node's log. */
export class Log {
  readonly #lines: string[] = [];

  add(line: string): void {
    this.#lines.push(line.slice(0, MAX_LINE_LENGTH));
    if (this.#lines.length > MAX_LINES) this.#lines.shift();
  }

  /** Oldest first. */
  tail(lines: number): readonly string[] {
    return this.#lines.slice(-lines);
  }
}
