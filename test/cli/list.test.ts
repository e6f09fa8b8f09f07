import { describe, expect, it } from 'vitest';
import { temporaryFolders } from '../journal/folder.ts';
import { writeProject } from './project.ts';
import { boltgrid } from './terminal.ts';

const folder = temporaryFolders();

async function project(): Promise<string> {
  const path = await folder();
  await writeProject(path);
  return path;
}

describe('boltgrid list', () => {
  it('gives each case as JSON', async () => {
    const { code, out } = await boltgrid(await project(), 'list', '--json');
    const { cases } = JSON.parse(out) as { cases: { id: string }[] };
    expect(code).toBe(0);
    expect(cases.map(({ id }) => id)).toEqual([
      'bolt01/init#first',
      'bolt01/ping#asked-length[zero]',
      'bolt01/ping#asked-length[one]',
      'bolt01/ping#ignored',
      'pair/basic#pay',
    ]);
    expect(cases[0]).toMatchObject({
      ...{ suite: 'bolt01/init', title: 'does first', level: 'should' },
      ...{ requirements: ['bolt01-ping-10', 'bolt01-ping-02'], needs: { features: ['gossip_queries'] } },
    });
  });

  it('counts a case once, whatever its parameters', async () => {
    const { out } = await boltgrid(await project(), 'list', '--suite', 'bolt01/ping');
    expect(out).toContain('bolt01/ping#asked-length[zero]  must  does asked-length\n');
    expect(out.trimEnd().split('\n').at(-1)).toBe('2 cases');
  });
});

describe('boltgrid plan', () => {
  it('gives every cell as JSON, without a path of this machine', async () => {
    const path = await project();
    const { code, out } = await boltgrid(path, 'plan', '--json');
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({
      planHash: expect.stringMatching(/^[0-9a-f]{64}$/) as string,
      seed: 'boltgrid',
      cells: [
        { cell: 'fake@1.0', kind: 'subject' },
        { cell: 'fake@2.0', kind: 'subject' },
        { cell: 'fake@1.0 -> fake@2.0', kind: 'pair', cases: ['pair/basic#pay'] },
        { cell: 'fake@2.0 -> fake@1.0', kind: 'pair', cases: ['pair/basic#pay'] },
      ],
    });
    expect(out).not.toContain(path);
    expect((await boltgrid(path, 'plan', '--json')).out).toBe(out);
  });

  it('draws a seed when asked to', async () => {
    const path = await project();
    const seeds = [
      await boltgrid(path, 'plan', '--json', '--seed', 'random'),
      await boltgrid(path, 'plan', '--json', '--seed', 'random'),
    ];
    expect(new Set(seeds.map(({ out }) => (JSON.parse(out) as { seed: string }).seed)).size).toBe(2);
  });

  it('says what cannot run here', async () => {
    const path = await folder();
    await writeProject(path, { matrix: { nodes: ['fake@3.0'], suites: ['suites'] } });
    const { out } = await boltgrid(path, 'plan');
    expect(out).toContain(
      'Cannot run here: 1 node, 1 cell, 4 tests\n  the npm package no-such-package is not installed: fake@3.0\n',
    );
  });

  it.each([
    [{ nodes: ['fake@1.0'], suites: ['suites'], pair: 'all' }, 'unknown key "pair"', 'Did you mean "pairs"?'],
    [{ nodes: ['fake@1.1'], suites: ['suites'] }, 'unknown node "fake@1.1"', 'Did you mean "fake@'],
  ])('refuses the matrix %j', async (matrix, message, hint) => {
    const path = await folder();
    await writeProject(path, { matrix });
    const { code, err } = await boltgrid(path, 'plan');
    expect(code).toBe(2);
    expect(err).toContain('matrix.json: $.');
    expect(err).toContain(message);
    expect(err).toContain(hint);
  });
});
