import type { Row } from './measure.ts';

/** Columns: what, figure, unit, aim and whether it is met, note. */
export function tableOf(rows: readonly Row[]): string {
  const cells = rows.map(({ name, value, unit, aim, note = '' }) => [
    name,
    figure(value),
    unit,
    aim === undefined ? '' : `${inWords(aim)}: ${isMet(aim, value) ? 'met' : 'missed'}`,
    note,
  ]);
  const widths = [0, 1, 2, 3].map((column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)));
  return cells
    .map((row) =>
      row
        .map((cell, column) =>
          column === 1 ? cell.padStart(widths[1] ?? 0) : cell.padEnd(widths[column] ?? 0),
        )
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** Three digits that count. */
function figure(value: number): string {
  const maximumFractionDigits = value < 10 ? 2 : value < 100 ? 1 : 0;
  return value.toLocaleString('en', { minimumFractionDigits: maximumFractionDigits, maximumFractionDigits });
}

type Aim = NonNullable<Row['aim']>;

const inWords = (aim: Aim): string =>
  'atLeast' in aim ? `at least ${aim.atLeast}` : `at most ${aim.atMost}`;

const isMet = (aim: Aim, value: number): boolean =>
  'atLeast' in aim ? value >= aim.atLeast : value <= aim.atMost;
