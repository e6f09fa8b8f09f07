import { createHash } from 'node:crypto';
import { lstat, readdir, readFile, readlink } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { BoltgridError, messageOf } from '../../core/error.ts';
import type { BuildSpec } from '../manifest-values.ts';
import { sha256 } from '../package.ts';
import { buildArguments, type ImagePlan } from './image-plan.ts';

/** Never part of a build: what tools leave behind. */
const LEFT_OUT = new Set(['node_modules', 'target', '.git']);

const HASH_DIGITS = 12;

/** A file or symbolic link of a build context. */
export interface ContextFile {
  /** Relative to the context, with `/`. */
  readonly path: string;
  readonly kind: 'file' | 'link';
  readonly executable: boolean;
}

export const contextFolder = (plan: ImagePlan, build: BuildSpec): string =>
  resolve(plan.folder, build.context);

/**
 * All that a build is made from, in a fixed order. Left out: the manifest (its words on how a node is controlled do not change an
 * image), `node_modules`, `target` and `.git`. Throws `image.no-context` (user).
 */
export async function contextFiles(plan: ImagePlan, build: BuildSpec): Promise<ContextFile[]> {
  const folder = contextFolder(plan, build);
  const manifest = join(plan.folder, plan.manifestName);
  try {
    const found = await filesBelow(folder, '', (path) => join(folder, path) !== manifest);
    return found.sort((a, b) => (a.path < b.path ? -1 : 1));
  } catch (cause) {
    throw new BoltgridError(
      'image.no-context',
      'user',
      `${plan.id}: the build context cannot be read (${messageOf(cause)})`,
      { details: { folder }, cause },
    );
  }
}

async function filesBelow(
  folder: string,
  below: string,
  wanted: (path: string) => boolean,
): Promise<ContextFile[]> {
  const entries = await readdir(join(folder, below), { withFileTypes: true });
  const found = await Promise.all(
    entries
      .filter(({ name }) => !LEFT_OUT.has(name))
      .map(async (entry): Promise<ContextFile[]> => {
        const path = below === '' ? entry.name : `${below}/${entry.name}`;
        if (entry.isDirectory()) return filesBelow(folder, path, wanted);
        if (!wanted(path)) return [];
        if (entry.isSymbolicLink()) return [{ path, kind: 'link', executable: false }];
        if (!entry.isFile()) return [];
        const { mode } = await lstat(join(folder, path));
        return [{ path, kind: 'file', executable: (mode & 0o111) !== 0 }];
      }),
  );
  return found.flat();
}

/**
 * `boltgrid/lnd:0.21.2-0123456789ab`: the digits hash all that the image is built from, so that what exists under this name need
 * not be built again. The CA bundle and proxy of a machine are no part of it: they change how things are fetched, not what.
 */
export async function builtTag(plan: ImagePlan, build: BuildSpec): Promise<string> {
  const hash = createHash('sha256');
  const recipe = {
    version: plan.version,
    dockerfile: build.dockerfile,
    base: build.base,
    args: Object.entries(buildArguments(plan.version, build)).sort(([a], [b]) => (a < b ? -1 : 1)),
    prepare: build.prepare?.argv,
  };
  hash.update(`${JSON.stringify(recipe)}\n`);
  const folder = contextFolder(plan, build);
  for (const { path, kind, executable } of await contextFiles(plan, build)) {
    const file = join(folder, path);
    const content = sha256(kind === 'link' ? await readlink(file) : await readFile(file));
    hash.update(`${JSON.stringify([path, kind, executable])} ${content}\n`);
  }
  return `boltgrid/${plan.implementation}:${plan.version}-${hash.digest('hex').slice(0, HASH_DIGITS)}`;
}
