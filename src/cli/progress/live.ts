import type { Output } from '../context.ts';

const REDRAW_MS = 100;
const HIDE_CURSOR = '\u001b[?25l';
const SHOW_CURSOR = '\u001b[?25h';
const CLEAR_BELOW = '\u001b[0J';
const upBy = (lines: number): string => (lines === 0 ? '' : `\u001b[${lines}F`);

/**
 * Keeps a block of lines at the bottom of a terminal up to date, and prints lines above it. Draws at most every 100 ms; what is
 * printed appears at once.
 */
export class LiveBlock {
  readonly #output: Output;
  readonly #frame: () => readonly string[];
  #timer: NodeJS.Timeout | undefined;
  #drawn = 0;

  constructor(output: Output, frame: () => readonly string[]) {
    this.#output = output;
    this.#frame = frame;
  }

  /** Draws and goes on drawing, so that a clock in the frame moves. */
  start(): void {
    this.#output.write(HIDE_CURSOR);
    this.#draw([]);
    this.#timer = setInterval(() => {
      this.#draw([]);
    }, REDRAW_MS);
    this.#timer.unref();
  }

  print(lines: readonly string[]): void {
    this.#draw(lines);
  }

  /** Takes the block away. */
  end(): void {
    clearInterval(this.#timer);
    this.#output.write(`${upBy(this.#drawn)}\r${CLEAR_BELOW}${SHOW_CURSOR}`);
    this.#drawn = 0;
  }

  #draw(above: readonly string[]): void {
    const frame = this.#frame();
    const lines = [...above, ...frame].map((line) => `${line}\n`).join('');
    this.#output.write(`${upBy(this.#drawn)}\r${CLEAR_BELOW}${lines}`);
    this.#drawn = frame.length;
  }
}
