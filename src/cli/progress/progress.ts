import { isRed } from '../../core/verdict.ts';
import type { CaseFinished } from '../../journal/events.ts';
import type { Plan } from '../../matrix/plan.ts';
import type { Colours } from '../../report/text/colours.ts';
import type { ProgressEvent } from '../../runner/run.ts';
import { printLines } from '../context.ts';
import type { Output } from '../context.ts';
import { frame } from './frame.ts';
import { countsText, elapsedText, oneLine, resultLine } from './lines.ts';
import { LiveBlock } from './live.ts';
import { StartingNodes } from './starting.ts';
import { Tally } from './tally.ts';
import type { CellTally } from './tally.ts';

export interface ProgressOptions {
  readonly output: Output;
  readonly colours: Colours;
  /** A line for each case, not just for red ones. */
  readonly verbose: boolean;
  /** Verdicts that a resumed journal held before, by `testKey`. */
  readonly finished: ConstructorParameters<typeof Tally>[1];
  /** Milliseconds; only differences count. */
  readonly now: () => number;
}

/** A node that takes longer to start is named while it does. */
const SLOW_START_MS = 2000;
/** Without a live view, a node that took this long is told of. */
const TOLD_START_MS = 5000;

/** Tells how a run goes: a block that is kept up to date on a terminal, plain lines elsewhere. */
export class Progress {
  readonly #options: ProgressOptions;
  readonly #tally: Tally;
  readonly #startedAt: number;
  readonly #live: LiveBlock | undefined;
  readonly #summed = new Set<string>();
  readonly #setupErrors = new Set<string>();
  readonly #starting = new StartingNodes();
  readonly #nodesOf: ReadonlyMap<string, readonly string[]>;

  constructor(plan: Pick<Plan, 'cells' | 'cases'>, options: ProgressOptions) {
    this.#options = options;
    this.#tally = new Tally(plan, options.finished);
    this.#startedAt = options.now();
    this.#nodesOf = new Map(plan.cells.map(({ cell, nodes }) => [cell, nodes]));
    const { output, colours } = options;
    if (output.isTTY !== true) return;
    this.#live = new LiveBlock(output, () =>
      frame(
        this.#tally.cells(),
        this.#elapsedMs(),
        colours,
        { columns: output.columns ?? 80, rows: output.rows ?? 24 },
        this.#starting.slow(options.now(), SLOW_START_MS),
      ),
    );
    this.#live.start();
  }

  hear(event: ProgressEvent): void {
    switch (event.type) {
      case 'node-starting':
        this.#starting.begin(event.node, this.#options.now());
        if (this.#options.verbose) this.#print(`starting ${event.node}`);
        return;
      case 'node-started':
        this.#starting.end(event.node);
        if (this.#options.verbose || (!this.#live && event.ms >= TOLD_START_MS))
          this.#print(`${event.node} is up after ${elapsedText(event.ms)}`);
        return;
      case 'case-started':
        this.#tally.started(event.cell, event.case);
        return;
      case 'case-finished':
        this.#finish(event.result);
        return;
      case 'note':
        this.#note(event.level, event.text);
        return;
      case 'kept':
        this.#print(
          `${event.node} stays up at ${event.publicKey}@${event.host}:${event.port}; Ctrl-C stops it`,
        );
        return;
    }
  }

  /** Takes the live block away; nothing is told after it. */
  end(): void {
    this.#live?.end();
  }

  /** What has no verdict, cell by cell. */
  left(): CellTally[] {
    return this.#tally.cells().filter(({ done, planned }) => done < planned);
  }

  #finish(result: CaseFinished): void {
    const { colours, verbose } = this.#options;
    if (result.rerunFollows) {
      this.#tally.stopped(result.cell, result.case);
      if (verbose) this.#print(`${resultLine(result, colours)}  ${colours.dim('runs once more')}`);
      return;
    }
    this.#tally.finished(result.cell, result.case, result.verdict);
    if (result.verdict === 'setup-error') this.#starting.giveUp(this.#nodesOf.get(result.cell) ?? []);
    if (verbose || (isRed(result.verdict) && this.#isNews(result))) this.#print(resultLine(result, colours));
    this.#sumUp(result.cell);
  }

  /** A set-up that fails makes the same error of every case that wanted it: told once. */
  #isNews({ verdict, message = '' }: CaseFinished): boolean {
    if (verdict !== 'setup-error') return true;
    const isNew = !this.#setupErrors.has(message);
    this.#setupErrors.add(message);
    return isNew;
  }

  /** Once per cell, where no block shows it. */
  #sumUp(cellId: string): void {
    const cell = this.#tally.cells().find(({ cell: id }) => id === cellId);
    if (this.#live || !cell || cell.done < cell.planned || this.#summed.has(cellId)) return;
    this.#summed.add(cellId);
    const { colours } = this.#options;
    this.#print(
      `${colours.bold(cell.cell)}  ${cell.done}/${cell.planned}  ${countsText(cell.verdicts, colours)}  ${elapsedText(this.#elapsedMs())}`,
    );
  }

  #note(level: 'info' | 'warning' | 'error', text: string): void {
    const { colours, verbose } = this.#options;
    if (level === 'info' && !verbose) return;
    const word =
      level === 'error' ? colours.red('error') : level === 'warning' ? colours.yellow('warning') : 'note';
    this.#print(`${word}: ${oneLine(text)}`);
  }

  #print(line: string): void {
    if (this.#live) this.#live.print([line]);
    else printLines(this.#options.output, [line]);
  }

  #elapsedMs(): number {
    return this.#options.now() - this.#startedAt;
  }
}
