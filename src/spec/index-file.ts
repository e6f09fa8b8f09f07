import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { BoltgridError, messageOf } from '../core/error.ts';
import type { Requirement } from './requirement.ts';

export const REPOSITORIES = ['bolts', 'blips'] as const;
/** A repository of `github.com/lightning`. */
export type RepositoryName = (typeof REPOSITORIES)[number];

export type SpecCommits = Readonly<Partial<Record<RepositoryName, string>>>;

/** What src/spec/requirements.json holds. */
export interface RequirementIndex {
  /** The commit at which each repository was read last. */
  readonly commits: SpecCommits;
  readonly requirements: readonly Requirement[];
}

/** In the sources and in the package it lies beside this module. */
export const INDEX_FILE = fileURLToPath(new URL('requirements.json', import.meta.url));

export const documentOf = (id: string): string => id.slice(0, id.indexOf('-'));

export const repositoryOf = (document: string): RepositoryName => (document.startsWith('bolt') ? 'bolts' : 'blips');

const commitSchema = z.string().regex(/^[0-9a-f]{40}$/);

const entrySchema = z.strictObject({
  id: z.string().regex(/^(?:bolt\d{2}|blip\d{4})-[a-z0-9]+(?:-[a-z0-9]+)*-\d{2,}$/),
  level: z.enum(['must', 'should', 'may']),
  section: z.array(z.string()).nonempty(),
  anchor: z.string(),
  hash: z.string().regex(/^[0-9a-f]{32}$/),
  /** The last commit that had the sentence. */
  gone: commitSchema.optional(),
});

const indexSchema = z.strictObject({
  commits: z.strictObject({ bolts: commitSchema.optional(), blips: commitSchema.optional() }),
  /** Document → file in its repository. */
  documents: z.record(z.string(), z.string()),
  requirements: z.array(entrySchema),
});

/** An index that does not exist yet is empty. Throws `spec.bad-index`. */
export function readIndex(file: string = INDEX_FILE): RequirementIndex {
  if (!existsSync(file)) return { commits: {}, requirements: [] };
  try {
    return parseIndex(readFileSync(file, 'utf8'));
  } catch (cause) {
    throw new BoltgridError('spec.bad-index', 'user', `${file} is no index of requirements: ${messageOf(cause)}`, { cause });
  }
}

function parseIndex(text: string): RequirementIndex {
  const { commits, documents, requirements } = indexSchema.parse(JSON.parse(text));
  const ids = new Set(requirements.map(({ id }) => id));
  if (ids.size !== requirements.length) throw new BoltgridError('spec.bad-index', 'user', 'an id is there twice');
  return {
    commits: { ...(commits.bolts && { bolts: commits.bolts }), ...(commits.blips && { blips: commits.blips }) },
    requirements: requirements.map(({ gone, ...entry }) => {
      const document = documentOf(entry.id);
      const file = documents[document];
      const commit = gone ?? commits[repositoryOf(document)];
      if (file === undefined || commit === undefined) {
        throw new BoltgridError('spec.bad-index', 'user', `${entry.id} has no file or no commit`);
      }
      return { ...entry, document, file, commit, ...(gone && { gone: true }) };
    }),
  };
}

/** One line for each requirement, so that a change of one is a change of one line. */
export function formatIndex({ commits, requirements }: RequirementIndex): string {
  const documents = Object.fromEntries(requirements.map(({ document, file }) => [document, file]));
  const lines = requirements.map(({ id, level, section, anchor, hash, commit, gone }) =>
    JSON.stringify({ id, level, section, anchor, hash, ...(gone && { gone: commit }) }),
  );
  return [
    '{',
    `"commits": ${JSON.stringify(commits)},`,
    `"documents": ${JSON.stringify(documents, undefined, 2)},`,
    '"requirements": [',
    lines.join(',\n'),
    ']',
    '}',
    '',
  ].join('\n');
}

export function writeIndex(index: RequirementIndex, file: string = INDEX_FILE): void {
  writeFileSync(file, formatIndex(index));
}
