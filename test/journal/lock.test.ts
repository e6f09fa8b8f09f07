import { spawnSync } from 'node:child_process';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { LOCK_FILE, lockRunFolder } from '../../src/journal/lock.ts';
import { thisProcess } from '../../src/core/process-identity.ts';
import { temporaryFolders } from './folder.ts';

const folder = temporaryFolders();

async function folderLockedBy(holder: unknown): Promise<string> {
  const path = await folder();
  await writeFile(join(path, LOCK_FILE), typeof holder === 'string' ? holder : JSON.stringify(holder));
  return path;
}

describe('the lock of a run folder', () => {
  it('is held by one at a time and leaves nothing behind', async () => {
    const path = await folder();
    const lock = await lockRunFolder(path);
    await expect(lockRunFolder(path)).rejects.toMatchObject({ code: 'journal.locked', blame: 'user' });
    await lock.release();
    await (await lockRunFolder(path)).release();
    expect(await readdir(path)).toEqual([]);
  });

  it('goes to one of several that ask at once', async () => {
    const path = await folder();
    const asked = await Promise.allSettled(Array.from({ length: 8 }, () => lockRunFolder(path)));
    expect(asked.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(await readdir(path)).toEqual([LOCK_FILE]);
  });

  it('is taken over from a process that has ended', async () => {
    const { pid } = spawnSync(process.execPath, ['--version']);
    const path = await folderLockedBy({ ...thisProcess(), pid });
    await lockRunFolder(path);
    expect(JSON.parse(await readFile(join(path, LOCK_FILE), 'utf8'))).toEqual(thisProcess());
  });

  it.each([
    ['a process whose pid was given again', { ...thisProcess(), startTicks: '1' }],
    ['a process before the last boot', { ...thisProcess(), bootId: 'another' }],
    ['nobody that can be read', 'torn'],
  ])('is taken over from %s', async (_, holder) => {
    const path = await folderLockedBy(holder);
    await lockRunFolder(path);
    expect(await readdir(path)).toEqual([LOCK_FILE]);
  });

  it('of another machine is left alone, with what to do', async () => {
    const path = await folderLockedBy({ ...thisProcess(), host: 'elsewhere' });
    await expect(lockRunFolder(path)).rejects.toMatchObject({
      code: 'journal.locked',
      message: expect.stringContaining('elsewhere') as string,
      hint: expect.stringContaining('delete the lock file') as string,
    });
  });
});
