import type { Colours } from '../../report/text/colours.ts';

/** Columns as wide as what is in them. */
export function table(
  heads: readonly string[],
  rows: readonly (readonly string[])[],
  colours: Colours,
): string[] {
  const widths = heads.map((head, column) =>
    Math.max(head.length, ...rows.map((row) => (row[column] ?? '').length)),
  );
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd();
  return [colours.dim(line(heads)), ...rows.map(line)];
}

/** `123 MB`, as Docker counts. */
export const megabytes = (bytes: number): string => `${Math.round(bytes / 1e6)} MB`;

export const gigabytes = (bytes: number): string => `${(bytes / 1e9).toFixed(1)} GB`;
