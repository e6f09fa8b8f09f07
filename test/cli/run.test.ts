import { lstat, mkdir, readdir, readFile, realpath, symlink, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { findRun, pointLatest } from '../../src/cli/runs.ts';
import { BoltgridError } from '../../src/core/error.ts';
import type { JournalEvent } from '../../src/journal/events.ts';
import { lockRunFolder } from '../../src/journal/lock.ts';
import { loadJournal } from '../../src/journal/reader.ts';
import { temporaryFolders } from '../journal/folder.ts';
import { writeProject } from './project.ts';
import { boltgridWith, fakeRunner } from './runner.ts';
import type { FakeRun } from './runner.ts';
import { boltgrid, FakeOutput } from './terminal.ts';

const folder = temporaryFolders();

async function project(): Promise<string> {
  const path = await folder();
  await writeProject(path);
  return path;
}

const run = (path: string, how: FakeRun, ...argv: string[]) =>
  boltgridWith(fakeRunner(how), path, ['run', ...argv]);

const journalOf = (path: string, id = 'latest'): Promise<JournalEvent[]> =>
  loadJournal(join(path, 'reports', id, 'run.jsonl'));

const TESTS = 2 * 4 + 2;

describe('boltgrid run', () => {
  it('writes a journal and its reports, and leads latest to them', async () => {
    const path = await project();
    const { code, out, err } = await run(path, {});
    expect({ code, err }).toEqual({ code: 0, err: '' });
    const id = basename(await realpath(join(path, 'reports/latest')));
    expect(id).toMatch(/^\d{8}-\d{6}-[0-9a-f]{4}$/);
    expect((await readdir(join(path, 'reports'))).sort()).toEqual([id, 'latest']);
    const files = await readdir(join(path, 'reports', id));
    expect(files).toEqual(
      expect.arrayContaining(['index.html', 'junit.xml', 'report.json', 'run.jsonl', 'summary.md']),
    );
    expect(files).not.toContain('run.lock');
    const events = await journalOf(path);
    expect(events[0]).toMatchObject({
      event: 'header',
      runId: id,
      seed: 'boltgrid',
      spec: { bolts: { repository: 'lightning/bolts' } },
    });
    expect(events[0]).not.toHaveProperty('partial');
    expect(events.at(-1)).toMatchObject({ event: 'footer', reason: 'complete', notRun: 0 });
    expect(events.filter(({ event }) => event === 'case-finished')).toHaveLength(TESTS);
    expect(await readFile(join(path, 'reports/latest/run.jsonl'), 'utf8')).not.toContain(path);
    expect(out).toContain(`reports/${id}/index.html`);
    expect(out).toContain(`file://`);
  });

  it('hands the options to the runner', async () => {
    const path = await project();
    const runner = fakeRunner();
    const argv = [
      'run',
      '--isolate',
      '--shuffle',
      '--fail-fast',
      '--keep',
      '--workers',
      '3',
      '--seed',
      'abc',
      '--node',
      'fake@1.0',
    ];
    await boltgridWith(runner, path, argv);
    expect(runner.requests[0]).toMatchObject({
      ...{ isolate: true, shuffle: true, failFast: true, keep: true, workers: 3 },
      plan: { seed: 'abc', nodes: [{ id: 'fake@1.0' }] },
    });
    expect((await journalOf(path))[0]).toMatchObject({ seed: 'abc', partial: true });
  });

  it.each<[string, FakeRun, number]>([
    ['a red case', { verdicts: { 'bolt01/ping#ignored': 'fail' } }, 1],
    ['a set-up error', { verdicts: { 'bolt01/ping#ignored': 'setup-error' } }, 1],
    [
      'a defect of ours beside a red case',
      { verdicts: { 'bolt01/ping#ignored': 'harness-error', 'bolt01/init#first': 'fail' } },
      3,
    ],
    ['cancelled', { stopAt: 3 }, 130],
    ['cancelled with a red case', { verdicts: { 'bolt01/init#first': 'fail' }, stopAt: 5 }, 130],
    [
      'what is not offered',
      { verdicts: { 'bolt01/ping#ignored': 'unsupported', 'pair/basic#pay': 'undrivable' } },
      0,
    ],
  ])('ends with the exit code of %s', async (_, how, code) => {
    expect((await run(await project(), how)).code).toBe(code);
  });

  it('takes known departures for what they are', async () => {
    const path = await project();
    const known = (node: string) => ({
      ...{ case: 'bolt01/ping#ignored', node, requirement: 'bolt01-ping-01', step: 'check' },
      ...{ reason: 'known', link: 'https://example.org/1', expires: '2999-01-01' },
    });
    const how: FakeRun = {
      verdicts: { 'bolt01/ping#ignored': 'fail' },
      rest: { requirement: 'bolt01-ping-01', step: 'check' },
    };
    const matrix = join(path, 'expectations.json');
    await writeFile(matrix, JSON.stringify({ expectations: [known('fake@1.0'), known('fake@2.0')] }));
    expect((await run(path, how)).code).toBe(0);
    expect((await run(path, {})).code).toBe(1);
    expect((await run(path, {}, '--expectations', 'none.json')).code).toBe(2);
  });

  it('says what was not run, and goes on with it', async () => {
    const path = await project();
    const cut = await run(path, { stopAt: 3, verdicts: { 'fake@1.0 bolt01/init#first': 'warn' } });
    expect(cut.code).toBe(130);
    expect(cut.out).toContain(
      '7 of fake@1.0 (1), fake@2.0 (4), fake@1.0 -> fake@2.0 (1), fake@2.0 -> fake@1.0 (1)',
    );
    const before = basename(await realpath(join(path, 'reports/latest')));
    expect(cut.out).toContain(`boltgrid run --resume ${before}`);

    const runner = fakeRunner();
    const resumed = await boltgridWith(runner, path, ['run', '--resume']);
    expect(resumed.code).toBe(0);
    expect(runner.ran).toHaveLength(7);
    expect(runner.ran).not.toContain('fake@1.0 bolt01/init#first');
    expect(
      (await journalOf(path, before)).map(({ event }) => event).filter((event) => !event.startsWith('case')),
    ).toEqual(['header', 'footer', 'resumed', 'footer']);
    const again = fakeRunner();
    expect((await boltgridWith(again, path, ['run', '--resume', before])).code).toBe(0);
    expect(again.ran).toEqual([]);
  });

  it('does not go on with what has changed since, nor with another selection', async () => {
    const path = await project();
    await run(path, { stopAt: 3 }, '--suite', 'bolt01', '--seed', 'abc');
    expect((await run(path, {}, '--resume', '--node', 'fake@1.0')).err).toContain(
      '--node cannot be given with --resume',
    );
    expect((await run(path, {}, '--resume', 'nothing')).err).toContain('there is no run "nothing"');
    await writeFile(join(path, 'suites/bolt01/init.mjs'), '// changed\n', { flag: 'a' });
    const before = await readFile(join(path, 'reports/latest/run.jsonl'), 'utf8');
    const refused = await run(path, {}, '--resume');
    expect(refused).toMatchObject({
      code: 2,
      err: expect.stringContaining('was written for another plan') as string,
    });
    expect(await readFile(join(path, 'reports/latest/run.jsonl'), 'utf8')).toBe(before);
  });

  it('does not go on with a run that another process writes', async () => {
    const path = await project();
    await run(path, { stopAt: 3 });
    const lock = await lockRunFolder(await realpath(join(path, 'reports/latest')));
    expect(await run(path, {}, '--resume')).toMatchObject({
      code: 2,
      err: expect.stringContaining('is writing this run') as string,
    });
    await lock.release();
    expect((await run(path, {}, '--resume')).code).toBe(0);
  });

  it('runs again what failed, with the same seed', async () => {
    const path = await project();
    expect((await run(path, {}, '--rerun', 'failed')).err).toContain('there is no run');
    await run(
      path,
      { verdicts: { 'fake@2.0 bolt01/ping#ignored': 'fail', 'pair/basic#pay': 'crashed' } },
      '--seed',
      'abc',
    );
    const runner = fakeRunner();
    expect((await boltgridWith(runner, path, ['run', '--rerun', 'failed'])).code).toBe(0);
    expect(runner.ran).toEqual([
      'fake@2.0 bolt01/ping#ignored',
      'fake@1.0 -> fake@2.0 pair/basic#pay',
      'fake@2.0 -> fake@1.0 pair/basic#pay',
    ]);
    expect(runner.requests[0]?.plan.seed).toBe('abc');
    expect((await run(path, {}, '--rerun', 'failed')).err).toContain('nothing was red');
  });

  it('keeps the journal when it can no longer be written', async () => {
    const path = await project();
    const fault = new BoltgridError(
      'journal.write',
      'setup',
      'run.jsonl: the journal can no longer be written',
      {
        hint: 'The disk is full. Free some space and go on with --resume.',
      },
    );
    const { code, err } = await run(path, { stopAt: 4, fault });
    expect({ code, err }).toEqual({
      code: 1,
      err: 'error: run.jsonl: the journal can no longer be written\nThe disk is full. Free some space and go on with --resume.\n',
    });
    expect((await journalOf(path)).filter(({ event }) => event === 'case-finished')).toHaveLength(4);
    expect((await boltgrid(path, 'report')).out).toContain('Unfinished');
    expect((await run(path, {}, '--resume')).code).toBe(0);
  });

  it('says in a line that the folder of runs cannot be made', async () => {
    const path = await project();
    await writeFile(join(path, 'reports'), 'a file');
    const { code, out, err } = await run(path, {});
    expect({ code, out }).toEqual({ code: 1, out: '' });
    expect(err).toMatch(/^error: .*reports.* cannot be written .*\n.*--out.*\n$/);
    expect((await run(path, {}, '--out', 'elsewhere')).code).toBe(0);
  });

  it('copies to latest where links cannot be made, and goes on with the original', async () => {
    const path = await project();
    await run(path, { stopAt: 3 });
    const original = await realpath(join(path, 'reports/latest'));
    const noLinks = () => Promise.reject(Object.assign(new Error('EPERM'), { code: 'EPERM' }));
    await pointLatest(original, noLinks);
    expect((await lstat(join(path, 'reports/latest'))).isDirectory()).toBe(true);
    expect((await readdir(join(path, 'reports/latest'))).sort()).toEqual((await readdir(original)).sort());
    expect(findRun('latest', path, undefined)).toBe(original);
  });

  it('replaces a latest that is a folder, as where links cannot be made', async () => {
    const path = await project();
    await mkdir(join(path, 'reports/latest'), { recursive: true });
    await writeFile(join(path, 'reports/latest/old'), '');
    await run(path, {});
    expect((await lstat(join(path, 'reports/latest'))).isSymbolicLink()).toBe(true);
    expect((await readdir(join(path, 'reports'))).filter((name) => name.startsWith('.'))).toEqual([]);
  });

  it('gives the newest run for latest where there is none', async () => {
    const path = await project();
    await run(path, {});
    const id = basename(await realpath(join(path, 'reports/latest')));
    const elsewhere = await folder();
    await symlink(join(path, 'reports', id), join(elsewhere, id));
    expect((await boltgrid(path, 'gate', '--out', elsewhere)).code).toBe(0);
  });
});

describe('what a run tells', () => {
  it('piped, is a line for each red case and one for each cell', async () => {
    const how: FakeRun = {
      verdicts: { 'fake@2.0 bolt01/ping#ignored': 'fail' },
      rest: { message: 'got\n\u001b[2Jnothing' },
    };
    const { out } = await run(await project(), how);
    const told = out.slice(0, out.indexOf('boltgrid 0.'));
    expect(told.replace(/\d+\.\d s/g, 'TIME').split('\n')).toEqual([
      'fake@1.0  4/4  ✓ 4  TIME',
      '✗ fail           fake@2.0  bolt01/ping#ignored  got nothing',
      'fake@2.0  4/4  ✓ 3  ✗ 1  TIME',
      'fake@1.0 -> fake@2.0  1/1  ✓ 1  TIME',
      'fake@2.0 -> fake@1.0  1/1  ✓ 1  TIME',
      '',
    ]);
    expect(out).toContain("boltgrid show 'fake@2.0 bolt01/ping#ignored'");
  });

  it('is a line for each case when verbose', async () => {
    const { out } = await run(
      await project(),
      {},
      '--verbose',
      '--node',
      'fake@1.0',
      '--suite',
      'bolt01/ping',
    );
    expect(out.match(/✓ pass {11}fake@1\.0 /g)).toHaveLength(3);
  });

  it('is JSON on stdout and the rest on stderr', async () => {
    const { code, out, err } = await run(
      await project(),
      { verdicts: { 'fake@1.0 bolt01/ping#ignored': 'fail' } },
      '--json',
    );
    expect(JSON.parse(out)).toMatchObject({
      exitCode: 1,
      finished: 'complete',
      unexpected: [{ cell: 'fake@1.0', case: 'bolt01/ping#ignored', verdict: 'fail' }],
    });
    expect(err).toContain('fake@2.0  4/4');
    expect(code).toBe(1);
  });

  it.each([
    [{ isTTY: false }, {}, false],
    [{ isTTY: true }, {}, true],
    [{ isTTY: true }, { NO_COLOR: '1' }, false],
    [{ isTTY: true }, { TERM: 'dumb' }, false],
    [{ isTTY: false }, { FORCE_COLOR: '1' }, true],
    [{ isTTY: true }, { FORCE_COLOR: '0' }, false],
    [{ isTTY: true }, { FORCE_COLOR: '1', NO_COLOR: '1' }, false],
  ])('on %j with %j has colours: %s', async (stream, env, coloured) => {
    const stdout = new FakeOutput(stream);
    await boltgridWith(fakeRunner(), await project(), ['run'], { stdout, env });
    // eslint-disable-next-line no-control-regex -- colours are control sequences
    expect(/\u001b\[\d+m/.test(stdout.text)).toBe(coloured);
  });

  it('repeats where things are in the lines to paste', async () => {
    const path = await project();
    const { out } = await run(
      path,
      { stopAt: 2, verdicts: { 'bolt01/init#first': 'fail' } },
      '--out',
      'my runs',
    );
    expect(out).toContain("boltgrid show --out 'my runs' 'fake@1.0 bolt01/init#first'");
    expect(out).toContain("boltgrid run --out 'my runs' --resume 2");
  });

  it('names the command as the user called it', async () => {
    const how: FakeRun = { verdicts: { 'bolt01/init#first': 'fail' } };
    const env = { npm_lifecycle_event: 'start' };
    const { out } = await boltgridWith(fakeRunner(how), await project(), ['run'], { env });
    expect(out).toContain("npm run boltgrid -- show 'fake@1.0 bolt01/init#first'");
  });
});
