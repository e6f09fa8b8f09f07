import type { Report, ReportResult } from './schema.ts';

/** The command that runs this one case again on this one cell, with the same keys. */
export function rerunCommand(
  { run }: Pick<Report, 'run'>,
  { nodes, case: id }: Pick<ReportResult, 'nodes' | 'case'>,
): string {
  const words = [
    'boltgrid',
    'run',
    ...nodes.flatMap((node) => ['--node', node]),
    '--case',
    id,
    '--seed',
    run.seed,
  ];
  return words.map(shellWord).join(' ');
}

/** Ids come from a journal: quoted, so that pasting the line runs nothing else. */
const shellWord = (word: string): string =>
  /^[A-Za-z0-9@%+=:,./_-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`).replace(/\s+/g, ' ')}'`;
