import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import { BoltgridError } from '../core/error.ts';
import { nearest } from '../core/text.ts';
import { readIndex } from './index-file.ts';
import type { RequirementIndex, SpecCommits } from './index-file.ts';
import { ownRequirements, type OwnRequirement, type OwnRequirements } from './own.ts';
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

/** What suites brought along. */
const own = new Map<RequirementId, OwnRequirement>();

/**
 * Makes a suite's own requirements known to this process; those that are known alike already are left as they are. Throws
 * `spec.bad-requirement` for what is no requirement, has an id of the index, or an id that another suite gave to other words.
 */
export function declareRequirements(given: OwnRequirements): void {
  const parsed = ownRequirements.safeParse(given);
  if (!parsed.success) throw badRequirement(z.prettifyError(parsed.error));
  for (const [id, definition] of Object.entries(parsed.data)) {
    if (registry().byId.has(id))
      throw badRequirement(`${id} is in boltgrid's index: judge it as it is there`);
    const other = own.get(id);
    if (other && !isDeepStrictEqual(other, definition)) {
      throw badRequirement(`${id} is defined twice, with different words`);
    }
    own.set(id, definition);
  }
}

const badRequirement = (message: string): BoltgridError =>
  new BoltgridError('spec.bad-requirement', 'user', message);

/** What a judgement needs to know of a requirement. */
export type Judged = Pick<Requirement, 'level' | 'gone'>;

/** Of the index, or of a suite's own. Throws `spec.unknown-requirement`, with the nearest id as a hint. */
export function requirement(id: RequirementId): Judged {
  const { byId } = registry();
  const found = byId.get(id) ?? own.get(id);
  if (found) return found;
  const near = nearest(id, [...byId.keys(), ...own.keys()]);
  throw new BoltgridError(
    'spec.unknown-requirement',
    'user',
    `there is no requirement ${JSON.stringify(id)}`,
    {
      hint:
        near === undefined
          ? 'Ids are in src/spec/requirements.json; a suite may declare its own.'
          : `Did you mean ${near}?`,
    },
  );
}

/** All that ever had an id, those that are gone among them; by document, in the order in which they are written. */
export const allRequirements = (): readonly Requirement[] => registry().index.requirements;

/** The commits at which the BOLTs and bLIPs were indexed. */
export const specCommits = (): SpecCommits => registry().index.commits;
