export interface Kill {
  readonly case: string;
  readonly mutant: string;
  readonly requirement: string;
  /** The check at which it was found out. */
  readonly step: string;
}

/** Which mutant kills which case at which check. */
export function printTable(kills: readonly Kill[]): void {
  const rows = [
    ['case', 'killed by', 'at', 'step'],
    ...kills
      .map((kill) => [kill.case, kill.mutant, kill.requirement, kill.step])
      .sort(([a = ''], [b = '']) => a.localeCompare(b)),
  ];
  const widths = [0, 1, 2].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const line = (row: readonly string[]): string =>
    row
      .map((cell, i) => cell.padEnd(widths[i] ?? 0))
      .join('  ')
      .trimEnd();
  process.stdout.write(`\n${rows.map(line).join('\n')}\n\n${kills.length} kills\n`);
}
