import { BoltgridError } from '../../core/error.ts';
import type { RepositoryName } from '../../spec/index-file.ts';
import { renderSpecReport } from '../../spec/render.ts';
import { specCheck, specIndex } from '../../spec/update.ts';
import type { CitingCase } from '../../spec/update.ts';

export interface SpecContext {
  /** `index` or `check`, then one or more folders. */
  readonly args: readonly string[];
  readonly options: { readonly boltsCommit?: string; readonly blipsCommit?: string };
  /** The cases of the suites at hand, with what they judge. */
  readonly cases: () => Promise<readonly CitingCase[]>;
  readonly print: (text: string) => void;
}

export const name = 'spec';

export const options = [
  ['--bolts-commit <sha>', 'commit of the BOLTs, where the folder is no git checkout'],
  ['--blips-commit <sha>', 'commit of the bLIPs, where the folder is no git checkout'],
] as const;

/**
 * `spec index DIR…` merges checkouts of the BOLTs and bLIPs into the index of requirements; `spec check DIR…` says what that would
 * change and which cases it touches, and gives 1 when it would change anything.
 */
export async function run({ args, options: given, cases, print }: SpecContext): Promise<number> {
  const [action, ...folders] = args;
  if (folders.length === 0 || (action !== 'index' && action !== 'check')) {
    throw new BoltgridError('cli.usage', 'user', 'spec wants index or check, and a folder', {
      hint: 'For example: boltgrid spec check ../bolts ../blips',
    });
  }
  const commits = {
    ...(given.boltsCommit !== undefined && { bolts: commit('bolts', given.boltsCommit) }),
    ...(given.blipsCommit !== undefined && { blips: commit('blips', given.blipsCommit) }),
  };
  const report =
    action === 'index' ? specIndex(folders, { commits }) : specCheck(folders, await cases(), { commits });
  print(renderSpecReport(report));
  return action === 'check' && report.changes.length > 0 ? 1 : 0;
}

function commit(repository: RepositoryName, text: string): string {
  if (/^[0-9a-f]{40}$/.test(text)) return text;
  throw new BoltgridError(
    'cli.usage',
    'user',
    `--${repository}-commit wants a whole commit id: 40 hex digits`,
  );
}
