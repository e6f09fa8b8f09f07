import { stripVTControlCharacters } from 'node:util';
import type { Colours } from '../../report/text/colours.ts';
import { addUp, countsText, elapsedText } from './lines.ts';
import type { CellTally } from './tally.ts';

export interface FrameSize {
  readonly columns: number;
  readonly rows: number;
}

const BAR_WIDTH = 20;
/** Rows that are left to what was printed before. */
const ROWS_LEFT_FREE = 4;

/** What the live view shows: a line for each cell (those under way first, where they are too many), then one for all. */
export function frame(
  cells: readonly CellTally[],
  elapsedMs: number,
  colours: Colours,
  { columns, rows }: FrameSize,
): string[] {
  const room = Math.max(1, rows - ROWS_LEFT_FREE);
  const shown = cells.length <= room ? cells : [...cells].sort(byInterest).slice(0, room);
  const nameWidth = Math.max(...shown.map(({ cell }) => cell.length), 0);
  return [
    ...shown.map((cell) => cellLine(cell, nameWidth, colours)),
    totalLine(cells, cells.length - shown.length, elapsedMs, colours),
  ].map((line) => clip(line, columns - 1));
}

const byInterest = (a: CellTally, b: CellTally): number => interest(b) - interest(a);
const interest = ({ running, done, planned }: CellTally): number =>
  running.length > 0 ? 2 : done < planned ? 1 : 0;

function cellLine(
  { cell, planned, done, verdicts, running }: CellTally,
  nameWidth: number,
  colours: Colours,
): string {
  const full = planned === 0 ? BAR_WIDTH : Math.floor((done / planned) * BAR_WIDTH);
  const bar = colours.green('█'.repeat(full)) + colours.dim('░'.repeat(BAR_WIDTH - full));
  const count = `${String(done).padStart(String(planned).length)}/${planned}`;
  return [
    cell.padEnd(nameWidth),
    bar,
    count,
    countsText(verdicts, colours),
    running[0] === undefined ? '' : colours.dim(running[0]),
  ]
    .filter((part) => part !== '')
    .join('  ');
}

function totalLine(cells: readonly CellTally[], hidden: number, elapsedMs: number, colours: Colours): string {
  const done = cells.reduce((sum, cell) => sum + cell.done, 0);
  const planned = cells.reduce((sum, cell) => sum + cell.planned, 0);
  return [
    colours.bold(`${done}/${planned}`),
    elapsedText(elapsedMs),
    countsText(addUp(cells), colours),
    ...(hidden > 0 ? [colours.dim(`and ${hidden} more cells`)] : []),
  ]
    .filter((part) => part !== '')
    .join('  ');
}

/** A line that wraps would upset the drawing: cut, with its colours closed. */
export function clip(line: string, columns: number): string {
  if (stripVTControlCharacters(line).length <= columns) return line;
  // eslint-disable-next-line no-control-regex -- colours are control sequences
  const parts = line.split(/(\u001b\[[0-9;]*m)/);
  let room = Math.max(0, columns - 1);
  const kept = parts.map((part, i) => {
    if (i % 2 === 1) return part;
    const text = part.slice(0, room);
    room -= text.length;
    return text;
  });
  return `${kept.join('')}…`;
}
