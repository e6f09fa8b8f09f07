import { BoltgridError } from '../core/error.ts';
import { commitOf, findCheckouts, readCheckout } from './checkout.ts';
import { INDEX_FILE, REPOSITORIES, readIndex, repositoryOf, writeIndex } from './index-file.ts';
import type { RepositoryName, RequirementIndex, SpecCommits } from './index-file.ts';
import { mergeReading } from './merge.ts';
import type { Change, Merged } from './merge.ts';
import type { Requirement, RequirementId } from './requirement.ts';

export interface SpecOptions {
  /** For checkouts that are no git repositories, or to overrule what they say. */
  readonly commits?: SpecCommits;
  /** Another index than the one of this package. */
  readonly indexFile?: string;
}

/** A case and the requirements that it judges. */
export interface CitingCase {
  readonly caseId: string;
  readonly requirements: readonly RequirementId[];
}

export interface SpecReport {
  readonly read: readonly {
    readonly repository: RepositoryName;
    /** `undefined` when only looking at a folder of which the commit is not known. */
    readonly commit: string | undefined;
    readonly sentences: number;
  }[];
  readonly changes: readonly Change[];
  /** Cases that judge a requirement that has changed or gone: whether they still judge it rightly is for a person to say. */
  readonly touched: readonly CitingCase[];
}

/**
 * Merges the checkouts into the index and writes it. Documents of a repository that is not there are left as they are.
 * Throws `spec.no-commit`, and what reading the checkouts throws.
 */
export function specIndex(folders: readonly string[], options: SpecOptions = {}): SpecReport {
  const indexFile = options.indexFile ?? INDEX_FILE;
  const index = readIndex(indexFile);
  const readings = readAll(folders, index, options.commits);
  writeIndex(updatedIndex(index, readings), indexFile);
  return reportOf(readings, []);
}

/** As `specIndex`, without writing; says which of the cases are touched. */
export function specCheck(
  folders: readonly string[],
  cases: readonly CitingCase[] = [],
  options: SpecOptions = {},
): SpecReport {
  return reportOf(readAll(folders, readIndex(options.indexFile), options.commits), cases);
}

/** The sentence of each requirement, for readers who have a checkout: only of those that stand there as they were indexed. */
export function readSentences(
  folders: readonly string[],
  options: SpecOptions = {},
): Map<RequirementId, string> {
  const readings = readAll(folders, readIndex(options.indexFile), options.commits);
  const differing = new Set(readings.flatMap(({ merged }) => merged.changes.map(({ after }) => after.id)));
  const texts = readings.flatMap(({ merged }) => [...merged.texts]);
  return new Map(texts.filter(([id]) => !differing.has(id)));
}

interface CheckedOut {
  readonly repository: RepositoryName;
  readonly commit: string | undefined;
  readonly sentences: number;
  readonly merged: Merged;
}

/** Stands for the commit where one only looks and it is not known; git's own id of nothing. */
const NO_COMMIT = '0'.repeat(40);

function readAll(
  folders: readonly string[],
  index: RequirementIndex,
  commits: SpecCommits = {},
): CheckedOut[] {
  return findCheckouts(folders).map((checkout) => {
    const { repository } = checkout;
    const commit = commits[repository] ?? commitOf(checkout);
    const sentences = readCheckout(checkout);
    const known = index.requirements.filter((requirement) => ofRepository(requirement) === repository);
    const merged = mergeReading(known, { commit: commit ?? NO_COMMIT, sentences });
    return { repository, commit, sentences: sentences.length, merged };
  });
}

const ofRepository = ({ document }: Requirement): RepositoryName => repositoryOf(document);

function updatedIndex(index: RequirementIndex, readings: readonly CheckedOut[]): RequirementIndex {
  const read = new Map(readings.map((reading) => [reading.repository, reading]));
  const commits = Object.fromEntries(
    readings.map(({ repository, commit }) => [repository, knownCommit(repository, commit)]),
  );
  return {
    commits: { ...index.commits, ...commits },
    requirements: REPOSITORIES.flatMap(
      (repository) =>
        read.get(repository)?.merged.requirements ??
        index.requirements.filter((requirement) => ofRepository(requirement) === repository),
    ),
  };
}

function knownCommit(repository: RepositoryName, commit: string | undefined): string {
  if (commit !== undefined) return commit;
  throw new BoltgridError('spec.no-commit', 'user', `the commit of the ${repository} is not known`, {
    hint: `Index a git checkout, or say which commit the folder holds with --${repository}-commit.`,
  });
}

function reportOf(readings: readonly CheckedOut[], cases: readonly CitingCase[]): SpecReport {
  const changes = readings.flatMap(({ merged }) => merged.changes);
  const doubtful = new Set(
    changes.filter(({ kind }) => kind === 'changed' || kind === 'gone').map(({ after }) => after.id),
  );
  return {
    read: readings.map(({ repository, commit, sentences }) => ({ repository, commit, sentences })),
    changes,
    touched: cases.flatMap(({ caseId, requirements }) => {
      const touched = requirements.filter((id) => doubtful.has(id));
      return touched.length === 0 ? [] : [{ caseId, requirements: touched }];
    }),
  };
}
