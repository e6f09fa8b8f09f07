import { writeFileSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { identityOf, stateOf, thisProcess } from '../../core/process-identity.ts';
import { ADMIN_PATH, runTool } from './run-tool.ts';

const PREFIX = 'boltgrid-image-';
const OWNER_FILE = 'owner.json';
const PROGRAM_FILE = 'program.json';

const identity = z.object({ host: z.string(), bootId: z.string(), pid: z.number(), startTicks: z.string() });

export interface WorkFolder extends AsyncDisposable {
  readonly folder: string;
  /** Notes which program works in it, so that it is ended where we are killed. */
  readonly worksHere: (pid: number) => void;
}

/** An empty folder for making one image, gone when disposed of. Those of processes that were killed are removed before. */
export async function workFolder(): Promise<WorkFolder> {
  await sweepFolders();
  const parent = await mkdtemp(join(tmpdir(), PREFIX));
  const folder = join(parent, 'work');
  await mkdir(folder, { mode: 0o755 });
  await writeFile(join(parent, OWNER_FILE), JSON.stringify(thisProcess()));
  return {
    folder,
    worksHere: (pid) => {
      writeFileSync(join(parent, PROGRAM_FILE), JSON.stringify(identityOf(pid)));
    },
    [Symbol.asyncDispose]: () => removeTree(parent),
  };
}

async function sweepFolders(): Promise<void> {
  const names = (await readdir(tmpdir())).filter((name) => name.startsWith(PREFIX));
  for (const parent of names.map((name) => join(tmpdir(), name))) {
    // Only where it is certain: a folder whose owner is not written yet is somebody's.
    if ((await processIn(join(parent, OWNER_FILE)))?.state !== 'dead') continue;
    const program = await processIn(join(parent, PROGRAM_FILE));
    if (program?.state === 'alive') endGroup(program.pid);
    await removeTree(parent);
  }
}

async function processIn(
  file: string,
): Promise<{ pid: number; state: ReturnType<typeof stateOf> } | undefined> {
  try {
    const found = identity.parse(JSON.parse(await readFile(file, 'utf8')));
    return { pid: found.pid, state: stateOf(found) };
  } catch {
    return undefined;
  }
}

function endGroup(leader: number): void {
  try {
    process.kill(-leader, 'SIGKILL');
  } catch {
    // It has ended meanwhile.
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
