import { existsSync, lstatSync, readdirSync, realpathSync, statSync } from 'node:fs';
import { cp, mkdir, rename, rm, symlink } from 'node:fs/promises';
import { randomBytes } from 'node:crypto';
import { basename, dirname, join, resolve } from 'node:path';
import { BoltgridError } from '../core/error.ts';
import { nearest } from '../core/text.ts';
import { JOURNAL_FILE } from '../journal/run.ts';
import { notWritable } from '../journal/writer.ts';

export const LATEST = 'latest';

export const OUT_OPTION = {
  flags: '--out <folder>',
  description: 'where runs are written (reports)',
} as const;

export const runsFolder = (cwd: string, out: string | undefined): string => resolve(cwd, out ?? 'reports');

/** Sorts by time: `20250102-030405-x7f2`. */
export function newRunId(now: Date): string {
  const time = now
    .toISOString()
    .replace(/\.\d+Z$/, '')
    .replace(/[-:]/g, '')
    .replace('T', '-');
  return `${time}-${randomBytes(2).toString('hex')}`;
}

/**
 * The folder of a run that a user names: `latest`, an id within the folder of runs, a folder, or a journal in one.
 * Throws `cli.no-run` (user).
 */
export function findRun(run: string, cwd: string, out: string | undefined): string {
  const runs = runsFolder(cwd, out);
  if (run === LATEST) return latestRun(runs);
  const place = [resolve(cwd, run), join(runs, run)].find((path) => existsSync(path));
  if (place === undefined) throw noRun(run, runs);
  const folder = statSync(place).isDirectory() ? place : dirname(place);
  if (!existsSync(join(folder, JOURNAL_FILE))) throw noRun(run, runs);
  return realpathSync(folder);
}

/** Where the link leads. A copy would be a dead end for a run that is to go on, so what it was made from goes first. */
function latestRun(runs: string): string {
  const latest = join(runs, LATEST);
  const isThere = existsSync(join(latest, JOURNAL_FILE));
  if (isThere && lstatSync(latest).isSymbolicLink()) return realpathSync(latest);
  const newest = runIds(runs).at(-1);
  if (newest !== undefined) return join(runs, newest);
  if (isThere) return latest;
  throw noRun(LATEST, runs);
}

/** Ids of all runs in a folder, the oldest first. */
export function runIds(runs: string): string[] {
  if (!existsSync(runs)) return [];
  return readdirSync(runs)
    .filter((name) => name !== LATEST && existsSync(join(runs, name, JOURNAL_FILE)))
    .sort();
}

function noRun(run: string, runs: string): BoltgridError {
  const ids = runIds(runs);
  const meant = nearest(run, [...ids, LATEST]);
  const hint = ids.length === 0 ? 'Start one with boltgrid run.' : `Did you mean ${meant ?? LATEST}?`;
  return new BoltgridError('cli.no-run', 'user', `there is no run ${JSON.stringify(run)}`, {
    hint,
    details: { runs },
  });
}

/**
 * Makes `latest` lead to a run, in one step for whoever looks: a link, or where links cannot be made a copy.
 * Throws `journal.not-writable`.
 */
export async function pointLatest(runFolder: string, link = symlink): Promise<void> {
  const runs = dirname(runFolder);
  const latest = join(runs, LATEST);
  const next = join(runs, `.${LATEST}-${randomBytes(4).toString('hex')}`);
  try {
    await mkdir(runs, { recursive: true });
    await link(basename(runFolder), next, 'dir').catch(() => cp(runFolder, next, { recursive: true }));
    await rename(next, latest).catch(() => replaceFolder(next, latest));
  } catch (error) {
    await rm(next, { recursive: true, force: true });
    throw notWritable(latest, error);
  }
}

/** A folder cannot be renamed over another: it is moved aside first. */
async function replaceFolder(next: string, latest: string): Promise<void> {
  const aside = `${next}-old`;
  await rename(latest, aside);
  await rename(next, latest);
  await rm(aside, { recursive: true, force: true });
}
