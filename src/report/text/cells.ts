import { VERDICT_TABLE, VERDICTS, type Verdict } from '../../core/verdict.ts';
import { pairGrid } from '../pair-grid.ts';
import type { Report, VerdictCounts } from '../schema.ts';
import { addCounts } from '../summary.ts';
import type { Colours } from './colours.ts';

/** More pairs than these are shown as a grid. */
const LISTED_PAIRS = 6;

/** A line for each cell, with its counts; many pairs are one line, and a grid below. */
export function cellTable(report: Report, colours: Colours): string[] {
  const { perCell, verdicts } = report.summary;
  const pairs = perCell.filter(({ kind }) => kind === 'pair');
  const folds = pairs.length > LISTED_PAIRS;
  const rows = [
    ...perCell.filter(({ kind }) => !folds || kind !== 'pair'),
    ...(folds ? [{ cell: `${pairs.length} pairs`, verdicts: addCounts(pairs) }] : []),
  ];
  return [
    ...countTable([...rows, ...(rows.length > 1 ? [{ cell: 'all', verdicts }] : [])], colours),
    ...(folds ? ['', ...pairGridLines(report, colours)] : []),
  ];
}

interface Row {
  readonly cell: string;
  readonly verdicts: VerdictCounts;
}

function countTable(rows: readonly Row[], colours: Colours): string[] {
  const columns = VERDICTS.filter((verdict) => rows.some(({ verdicts }) => verdicts[verdict] > 0));
  const nameWidth = Math.max(8, ...rows.map(({ cell }) => cell.length));
  const heads = columns.map((verdict) => `${VERDICT_TABLE[verdict].glyph} ${VERDICT_TABLE[verdict].word}`);
  const line = ({ cell, verdicts }: Row): string => {
    const counts = columns.map((verdict, i) =>
      countText(verdicts[verdict], verdict, heads[i]?.length ?? 0, colours),
    );
    const text = `${cell.padEnd(nameWidth)}  ${counts.join('  ')}`;
    return cell === 'all' ? colours.bold(text) : text;
  };
  return [colours.dim(`${''.padEnd(nameWidth)}  ${heads.join('  ')}`), ...rows.map(line)].map((text) =>
    text.trimEnd(),
  );
}

function countText(count: number, verdict: Verdict, width: number, colours: Colours): string {
  return count === 0
    ? colours.dim('·'.padStart(width))
    : colours[VERDICT_TABLE[verdict].colour](String(count).padStart(width));
}

/** A glyph for each ordered pair; the columns are numbered as the rows are. */
function pairGridLines(report: Report, colours: Colours): string[] {
  const grid = pairGrid(report, 'pair');
  if (!grid) return [];
  const numbers = new Map([...new Set([...grid.firsts, ...grid.seconds])].map((id, i) => [id, i + 1]));
  const numbered = (id: string): string => String(numbers.get(id) ?? '').padStart(3);
  const width = Math.max(...[...numbers.keys()].map((id) => id.length));
  const head = `${' '.repeat(4 + width)}${grid.seconds.map(numbered).join('')}`;
  const lines = grid.firsts.map((first, row) => {
    const squares = (grid.rows[row] ?? []).map((square) => {
      if (!square) return '   ';
      const { glyph, colour } = VERDICT_TABLE[square.verdict];
      return `  ${colours[colour](glyph)}`;
    });
    return `${colours.dim(numbered(first))} ${first.padEnd(width)}${squares.join('')}`.trimEnd();
  });
  // A node that only accepts has a column and no row to number it by.
  const rest = grid.seconds.filter((id) => !grid.firsts.includes(id));
  return [
    colours.dim('pairs: who opens is on the left'),
    colours.dim(head),
    ...lines,
    ...rest.map((id) => colours.dim(`${numbered(id)} ${id}`)),
  ];
}
