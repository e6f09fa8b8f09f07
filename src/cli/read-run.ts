import { join, resolve } from 'node:path';
import { JOURNAL_FILE } from '../journal/run.ts';
import type { Report } from '../report/schema.ts';
import type { CliContext } from './context.ts';
import { readExpectations } from './project.ts';
import type { ProjectOptions } from './project.ts';
import { findRun } from './runs.ts';

export interface ReadRunOptions extends ProjectOptions {
  readonly out?: string;
  /** Checkouts of the specifications, for the sentences. */
  readonly spec?: readonly string[];
}

export interface ReadRun {
  readonly folder: string;
  readonly report: Report;
  /** The user had chosen a part of the matrix. */
  readonly partial: boolean;
  /** Of all requirements, where a checkout of the specifications was named. */
  readonly sentences: ReadonlyMap<string, string>;
}

/** The report of a run that a user names (see `findRun`), made anew from its journal. */
export async function readRun(run: string, context: CliContext, options: ReadRunOptions): Promise<ReadRun> {
  const folder = findRun(run, context.cwd, options.out);
  return { folder, ...(await reportOfFolder(folder, context, options)) };
}

export async function reportOfFolder(
  folder: string,
  context: CliContext,
  options: ReadRunOptions,
): Promise<Omit<ReadRun, 'folder'>> {
  const [{ loadJournal }, { buildReport }, { allRequirements }, { featureOfBit }] = await Promise.all([
    import('../journal/reader.ts'),
    import('../report/model.ts'),
    import('../spec/registry.ts'),
    import('../wire/features.ts'),
  ]);
  const events = await loadJournal(join(folder, JOURNAL_FILE));
  const sentences = await sentencesOf((options.spec ?? []).map((path) => resolve(context.cwd, path)));
  const report = buildReport(events, {
    expectations: await readExpectations(context, options),
    requirements: new Map(allRequirements().map((requirement) => [requirement.id, requirement])),
    featureName: featureOfBit,
    sentences,
  });
  const [header] = events;
  return { report, partial: header?.event === 'header' && header.partial === true, sentences };
}

/** None without a checkout. */
export async function sentencesOf(checkouts: readonly string[]): Promise<ReadonlyMap<string, string>> {
  if (checkouts.length === 0) return new Map();
  const { readSentences } = await import('../spec/update.ts');
  return readSentences(checkouts);
}
