import { BoltgridError } from '../core/error.ts';
import { nearest } from '../core/text.ts';
import { readIndex, repositoryOf } from './index-file.ts';
import type { RequirementIndex, SpecCommits } from './index-file.ts';
import type { Requirement, RequirementId } from './requirement.ts';

interface Registry {
  readonly index: RequirementIndex;
  readonly byId: ReadonlyMap<RequirementId, Requirement>;
}

let loaded: Registry | undefined;

/** The committed index, read once and when it is first asked for. */
function registry(): Registry {
  if (loaded === undefined) {
    const index = readIndex();
    loaded = { index, byId: new Map(index.requirements.map((requirement) => [requirement.id, requirement])) };
  }
  return loaded;
}

/** Throws `spec.unknown-requirement`, with the nearest id as a hint. */
export function requirement(id: RequirementId): Requirement {
  const { byId } = registry();
  const found = byId.get(id);
  if (found) return found;
  const near = nearest(id, byId.keys());
  throw new BoltgridError(
    'spec.unknown-requirement',
    'user',
    `there is no requirement ${JSON.stringify(id)}`,
    {
      hint: near === undefined ? 'Ids are in src/spec/requirements.json.' : `Did you mean ${near}?`,
    },
  );
}

/** All that ever had an id, those that are gone among them; by document, in the order in which they are written. */
export const allRequirements = (): readonly Requirement[] => registry().index.requirements;

/** The commits at which the BOLTs and bLIPs were indexed. */
export const specCommits = (): SpecCommits => registry().index.commits;

/** The section in which the sentence stands, at the commit of the index. */
export function requirementUrl({ document, file, commit, anchor }: Requirement): string {
  return `https://github.com/lightning/${repositoryOf(document)}/blob/${commit}/${file}#${encodeURIComponent(anchor)}`;
}
