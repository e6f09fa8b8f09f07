import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { temporaryFolders } from '../journal/folder.ts';
import { writeProject } from './project.ts';
import { boltgridWith, fakeRunner } from './runner.ts';
import type { FakeRun } from './runner.ts';
import { boltgrid } from './terminal.ts';

const folder = temporaryFolders();

async function project(): Promise<string> {
  const path = await folder();
  await writeProject(path);
  return path;
}

const run = (path: string, how: FakeRun, ...argv: string[]) =>
  boltgridWith(fakeRunner(how), path, ['run', ...argv]);

describe('reading runs', () => {
  it('shows a cell, a case, and refuses what is not there', async () => {
    const path = await project();
    await run(path, {
      verdicts: { 'fake@1.0 bolt01/ping#ignored': 'fail' },
      rest: { message: 'was not ignored' },
    });
    const cell = await boltgrid(path, 'show', 'fake@1.0');
    expect(cell.out).toContain('bolt01/init#first');
    const one = await boltgrid(path, 'show', 'fake@1.0 bolt01/ping#ignored');
    expect(one.out).toContain('was not ignored');
    expect(one.out).not.toContain('bolt01/init#first');
    expect(await boltgrid(path, 'show', 'fake@1.0', '--case', 'bolt01/ping#ignored')).toEqual(one);
    expect(
      await boltgrid(path, 'show', 'fake@1.0', 'bolt01/ping#ignored', '--run', 'reports/latest/run.jsonl'),
    ).toEqual(one);
    const pair = await boltgrid(path, 'show', 'fake@1.0 -> fake@2.0 pair/basic#pay', '--json');
    expect(JSON.parse(pair.out)).toMatchObject({
      cell: 'fake@1.0 -> fake@2.0',
      results: [{ case: 'pair/basic#pay' }],
    });
    expect(await boltgrid(path, 'show', 'fake@1.1')).toMatchObject({
      code: 2,
      err: expect.stringMatching(/no cell "fake@1\.1"\nDid you mean/) as string,
    });
  });

  it('gates against a baseline and compares', async () => {
    const path = await project();
    await run(path, { verdicts: { 'bolt01/ping#ignored': 'fail' } }, '--out', 'before');
    await run(path, { verdicts: { 'bolt01/ping#ignored': 'fail', 'bolt01/init#first': 'fail' } });
    expect((await boltgrid(path, 'gate', '--baseline', 'reports/latest')).code).toBe(0);
    const worse = await boltgrid(path, 'gate', 'latest', '--baseline', 'before/latest', '--json');
    expect(worse.code).toBe(1);
    expect(JSON.parse(worse.out)).toMatchObject({
      unexpected: [{ case: 'bolt01/init#first' }, { case: 'bolt01/init#first' }],
    });
    const diff = await boltgrid(path, 'diff', 'before/latest', 'latest');
    expect(diff.code).toBe(0);
    expect(diff.out).toContain('bolt01/init#first');
    expect(diff.out).not.toContain('bolt01/ping#ignored');
    expect(JSON.parse((await boltgrid(path, 'diff', 'before/latest', 'latest', '--json')).out)).toMatchObject(
      {
        counts: { changed: 2 },
      },
    );
  });

  it('refuses a journal that is damaged', async () => {
    const path = await project();
    await run(path, {});
    await writeFile(join(path, 'reports/latest/run.jsonl'), '{"event":"surprise"}\n', { flag: 'a' });
    for (const argv of [
      ['show', 'fake@1.0'],
      ['gate'],
      ['report'],
      ['diff', 'latest', 'latest'],
      ['run', '--resume'],
    ]) {
      const { code, err } = await boltgrid(path, ...argv);
      expect({ code, err }).toMatchObject({
        code: 2,
        err: expect.stringMatching(/run\.jsonl:\d+: /) as string,
      });
    }
  });
});
