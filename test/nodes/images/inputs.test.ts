import { chmod, mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { builtTag } from '../../../src/nodes/images/build-inputs.ts';
import { publicReference } from '../../../src/nodes/images/image-plan.ts';
import { temporaryFolders } from '../../journal/folder.ts';
import { DEFAULT_FILES, toyPlan } from './plans.ts';

const folder = temporaryFolders();

const BUILD = { cost: 'nothing', base: 'debian:sid-slim', args: { PACKAGE: 'toy-{version}' } };

async function tagOf(
  change: {
    readonly build?: Readonly<Record<string, unknown>>;
    readonly files?: Readonly<Record<string, string>>;
    readonly then?: (folder: string) => Promise<void>;
    readonly version?: string;
  } = {},
): Promise<string> {
  const path = await folder();
  const plan = await toyPlan(
    path,
    { build: { ...BUILD, ...change.build } },
    { ...DEFAULT_FILES, ...change.files },
  );
  await change.then?.(path);
  const build = plan.image.build!;
  return builtTag({ ...plan, version: change.version ?? plan.version }, build);
}

describe('the name of what is built', () => {
  it('holds implementation, version and a hash', async () => {
    expect(await tagOf()).toMatch(/^boltgrid\/toy:1\.2-[0-9a-f]{12}$/);
  });

  it.each([
    ['another folder with the same content', {}],
    ['the manifest', { files: { 'node.json': '{ "title": "other" }' } }],
    ['what npm installs', { files: { 'node_modules/x/index.js': '1' } }],
    ['what cargo leaves', { files: { 'target/debug/toy': '1' } }],
    ['the tools that prepare needs', { build: { cost: 'much' } }],
    ['a folder without a file', { then: (path: string) => mkdir(join(path, 'empty')).then(() => undefined) }],
    ['a mode that is no build input', { then: (path: string) => chmod(join(path, 'Dockerfile'), 0o600) }],
  ])('stays with %s', async (_, change) => {
    expect(await tagOf(change)).toBe(await tagOf());
  });

  it.each([
    ['the Dockerfile', { files: { Dockerfile: 'FROM scratch\n' } }],
    ['a file of the context', { files: { 'files/start.sh': 'exec toy --loud\n' } }],
    ['another file', { files: { 'files/more': '' } }],
    ['a file fewer', { then: (path: string) => rm(join(path, 'files/start.sh')) }],
    ['who may run it', { then: (path: string) => chmod(join(path, 'files/start.sh'), 0o755) }],
    ['a link', { then: (path: string) => symlink('start.sh', join(path, 'files/link')) }],
    ['the base', { build: { base: 'debian:trixie-slim' } }],
    ['no base', { build: { base: undefined } }],
    ['an argument', { build: { args: { PACKAGE: 'toy' } } }],
    ['how it is prepared', { build: { prepare: { argv: ['true'] } } }],
    ['the Dockerfile that is used', { files: { Other: '' }, build: { dockerfile: 'Other' } }],
    ['the version', { version: '1.3' }],
  ])('changes with %s', async (_, change) => {
    expect(await tagOf(change)).not.toBe(await tagOf());
  });

  it('tells a link from a file that holds its text', async () => {
    const link = await tagOf({ then: (path) => symlink('start.sh', join(path, 'files/link')) });
    const file = await tagOf({ then: (path) => writeFile(join(path, 'files/link'), 'start.sh') });
    expect(link).not.toBe(file);
  });

  it('cannot be had without a context', async () => {
    await expect(tagOf({ build: { context: 'nowhere' } })).rejects.toMatchObject({
      code: 'image.no-context',
      blame: 'user',
    });
  });
});

describe('the public image', () => {
  it('is of the version', async () => {
    expect(publicReference(await toyPlan(await folder(), { pull: 'example/toy:v{version}-beta' }))).toBe(
      'example/toy:v1.2-beta',
    );
  });

  it('need not be', async () => {
    expect(publicReference(await toyPlan(await folder(), { build: BUILD }))).toBeUndefined();
  });
});
