import { resolve } from 'node:path';
import { BoltgridError } from '../../core/error.ts';
import type { RepositoryName, SpecCommits } from '../../spec/index-file.ts';
import type { CitingCase, SpecReport } from '../../spec/update.ts';
import type { Command } from '../command.ts';
import type { CliContext } from '../context.ts';
import { matrixFile, MATRIX_OPTION } from '../project.ts';
import type { ProjectOptions } from '../project.ts';

interface ReadOptions extends ProjectOptions {
  readonly boltsCommit?: string;
  readonly blipsCommit?: string;
}

const FOLDERS = [
  { name: '<folders...>', description: 'checkouts, or a folder that has "bolts" and "blips" in it' },
];

const COMMIT_OPTIONS = [
  { flags: '--bolts-commit <sha>', description: 'commit of the BOLTs, where the folder is no git checkout' },
  { flags: '--blips-commit <sha>', description: 'commit of the bLIPs, where the folder is no git checkout' },
];

export const indexCommand: Command<ReadOptions> = {
  name: 'index',
  description: 'Merge checkouts of the BOLTs and bLIPs into the index of requirements.',
  args: FOLDERS,
  options: COMMIT_OPTIONS,
  examples: [['boltgrid spec index ../bolts', 'take it over into the index']],
  async run(context, folders, options) {
    const { specIndex } = await import('../../spec/update.ts');
    await print(context, specIndex(inside(context, folders), { commits: commitsOf(options) }));
    return 0;
  },
};

export const checkCommand: Command<ReadOptions> = {
  name: 'check',
  description:
    'Say what checkouts of the BOLTs and bLIPs would change in the index, and which cases that touches; gives 1 when it would ' +
    'change anything.',
  args: FOLDERS,
  options: [...COMMIT_OPTIONS, MATRIX_OPTION],
  examples: [['boltgrid spec check ../bolts ../blips', 'what moved, changed, is new and is gone']],
  async run(context, folders, options) {
    const { specCheck } = await import('../../spec/update.ts');
    const commits = commitsOf(options);
    const cases = await citingCases(context, options);
    const report = specCheck(inside(context, folders), cases, { commits });
    await print(context, report);
    return report.changes.length > 0 ? 1 : 0;
  },
};

const inside = ({ cwd }: CliContext, folders: readonly string[]): string[] =>
  folders.map((folder) => resolve(cwd, folder));

async function print({ stdout }: CliContext, report: SpecReport): Promise<void> {
  const { renderSpecReport } = await import('../../spec/render.ts');
  stdout.write(`${renderSpecReport(report).trimEnd()}\n`);
}

async function citingCases(context: CliContext, options: ProjectOptions): Promise<CitingCase[]> {
  const [{ loadSources }, { askNothing }] = await Promise.all([
    import('../../matrix/sources.ts'),
    import('../../matrix/here.ts'),
  ]);
  const { suites } = await loadSources(matrixFile(context, options), {
    here: askNothing(),
    cwd: context.cwd,
  });
  return suites.flatMap(({ suite }) => suite.tests);
}

const commitsOf = ({ boltsCommit, blipsCommit }: ReadOptions): SpecCommits => ({
  ...(boltsCommit !== undefined && { bolts: commit('bolts', boltsCommit) }),
  ...(blipsCommit !== undefined && { blips: commit('blips', blipsCommit) }),
});

function commit(repository: RepositoryName, text: string): string {
  if (/^[0-9a-f]{40}$/.test(text)) return text;
  throw new BoltgridError(
    'cli.usage',
    'user',
    `--${repository}-commit wants a whole commit id: 40 hex digits`,
  );
}
