import type { Report, ReportResult } from './schema.ts';

/** The command that runs this one case again on this one cell, with the same keys. */
export function rerunCommand(
  { run }: Pick<Report, 'run'>,
  { kind, nodes, cell, case: id }: Pick<ReportResult, 'kind' | 'nodes' | 'cell' | 'case'>,
): string {
  const chosen = kind === 'pair' ? ['--pairs', cell] : nodes.flatMap((node) => ['--node', node]);
  return ['boltgrid', 'run', ...chosen, '--case', id, '--seed', run.seed].map(shellWord).join(' ');
}

/** Ids come from a journal: quoted, so that pasting the line runs nothing else. */
const shellWord = (word: string): string =>
  /^[A-Za-z0-9@%+=:,./_-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`).replace(/\s+/g, ' ')}'`;
