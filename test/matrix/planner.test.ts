import { appendFile, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { makePlan } from '../../src/matrix/planner.ts';
import { plannedTests, testKey } from '../../src/matrix/plan.ts';
import type { Plan } from '../../src/matrix/plan.ts';
import type { Selection } from '../../src/matrix/selection.ts';
import { askNothing } from '../../src/matrix/here.ts';
import { loadSources, type MatrixSources } from '../../src/matrix/sources.ts';
import { DEFAULT_MATRIX, writeProject } from '../cli/project.ts';
import { temporaryFolders } from '../journal/folder.ts';

const folder = temporaryFolders();

async function project(): Promise<string> {
  const path = await folder();
  await writeProject(path);
  return path;
}

const sourcesIn = (path: string): Promise<MatrixSources> =>
  loadSources(join(path, 'matrix.json'), { here: askNothing(), cwd: path });

async function planOf(path: string, selection: Selection = {}, seed = 'seed'): Promise<Plan> {
  return makePlan(await sourcesIn(path), seed, selection);
}

const tests = (plan: Plan): string[] =>
  plannedTests(plan).map(({ cell, case: test }) => `${cell.cell} ${test.id}`);

const PAIRS = ['fake@1.0 -> fake@2.0', 'fake@2.0 -> fake@1.0'];

describe('a plan', () => {
  it('has subject cells for subject cases and ordered pairs for pair cases', async () => {
    const plan = await planOf(await project());
    expect(plan.cells.map(({ cell, kind }) => [cell, kind])).toEqual([
      ['fake@1.0', 'subject'],
      ['fake@2.0', 'subject'],
      [PAIRS[0], 'pair'],
      [PAIRS[1], 'pair'],
    ]);
    expect(tests(plan)).toHaveLength(2 * 4 + 2);
    expect(plan.nodes.map(({ id }) => id)).toEqual(['fake@1.0', 'fake@2.0']);
  });

  it('gives a case the strongest level of its requirements', async () => {
    const { cases } = await planOf(await project());
    const level = (id: string) => cases.find((test) => test.id === id)?.level;
    expect([level('bolt01/ping#ignored'), level('bolt01/init#first')]).toEqual(['must', 'should']);
  });

  it.each<[string, Selection, string[]]>([
    ['a node', { nodes: ['fake@1.0'], cases: ['bolt01/ping#ignored'] }, ['fake@1.0 bolt01/ping#ignored']],
    [
      'an implementation and a pair suite',
      { nodes: ['fake'], suites: ['pair'] },
      PAIRS.map((cell) => `${cell} pair/basic#pay`),
    ],
    [
      'one order of a pair',
      { suites: ['pair/*'], pairs: ['fake@1.0 -> *'] },
      [`${PAIRS[0]!} pair/basic#pay`],
    ],
    [
      'a case with all its parameters',
      { nodes: ['fake@2.0'], cases: ['bolt01/ping#asked-length'] },
      ['fake@2.0 bolt01/ping#asked-length[zero]', 'fake@2.0 bolt01/ping#asked-length[one]'],
    ],
    [
      'a case with one parameter',
      { nodes: ['fake@2.0'], cases: ['bolt01/ping#asked-length[one]'] },
      ['fake@2.0 bolt01/ping#asked-length[one]'],
    ],
    ['a pattern across parts', { nodes: ['fake@1.0'], cases: ['**#first'] }, ['fake@1.0 bolt01/init#first']],
    [
      'two patterns',
      { nodes: ['*@1.0'], cases: ['bolt01/init#*', '**#ignored'] },
      ['fake@1.0 bolt01/init#first', 'fake@1.0 bolt01/ping#ignored'],
    ],
  ])('of %s', async (_, selection, expected) => {
    expect(tests(await planOf(await project(), selection))).toEqual(expected);
  });

  it('without pairs', async () => {
    const plan = await planOf(await project(), { pairs: ['none'] });
    expect(plan.cells.map(({ kind }) => kind)).toEqual(['subject', 'subject']);
    expect(plan.suites.map(({ id }) => id)).not.toContain('pair/basic');
  });

  it('of single tests keeps what each cell runs', async () => {
    const wanted = [
      ['fake@1.0', 'bolt01/ping#ignored'],
      ['fake@2.0', 'bolt01/ping#ignored'],
      ['fake@2.0', 'bolt01/init#first'],
    ] as const;
    const keys = new Set(wanted.map(([cell, test]) => testKey(cell, test)));
    const plan = await planOf(await project(), { tests: keys });
    expect(new Set(plannedTests(plan).map(({ cell, case: test }) => testKey(cell.cell, test.id)))).toEqual(
      keys,
    );
    expect(plan.cells).toEqual([
      { cell: 'fake@1.0', kind: 'subject', nodes: ['fake@1.0'], only: ['bolt01/ping#ignored'] },
      { cell: 'fake@2.0', kind: 'subject', nodes: ['fake@2.0'] },
    ]);
  });

  it('made from the tests of another plan is that plan', async () => {
    const path = await project();
    const plan = await planOf(path, { suites: ['bolt01/ping'], nodes: ['fake@2.0'] });
    const keys = plannedTests(plan).map(({ cell, case: test }) => testKey(cell.cell, test.id));
    expect(await planOf(path, { tests: new Set(keys) })).toEqual(plan);
  });

  it.each<[string, Selection, string, string]>([
    ['a node', { nodes: ['fake@1.1'] }, 'no node matches "fake@1.1"', 'fake@'],
    ['a suite', { suites: ['bolt01/pong'] }, 'no suite matches', 'Did you mean "bolt01/ping"?'],
    ['a case', { cases: ['bolt01/ping#ignore'] }, 'no case matches', 'Did you mean "bolt01/ping#ignored"?'],
    ['a pair', { pairs: ['fake@1.0 -> fake@1.0'] }, 'no pair matches', 'fake@1.0 -> fake@2.0'],
    ['one of several', { cases: ['**', 'nothing#like-it'] }, '"nothing#like-it"', 'There are: '],
  ])('of %s that does not exist is a mistake', async (_, selection, message, hint) => {
    await expect(planOf(await project(), selection)).rejects.toMatchObject({
      code: 'select.no-match',
      blame: 'user',
      message: expect.stringContaining(message) as string,
      hint: expect.stringContaining(hint) as string,
    });
  });

  it('of nothing is a mistake', async () => {
    const selection = { suites: ['pair'], nodes: ['fake@1.0'] };
    await expect(planOf(await project(), selection)).rejects.toMatchObject({
      code: 'plan.empty',
      blame: 'user',
    });
  });
});

describe('the hash of a plan', () => {
  it('does not depend on where the project is, nor on what cannot run here', async () => {
    const [a, b] = [await project(), await project()];
    expect((await planOf(a)).planHash).toBe((await planOf(b)).planHash);
    const sources = await sourcesIn(a);
    const lacking = sources.nodes.map((node) => ({
      ...node,
      place: { embedded: 'no package here', inDocker: 'no Docker here' },
    }));
    const plan = makePlan({ ...sources, nodes: lacking }, 'seed');
    expect(plan.planHash).toBe((await planOf(a)).planHash);
    expect(plan.cells.map(({ cannotRun }) => cannotRun)).toEqual([
      'no package here',
      'no package here',
      'fake@1.0: no package here; fake@2.0: no package here',
      'fake@2.0: no package here; fake@1.0: no package here',
    ]);
  });

  it('does not depend on the order of the matrix', async () => {
    const [a, b] = [await project(), await project()];
    await writeFile(
      join(b, 'matrix.json'),
      JSON.stringify({ nodes: DEFAULT_MATRIX.nodes.toReversed(), suites: ['pair', 'bolt01'] }),
    );
    expect((await planOf(b)).planHash).toBe((await planOf(a)).planHash);
  });

  it('holds no path of this machine', async () => {
    const path = await project();
    const { cells, cases, planHash } = await planOf(path);
    expect(JSON.stringify({ cells, cases, planHash })).not.toContain(path);
  });

  it.each<[string, (path: string) => Promise<unknown>]>([
    ['a suite', (path) => appendFile(join(path, 'suites/bolt01/ping.mjs'), '// changed\n')],
    ['a manifest', (path) => appendFile(join(path, 'images/fake/node.json'), '\n')],
    [
      'the nodes',
      (path) =>
        writeFile(join(path, 'matrix.json'), JSON.stringify({ ...DEFAULT_MATRIX, nodes: ['fake@1.0'] })),
    ],
    [
      'a profile',
      (path) =>
        writeFile(
          join(path, 'matrix.json'),
          JSON.stringify({ ...DEFAULT_MATRIX, nodes: ['fake@1.0+fast', 'fake@2.0'] }),
        ),
    ],
    [
      'the pairs',
      (path) => writeFile(join(path, 'matrix.json'), JSON.stringify({ ...DEFAULT_MATRIX, pairs: 'none' })),
    ],
  ])('changes with %s', async (_, change) => {
    const path = await project();
    const before = (await planOf(path)).planHash;
    await change(path);
    expect((await planOf(path)).planHash).not.toBe(before);
  });

  it('changes with the seed and the selection', async () => {
    const path = await project();
    const hashes = [
      await planOf(path),
      await planOf(path, {}, 'another'),
      await planOf(path, { nodes: ['fake@1.0'] }),
      await planOf(path, { cases: ['**#ignored'] }),
      await planOf(path, { tests: new Set([testKey('fake@1.0', 'bolt01/ping#ignored')]) }),
    ].map(({ planHash }) => planHash);
    expect(new Set(hashes).size).toBe(hashes.length);
    for (const hash of hashes) expect(hash).toMatch(/^[0-9a-f]{64}$/);
  });

  it('is not touched by a suite that the plan leaves out', async () => {
    const path = await project();
    const selection = { suites: ['bolt01'] };
    const before = (await planOf(path, selection)).planHash;
    await writeFile(
      join(path, 'suites/pair/basic.mjs'),
      `${await readFile(join(path, 'suites/pair/basic.mjs'), 'utf8')}//\n`,
    );
    expect((await planOf(path, selection)).planHash).toBe(before);
  });
});
