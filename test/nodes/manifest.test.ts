import { readFile, writeFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import { describe, expect, test } from 'vitest';
import { chainManifestJsonSchema } from '../../src/nodes/chain-manifest.ts';
import { loadManifest, loadManifests, manifestJsonSchema, manifestSchema } from '../../src/nodes/manifest.ts';
import { OPERATION_OPTIONS, type ControlOperation } from '../../src/nodes/operations.ts';
import { resolveNode } from '../../src/nodes/resolve.ts';
import { imagesFolder, manifestData, temporaryFolder } from './drivers.ts';

async function written(data: unknown): Promise<() => unknown> {
  await using place = await temporaryFolder();
  const file = join(place.folder, 'node.json');
  await writeFile(file, JSON.stringify(data));
  try {
    const manifest = loadManifest(file);
    return () => manifest;
  } catch (error) {
    return () => {
      throw error as Error;
    };
  }
}

const data = manifestData(['{node}', 'driver.mjs']);

describe('loadManifest', () => {
  test('every manifest of this repository', () => {
    expect([...loadManifests(imagesFolder).keys()]).toContain('ldk');
  });

  test('an absent file', () => {
    expect(() => loadManifest('/nowhere/node.json')).toThrow(
      expect.objectContaining({ code: 'manifest.absent', blame: 'user' }),
    );
  });

  test('a misspelt operation is named with the nearest one', async () => {
    const load = await written({ ...data, control: { ...data.control, chanels: 'driver' } });
    expect(load).toThrow(
      expect.objectContaining({
        code: 'manifest.unknown-key',
        message: expect.stringContaining('$.control.chanels') as string,
        hint: expect.stringContaining('Did you mean "channels"?') as string,
      }),
    );
  });

  test('a misspelt option of an operation is named with the nearest one', async () => {
    const load = await written({ ...data, lacks: { 'open.anounce': 'it never does' } });
    expect(load).toThrow(
      expect.objectContaining({
        code: 'manifest.unknown-key',
        message: expect.stringContaining('$.lacks["open.anounce"]') as string,
        hint: expect.stringContaining('Did you mean "open.announce"?') as string,
      }),
    );
  });

  test('what no call can do without is no option that a node can lack', async () => {
    const load = await written({ ...data, lacks: { 'open.amountSat': 'why not' } });
    expect(load).toThrow(expect.objectContaining({ code: 'manifest.unknown-key' }));
  });

  test('an image whose name is made of what there is not', async () => {
    const load = await written({ ...data, image: { pull: 'toy:{varsion}' } });
    expect(load).toThrow(
      expect.objectContaining({
        code: 'manifest.bad-expression',
        blame: 'user',
        message: expect.stringContaining('node.json: $.image.pull: {varsion}: ') as string,
      }),
    );
  });

  test('an operation that is left out', async () => {
    const { info, ...control } = data.control;
    expect(info).toBe('driver');
    const load = await written({ ...data, control });
    expect(load).toThrow(expect.objectContaining({ message: expect.stringContaining('info') as string }));
  });

  test('a missing default profile', async () => {
    const load = await written({ ...data, profiles: { fast: { about: 'x' } } });
    expect(load).toThrow(expect.objectContaining({ message: expect.stringContaining('default') as string }));
  });

  test('two that claim one name', async () => {
    await using place = await temporaryFolder();
    for (const name of ['a', 'b']) {
      await mkdir(join(place.folder, name));
      await writeFile(join(place.folder, name, 'node.json'), JSON.stringify(data));
    }
    expect(() => loadManifests(place.folder)).toThrow(
      expect.objectContaining({ code: 'manifest.duplicate' }),
    );
  });
});

describe('the options of operations', () => {
  const plans = [...loadManifests(imagesFolder).values()].flatMap((manifest) =>
    Object.keys(manifest.data.versions).flatMap((version) =>
      Object.keys(manifest.data.profiles).map((profile) => resolveNode(manifest, version, profile)),
    ),
  );

  test.each(plans)('no recipe of $id passes over one in silence', ({ recipes, lacks }) => {
    const ignored = OPERATION_OPTIONS.filter((need) => {
      const [operation = '', option = ''] = need.split('.');
      const recipe = recipes.get(operation as ControlOperation);
      return recipe && !lacks.has(need) && !new RegExp(`params\\.${option}\\b`).test(JSON.stringify(recipe));
    });
    expect(ignored).toEqual([]);
  });
});

describe('schemas/node.schema.json', () => {
  test('is what manifestJsonSchema() gives, and accepts every manifest of this repository', async () => {
    const file = new URL('../../schemas/node.schema.json', import.meta.url);
    expect(JSON.parse(await readFile(file, 'utf8'))).toEqual(manifestJsonSchema());
    const accepts = new Ajv({ formats: { uri: true }, strictTuples: false }).compile(manifestJsonSchema());
    for (const { file: path } of loadManifests(imagesFolder).values()) {
      expect(accepts(JSON.parse(await readFile(path, 'utf8'))), JSON.stringify(accepts.errors)).toBe(true);
    }
    expect(accepts({ ...data, tittle: 'x' })).toBe(false);
  });
});

describe('schemas/chain.schema.json', () => {
  test('is what chainManifestJsonSchema() gives, and accepts the chain of this repository', async () => {
    const file = new URL('../../schemas/chain.schema.json', import.meta.url);
    expect(JSON.parse(await readFile(file, 'utf8'))).toEqual(chainManifestJsonSchema());
    const accepts = new Ajv({ formats: { uri: true }, strictTuples: false }).compile(
      chainManifestJsonSchema(),
    );
    const chain = JSON.parse(await readFile(join(imagesFolder, 'bitcoind', 'chain.json'), 'utf8')) as unknown;
    expect(accepts(chain), JSON.stringify(accepts.errors)).toBe(true);
    expect(accepts({ ...(chain as object), tittle: 'x' })).toBe(false);
  });
});

describe('resolveNode', () => {
  const manifest = {
    file: 'node.json',
    folder: '.',
    data: manifestSchema.parse({
      ...data,
      note: 'embedded',
      versions: {
        '1.0': {
          settings: { a: 1, b: 1 },
          timing: { answerMs: 7 },
          control: { splice: { missing: 'too old' } },
        },
        '2.0': { note: 'other' },
      },
      profiles: { default: { about: 'x' }, fast: { about: 'y', settings: { b: 2 } } },
    }),
  };

  test('puts version and profile in', () => {
    const plan = resolveNode(manifest, '1.0', 'fast');
    expect(plan).toMatchObject({ id: 'fake@1.0+fast', note: 'embedded', settings: { a: 1, b: 2 } });
    expect(plan.timing).toMatchObject({ answerMs: 7, startMs: 10_000 });
    expect(plan.missing).toEqual(new Map([['splice', 'too old']]));
    expect(plan.operations.has('splice')).toBe(false);
    expect(plan.operations.has('stop')).toBe(true);
  });

  test('what a node lacks is that of manifest, version and profile, the latter first', () => {
    const changed = manifestSchema.parse({
      ...data,
      lacks: { 'open.announce': 'of all', 'pay.maxParts': 'of all', 'invoice.metadata': 'of all' },
      versions: { '1.0': { lacks: { 'pay.maxParts': 'of 1.0', 'invoice.metadata': 'of 1.0' } } },
      otherVersions: { match: '2[.].*', lacks: { 'close.address': 'of others' } },
      profiles: { default: { about: 'x' }, fast: { about: 'y', lacks: { 'invoice.metadata': 'of fast' } } },
    });
    const lacksOf = (version: string, profile: string): unknown =>
      Object.fromEntries(resolveNode({ ...manifest, data: changed }, version, profile).lacks);
    const ofAll = { 'open.announce': 'of all', 'pay.maxParts': 'of all', 'invoice.metadata': 'of all' };
    const of1 = { ...ofAll, 'pay.maxParts': 'of 1.0', 'invoice.metadata': 'of 1.0' };
    expect(lacksOf('1.0', 'default')).toEqual(of1);
    expect(lacksOf('1.0', 'fast')).toEqual({ ...of1, 'invoice.metadata': 'of fast' });
    expect(lacksOf('2.1', 'default')).toEqual({ ...ofAll, 'close.address': 'of others' });
  });

  test('"*" stands for all operations that are not named', () => {
    const control = { '*': { missing: 'no wallet' }, info: 'driver' };
    const plan = resolveNode(
      { ...manifest, data: manifestSchema.parse({ ...data, control }) },
      '1.0',
      'default',
    );
    expect(plan.operations).toEqual(new Set(['info', 'logs', 'stop', 'start', 'snapshot', 'restore']));
    expect(plan.missing.get('pay')).toBe('no wallet');
  });

  test('another version keeps what it does not change', () => {
    expect(resolveNode(manifest, '2.0', 'default')).toMatchObject({
      note: 'other',
      settings: {},
      missing: new Map(),
    });
  });

  test.each([
    ['1.O', 'default', 'manifest.unknown-version'],
    ['1.0', 'fsat', 'manifest.unknown-profile'],
    ['constructor', 'default', 'manifest.unknown-version'],
  ])('%s %s', (version, profile, code) => {
    expect(() => resolveNode(manifest, version, profile)).toThrow(
      expect.objectContaining({ code, blame: 'user', hint: expect.stringContaining('Known:') as string }),
    );
  });
});
