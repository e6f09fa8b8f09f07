import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { BoltgridError } from '../core/error.ts';
import { parseJson } from '../core/zod-errors.ts';
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

const documentOf = (id: string): string => id.slice(0, id.indexOf('-'));

export const repositoryOf = (document: string): RepositoryName =>
  document.startsWith('bolt') ? 'bolts' : 'blips';

const commitSchema = z.string().regex(/^[0-9a-f]{40}$/);
const documentSchema = z.string().regex(/^(?:bolt\d{2}|blip\d{4})$/);

const entrySchema = z.strictObject({
  id: z.string().regex(/^(?:bolt\d{2}|blip\d{4})-[a-z0-9]+(?:-[a-z0-9]+)*-\d{2,}$/),
  level: z.enum(['must', 'should', 'may']),
  /** Where it moved to, if that is another document than the one that its id names. */
  document: documentSchema.optional(),
  /** Of one that is gone from a file that has another name since. */
  file: z.string().optional(),
  section: z.array(z.string()).nonempty(),
  anchor: z.string(),
  hash: z.string().regex(/^[0-9a-f]{32}$/),
  /** The last commit that had the sentence. */
  gone: commitSchema.optional(),
});

const indexSchema = z
  .strictObject({
    commits: z.strictObject({ bolts: commitSchema.optional(), blips: commitSchema.optional() }),
    /** File of each document in its repository. */
    documents: z.record(documentSchema, z.string()),
    requirements: z.array(entrySchema),
  })
  .refine(({ requirements }) => new Set(requirements.map(({ id }) => id)).size === requirements.length, {
    message: 'an id is there twice',
    path: ['requirements'],
  });

/** An index that does not exist yet is empty. Throws `spec.not-json`, `spec.unknown-key`, `spec.invalid`. */
export function readIndex(file: string = INDEX_FILE): RequirementIndex {
  if (!existsSync(file)) return { commits: {}, requirements: [] };
  const { commits, documents, requirements } = parseJson(
    'spec',
    file,
    readFileSync(file, 'utf8'),
    indexSchema,
  );
  return {
    commits: {
      ...(commits.bolts && { bolts: commits.bolts }),
      ...(commits.blips && { blips: commits.blips }),
    },
    requirements: requirements.map(({ gone, ...entry }) => {
      const document = entry.document ?? documentOf(entry.id);
      const path = entry.file ?? documents[document];
      const commit = gone ?? commits[repositoryOf(document)];
      if (path !== undefined && commit !== undefined) {
        return { ...entry, document, file: path, commit, ...(gone && { gone: true }) };
      }
      throw new BoltgridError('spec.invalid', 'user', `${file}: ${entry.id} has no file or no commit`);
    }),
  };
}

/** One line for each requirement, so that a change of one is a change of one line. */
export function formatIndex({ commits, requirements }: RequirementIndex): string {
  // Those that are gone come first: the name that a file has now overrules the one that it had.
  const byAge = [...requirements].sort((a, b) => Number(b.gone ?? false) - Number(a.gone ?? false));
  const files = new Map(byAge.map(({ document, file }) => [document, file]));
  const documents = Object.fromEntries([...files].sort(([a], [b]) => (a < b ? -1 : 1)));
  const lines = requirements.map(({ id, level, document, file, section, anchor, hash, commit, gone }) =>
    JSON.stringify({
      id,
      level,
      ...(document !== documentOf(id) && { document }),
      ...(file !== documents[document] && { file }),
      section,
      anchor,
      hash,
      ...(gone && { gone: commit }),
    }),
  );
  return [
    '{',
    `"commits": ${JSON.stringify(commits)},`,
    `"documents": ${JSON.stringify(documents)},`,
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
