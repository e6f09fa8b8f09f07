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

export interface SlowStart {
  readonly node: string;
  readonly ms: number;
}

/**
 * What the live view shows: a line for each cell, one for nodes that take long to start, one for all. Where the cells are too many,
 * those under way, with what the others come to in the last line.
 */
export function frame(
  cells: readonly CellTally[],
  elapsedMs: number,
  colours: Colours,
  { columns, rows }: FrameSize,
  starting: readonly SlowStart[] = [],
): string[] {
  const room = Math.max(1, rows - ROWS_LEFT_FREE - (starting.length > 0 ? 1 : 0));
  const shown = cells.length <= room ? cells : cells.filter(isUnderWay).slice(0, room);
  const hidden = cells.filter((cell) => !shown.includes(cell));
  const nameWidth = Math.max(...shown.map(({ cell }) => cell.length), 0);
  return [
    ...shown.map((cell) => cellLine(cell, nameWidth, colours)),
    ...(starting.length > 0 ? [colours.dim(startingText(starting))] : []),
    totalLine(cells, hidden, elapsedMs, colours),
  ].map((line) => clip(line, columns - 1));
}

const isUnderWay = ({ running }: CellTally): boolean => running.length > 0;

const startingText = (starting: readonly SlowStart[]): string =>
  `starting ${starting.map(({ node, ms }) => `${node} (${Math.round(ms / 1000)} s)`).join(', ')}`;

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

function totalLine(
  cells: readonly CellTally[],
  hidden: readonly CellTally[],
  elapsedMs: number,
  colours: Colours,
): string {
  const done = cells.reduce((sum, cell) => sum + cell.done, 0);
  const planned = cells.reduce((sum, cell) => sum + cell.planned, 0);
  return [
    colours.bold(`${done}/${planned}`),
    elapsedText(elapsedMs),
    countsText(addUp(cells), colours),
    ...(hidden.length > 0 ? [colours.dim(hiddenText(hidden))] : []),
  ]
    .filter((part) => part !== '')
    .join('  ');
}

/** `and 120 cells done, 85 to come` */
function hiddenText(hidden: readonly CellTally[]): string {
  const done = hidden.filter((cell) => cell.done >= cell.planned).length;
  const running = hidden.filter(isUnderWay).length;
  const parts = [
    ...(running > 0 ? [`${running} more under way`] : []),
    ...(done > 0 ? [`${done} cells done`] : []),
    ...(hidden.length > done + running ? [`${hidden.length - done - running} to come`] : []),
  ];
  return `and ${parts.join(', ')}`;
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
