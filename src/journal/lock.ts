import { link, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import { BoltgridError } from '../core/error.ts';
import { stateOf, thisProcess } from '../core/process-identity.ts';
import type { ProcessIdentity } from '../core/process-identity.ts';
import { notWritable } from './writer.ts';

export const LOCK_FILE = 'run.lock';

const lockContent = z.strictObject({
  host: z.string(),
  bootId: z.string(),
  pid: z.number().int().min(1),
  startTicks: z.string(),
});

export interface RunLock {
  release(): Promise<void>;
}

/**
 * Holds a run folder for this process. The lock of a process that has ended is taken over. Throws `journal.locked` when a
 * living process, or one of another machine, holds it, and `journal.not-writable`.
 */
export async function lockRunFolder(folder: string): Promise<RunLock> {
  const path = join(folder, LOCK_FILE);
  const own = join(folder, `${LOCK_FILE}.${process.pid}.${randomBytes(4).toString('hex')}`);
  try {
    await writeFile(own, JSON.stringify(thisProcess()), { flag: 'wx' });
  } catch (error) {
    throw notWritable(folder, error);
  }
  try {
    // A link appears with its content, or not at all: nobody reads half a lock.
    if (!(await linkIfAbsent(own, path))) {
      await removeStale(path, `${own}.stale`);
      if (!(await linkIfAbsent(own, path))) throw locked(path, undefined);
    }
  } finally {
    await rm(own, { force: true });
  }
  return { release: () => rm(path, { force: true }) };
}

async function linkIfAbsent(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw notWritable(to, error);
  }
}

async function removeStale(path: string, aside: string): Promise<void> {
  const seen = await readFile(path, 'utf8').catch(() => '');
  const holder = parseLock(seen);
  if (holder && stateOf(holder) !== 'dead') throw locked(path, holder);
  // Of several that find it stale one succeeds in moving it; who moved a newer lock instead puts it back.
  await rename(path, aside).catch(() => undefined);
  const moved = await readFile(aside, 'utf8').catch(() => seen);
  if (moved !== seen) await linkIfAbsent(aside, path);
  await rm(aside, { force: true });
}

function parseLock(text: string): ProcessIdentity | undefined {
  try {
    return lockContent.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

function locked(path: string, holder: ProcessIdentity | undefined): BoltgridError {
  const who = holder ? `process ${holder.pid} on ${holder.host}` : 'another process';
  return new BoltgridError('journal.locked', 'user', `${path}: ${who} is writing this run`, {
    hint: 'Wait until it has ended. If it is a machine that no longer exists, delete the lock file.',
  });
}
