import { mkdir, mkdtemp, readdir, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { stateOf, thisProcess } from '../../core/process-identity.ts';
import { ADMIN_PATH, runTool } from './run-tool.ts';

const PREFIX = 'boltgrid-image-';
const OWNER_FILE = 'owner.json';

const owner = z.object({ host: z.string(), bootId: z.string(), pid: z.number(), startTicks: z.string() });

/** An empty folder for making one image, gone when disposed of. Those of processes that were killed are removed before. */
export async function workFolder(): Promise<{ readonly folder: string } & AsyncDisposable> {
  await sweepFolders();
  const parent = await mkdtemp(join(tmpdir(), PREFIX));
  const folder = join(parent, 'work');
  await mkdir(folder, { mode: 0o755 });
  await writeFile(join(parent, OWNER_FILE), JSON.stringify(thisProcess()));
  return { folder, [Symbol.asyncDispose]: () => removeTree(parent) };
}

async function sweepFolders(): Promise<void> {
  const names = (await readdir(tmpdir())).filter((name) => name.startsWith(PREFIX));
  for (const parent of names.map((name) => join(tmpdir(), name))) {
    if (await isAbandoned(parent)) await removeTree(parent);
  }
}

/** Only where it is certain: a folder whose owner is not written yet is somebody's. */
async function isAbandoned(parent: string): Promise<boolean> {
  try {
    const text = await readFile(join(parent, OWNER_FILE), 'utf8');
    return stateOf(owner.parse(JSON.parse(text))) === 'dead';
  } catch {
    return false;
  }
}

/** A debootstrap that was interrupted may leave /proc mounted in its tree: that is let go first, and never walked into. */
async function removeTree(parent: string): Promise<void> {
  const mounts = (await readFile('/proc/self/mounts', 'utf8').catch(() => ''))
    .split('\n')
    .map((line) => line.split(' ')[1] ?? '')
    .filter((path) => path.startsWith(`${parent}/`))
    .sort()
    .reverse();
  const quiet = {
    env: { PATH: `${process.env.PATH ?? ''}:${ADMIN_PATH}` },
    folder: '/',
    onLine: () => undefined,
  };
  for (const mount of mounts) await runTool(['umount', '-l', mount], quiet);
  await runTool(['rm', '-rf', '--one-file-system', parent], quiet);
}
