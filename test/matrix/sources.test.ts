import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import { describe, expect, it } from 'vitest';
import { askNothing } from '../../src/matrix/here.ts';
import { matrixJsonSchema } from '../../src/matrix/schema.ts';
import { loadSources } from '../../src/matrix/sources.ts';
import { PACKAGE_ROOT } from '../../src/core/package.ts';
import { DEFAULT_MATRIX, writeProject } from '../cli/project.ts';
import type { FakeProject } from '../cli/project.ts';
import { temporaryFolders } from '../journal/folder.ts';

const folder = temporaryFolders();

const sourcesIn = (path: string) => loadSources(join(path, 'matrix.json'), { here: askNothing(), cwd: path });

async function load(project: FakeProject) {
  const path = await folder();
  await writeProject(path, project);
  return sourcesIn(path);
}

const withMatrix = (more: object) => load({ matrix: { ...DEFAULT_MATRIX, ...more } });

describe('reading a matrix', () => {
  it('finds nodes, pairs in both orders, and suites by id', async () => {
    const { nodes, pairs, suites } = await load({});
    expect(nodes.map(({ plan }) => plan.id)).toEqual(['fake@1.0', 'fake@2.0']);
    expect(pairs).toEqual([
      ['fake@1.0', 'fake@2.0'],
      ['fake@2.0', 'fake@1.0'],
    ]);
    expect(suites.map(({ suite }) => suite.id)).toEqual(['bolt01/init', 'bolt01/ping', 'pair/basic']);
  });

  it('knows profiles, and what cannot run here', async () => {
    const { nodes } = await withMatrix({ nodes: ['fake@1.0+fast', 'fake@3.0'] });
    expect(nodes.map(({ plan, place }) => [plan.profile, place.embedded])).toEqual([
      ['fast', true],
      ['default', 'the npm package no-such-package is not installed'],
    ]);
  });

  it('takes listed pairs, a node with itself too, or none', async () => {
    expect((await withMatrix({ pairs: [['fake@1.0', 'fake@1.0']] })).pairs).toEqual([
      ['fake@1.0', 'fake@1.0'],
    ]);
    expect((await withMatrix({ pairs: 'none' })).pairs).toEqual([]);
  });

  it('takes suites by file, folder and name', async () => {
    const { suites } = await withMatrix({ suites: ['suites/pair', 'bolt01'] });
    expect(suites.map(({ suite }) => suite.id)).toEqual(['bolt01/init', 'bolt01/ping', 'pair/basic']);
    const file = await withMatrix({ suites: ['suites/bolt01/ping.mjs'] });
    expect(file.suites.map(({ suite }) => suite.id)).toEqual(['bolt01/ping']);
  });

  it('knows the nodes and suites that come with boltgrid', async () => {
    const { nodes, suites } = await withMatrix({
      nodes: ['fake@1.0', 'ldk@0.1.2'],
      suites: ['bolt08/act-one'],
    });
    expect(nodes.map(({ plan }) => plan.id)).toEqual(['fake@1.0', 'ldk@0.1.2']);
    expect(suites.map(({ suite }) => suite.id)).toEqual(['bolt08/act-one']);
  });

  it.each<[string, object, string, string, string]>([
    ['an unknown key', { suits: [] }, 'matrix.unknown-key', '$.suits', 'Did you mean "suites"?'],
    [
      'an unknown node',
      { nodes: ['fake@2.1'] },
      'matrix.invalid',
      '$.nodes[0]: unknown node "fake@2.1"',
      'Did you mean "fake@',
    ],
    [
      'an unknown profile',
      { nodes: ['fake@1.0+fats'] },
      'matrix.invalid',
      '$.nodes[0]',
      'Did you mean "fake@1.0+fast"?',
    ],
    [
      'an unknown node in a pair',
      { pairs: [['fake@1.0', 'fake@9']] },
      'matrix.invalid',
      '$.pairs[0][1]',
      'fake@2.0',
    ],
    ['a word for pairs', { pairs: 'al' }, 'matrix.invalid', '$.pairs', 'Did you mean "all"?'],
    ['an unknown suite', { suites: ['pari'] }, 'matrix.unknown-suite', '$.suites', 'Did you mean "pair"?'],
  ])('refuses %s: file, path, what is allowed, nearest name', async (_, more, code, message, hint) => {
    await expect(withMatrix(more)).rejects.toMatchObject({
      code,
      blame: 'user',
      message: expect.stringMatching(/matrix\.json: \$/) as string,
    });
    await expect(withMatrix(more)).rejects.toMatchObject({
      message: expect.stringContaining(message) as string,
      hint: expect.stringContaining(hint) as string,
    });
  });

  it.each<[string, object]>([
    ['a node twice', { nodes: ['fake@1.0', 'fake@1.0'] }],
    ['no nodes', { nodes: [] }],
    ['no suites', { suites: [] }],
  ])('refuses %s', async (_, more) => {
    await expect(withMatrix(more)).rejects.toMatchObject({ code: 'matrix.invalid', blame: 'user' });
  });

  it('passes on what is wrong with a manifest, with its file', async () => {
    await expect(load({ manifest: { tittle: 1 } })).rejects.toMatchObject({
      code: 'manifest.unknown-key',
      message: expect.stringContaining('node.json: $.tittle') as string,
    });
  });

  it('says that there is no matrix, or no manifests', async () => {
    await expect(sourcesIn(await folder())).rejects.toMatchObject({
      code: 'matrix.absent',
    });
    await expect(withMatrix({ images: ['elsewhere'] })).rejects.toMatchObject({ code: 'matrix.no-images' });
    await expect(withMatrix({ images: ['suites'] })).rejects.toMatchObject({ code: 'matrix.no-images' });
  });
});

describe('the published schema', () => {
  it('is what boltgrid reads by', async () => {
    const published: unknown = JSON.parse(
      await readFile(join(PACKAGE_ROOT, 'schemas', 'matrix.schema.json'), 'utf8'),
    );
    expect(published, 'schemas/matrix.schema.json is not what matrixJsonSchema() gives').toEqual(
      matrixJsonSchema(),
    );
  });

  it('accepts the matrix that comes with boltgrid, and refuses an unknown key', async () => {
    const accepts = new Ajv().compile(matrixJsonSchema());
    const own = JSON.parse(await readFile(join(PACKAGE_ROOT, 'matrix.json'), 'utf8')) as object;
    expect(accepts(own)).toBe(true);
    expect(accepts({ ...own, suits: [] })).toBe(false);
  });
});
