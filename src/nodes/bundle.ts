import { randomBytes } from 'node:crypto';
import { accessSync, constants, mkdirSync } from 'node:fs';
import { access, readFile, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { z } from 'zod';
import { BoltgridError, messageOf } from '../core/error.ts';
import { folderHash, sha256 } from './package.ts';

export interface BundleSource {
  /** The driver's entry, absolute. */
  readonly entry: string;
  /** What the driver imports under `name` is taken from `folder`. */
  readonly package?: { readonly name: string; readonly folder: string };
}

/** What a cached bundle was made of; it is good as long as all of it is unchanged. */
const recipe = z.strictObject({ bundle: z.string(), sum: z.string(), inputs: z.array(z.string()) });

/**
 * One file with the driver and all that it imports: a program of a thousand modules then starts in a third of the time. Kept in
 * the cache folder; parallel starts may build twice, but never see half a file. Throws `node.driver-broken` (harness) when it
 * does not compile and `node.no-cache` (set-up).
 */
export function bundleDriver(source: BundleSource): Promise<string> {
  const key = `${source.entry}\0${source.package?.folder ?? ''}`;
  const bundle = bundles.get(key) ?? findOrBuild(source, sha256(key).slice(0, 16));
  bundles.set(key, bundle);
  return bundle;
}

/** Within one process the sources are taken not to change. */
const bundles = new Map<string, Promise<string>>();

async function findOrBuild(source: BundleSource, name: string): Promise<string> {
  const cache = cacheFolder();
  const recipeFile = join(cache, `${name}.json`);
  return (await cached(cache, recipeFile, source)) ?? (await compile(cache, name, recipeFile, source));
}

async function cached(cache: string, recipeFile: string, source: BundleSource): Promise<string | undefined> {
  try {
    const { bundle, sum, inputs } = recipe.parse(JSON.parse(await readFile(recipeFile, 'utf8')));
    if ((await sumOf(inputs, source)) !== sum) return undefined;
    await access(join(cache, bundle));
    return join(cache, bundle);
  } catch {
    return undefined; // Absent, of an older version, or an input is gone: build again.
  }
}

async function compile(
  cache: string,
  name: string,
  recipeFile: string,
  source: BundleSource,
): Promise<string> {
  const { code, inputs } = await runEsbuild(source);
  const sum = await sumOf(inputs, source);
  const bundle = `${name}-${sum.slice(0, 16)}.mjs`;
  await writeAtomically(join(cache, bundle), code);
  await writeAtomically(recipeFile, JSON.stringify({ bundle, sum, inputs } satisfies z.infer<typeof recipe>));
  await removeOld(cache, name, bundle);
  return join(cache, bundle);
}

async function runEsbuild(source: BundleSource): Promise<{ code: Uint8Array; inputs: string[] }> {
  const folder = dirname(source.entry);
  const { package: replaced } = source;
  try {
    const result = await build({
      entryPoints: [source.entry],
      absWorkingDir: folder,
      bundle: true,
      write: false,
      metafile: true,
      format: 'esm',
      platform: 'node',
      target: 'node20',
      minifySyntax: true,
      minifyWhitespace: true,
      // Class names are told to the reader of a log.
      keepNames: true,
      logLevel: 'silent',
      // From the repository the driver's library is TypeScript, from the installed package it is dist/.
      conditions: import.meta.url.endsWith('.ts') ? ['boltgrid:source'] : [],
      ...(replaced && { alias: { [replaced.name]: replaced.folder } }),
    });
    const inputs = Object.keys(result.metafile.inputs)
      .map((input) => join(folder, input))
      .filter((input) => replaced === undefined || !input.startsWith(replaced.folder));
    return { code: result.outputFiles[0]?.contents ?? new Uint8Array(), inputs };
  } catch (cause) {
    throw new BoltgridError(
      'node.driver-broken',
      'harness',
      `the driver ${source.entry} does not compile: ${messageOf(cause)}`,
      {
        cause,
      },
    );
  }
}

async function sumOf(inputs: readonly string[], source: BundleSource): Promise<string> {
  const contents = await Promise.all(inputs.map(async (file) => `${file}\0${sha256(await readFile(file))}`));
  return sha256([source.package ? await folderHash(source.package.folder) : '', ...contents].join('\n'));
}

async function writeAtomically(file: string, content: Uint8Array | string): Promise<void> {
  const temporary = `${file}.${randomBytes(6).toString('hex')}.tmp`;
  await writeFile(temporary, content);
  await rename(temporary, file);
}

const OLD_MS = 3_600_000;

/** A node may be starting from the one before, so only what is an hour old goes. */
async function removeOld(cache: string, name: string, current: string): Promise<void> {
  for (const file of await readdir(cache)) {
    if (!file.startsWith(`${name}-`) || file === current) continue;
    const path = join(cache, file);
    const found = await stat(path).catch(() => undefined); // Another start may have removed it.
    if (found && Date.now() - found.mtimeMs > OLD_MS) await rm(path, { force: true });
  }
}

function cacheFolder(): string {
  const chosen = process.env.BOLTGRID_CACHE;
  const ours = fileURLToPath(new URL('../../node_modules/.cache/boltgrid', import.meta.url));
  const users = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'boltgrid');
  const folders = chosen === undefined ? [ours, users] : [chosen];
  for (const folder of folders) {
    try {
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      accessSync(folder, constants.W_OK);
      return folder;
    } catch {
      // Read-only installation: the next one.
    }
  }
  throw new BoltgridError('node.no-cache', 'setup', 'no folder for bundled drivers can be written', {
    hint: 'Set BOLTGRID_CACHE to a folder that can be written.',
    details: { tried: folders },
  });
}
