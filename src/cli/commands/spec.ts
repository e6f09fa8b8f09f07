import { resolve } from 'node:path';
import { BoltgridError } from '../../core/error.ts';
import type { RepositoryName } from '../../spec/index-file.ts';
import type { CitingCase } from '../../spec/update.ts';
import type { Command } from '../command.ts';
import type { CliContext } from '../context.ts';
import { matrixFile, MATRIX_OPTION } from '../project.ts';
import type { ProjectOptions } from '../project.ts';

interface SpecOptions extends ProjectOptions {
  readonly boltsCommit?: string;
  readonly blipsCommit?: string;
}

const spec: Command<SpecOptions> = {
  name: 'spec',
  description:
    'Read checkouts of the BOLTs and bLIPs: "index" merges them into the index of requirements, "check" says what that would ' +
    'change and which cases it touches, and gives 1 when it would change anything.',
  args: [
    { name: '<action>', description: 'index or check' },
    { name: '<folders...>', description: 'checkouts, or a folder that has "bolts" and "blips" in it' },
  ],
  options: [
    {
      flags: '--bolts-commit <sha>',
      description: 'commit of the BOLTs, where the folder is no git checkout',
    },
    {
      flags: '--blips-commit <sha>',
      description: 'commit of the bLIPs, where the folder is no git checkout',
    },
    MATRIX_OPTION,
  ],
  examples: [
    ['boltgrid spec check ../bolts ../blips', 'what moved, changed, is new and is gone'],
    ['boltgrid spec index ../bolts', 'take it over into the index'],
  ],
  async run(context, [action, ...given], options) {
    const folders = given.map((folder) => resolve(context.cwd, folder));
    if (action !== 'index' && action !== 'check') {
      throw new BoltgridError(
        'cli.usage',
        'user',
        `spec wants index or check, not ${JSON.stringify(action)}`,
        {
          hint: 'For example: boltgrid spec check ../bolts ../blips',
        },
      );
    }
    const [{ specCheck, specIndex }, { renderSpecReport }] = await Promise.all([
      import('../../spec/update.ts'),
      import('../../spec/render.ts'),
    ]);
    const { boltsCommit, blipsCommit } = options;
    const commits = {
      ...(boltsCommit !== undefined && { bolts: commit('bolts', boltsCommit) }),
      ...(blipsCommit !== undefined && { blips: commit('blips', blipsCommit) }),
    };
    const report =
      action === 'index'
        ? specIndex(folders, { commits })
        : specCheck(folders, await citingCases(context, options), { commits });
    context.stdout.write(`${renderSpecReport(report).trimEnd()}\n`);
    return action === 'check' && report.changes.length > 0 ? 1 : 0;
  },
};

export default spec;

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

function commit(repository: RepositoryName, text: string): string {
  if (/^[0-9a-f]{40}$/.test(text)) return text;
  throw new BoltgridError(
    'cli.usage',
    'user',
    `--${repository}-commit wants a whole commit id: 40 hex digits`,
  );
}
