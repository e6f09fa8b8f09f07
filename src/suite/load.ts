import { createHash } from 'node:crypto';
import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { BoltgridError, isBoltgridError, messageOf } from '../core/error.ts';
import { declareRequirements } from '../spec/registry.ts';
import { isSuite } from './suite.ts';
import type { Suite } from './types.ts';

const SUITE_FILE = /\.(?:ts|m?js)$/;

export interface LoadedSuite {
  readonly suite: Suite;
  /** Absolute path. */
  readonly file: string;
  readonly sha256: string;
}

/**
 * Loads suites from files and folders (searched for `.ts`, `.js` and `.mjs`; names that begin with `_` are helpers).
 * Errors, all blamed on the user: `suite.not-found`, `suite.failed-to-load`, `suite.no-suite`, `suite.duplicate`.
 */
export async function loadSuites(paths: readonly string[]): Promise<LoadedSuite[]> {
  const files = (await Promise.all(paths.map(suiteFiles))).flat();
  if (files.some((file) => file.endsWith('.ts'))) await understandTypeScript();
  const loaded = new Map<string, LoadedSuite>();
  for (const file of [...new Set(files)].sort()) {
    const entry = await loadSuite(file);
    const other = loaded.get(entry.suite.id);
    if (other) {
      throw new BoltgridError(
        'suite.duplicate',
        'user',
        `suite ${entry.suite.id} is defined in ${other.file} and in ${file}`,
      );
    }
    loaded.set(entry.suite.id, entry);
  }
  return [...loaded.values()];
}

async function suiteFiles(path: string): Promise<string[]> {
  const found = await stat(path).catch(() => undefined);
  if (!found) {
    throw new BoltgridError('suite.not-found', 'user', `no suite file or folder ${path}`, {
      hint: 'Name a file that exports a suite as default, or a folder of such files.',
    });
  }
  if (!found.isDirectory()) return [path];
  const entries = await readdir(path, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile() && SUITE_FILE.test(entry.name) && !/^_|\.d\.ts$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name));
}

async function loadSuite(file: string): Promise<LoadedSuite> {
  const sha256 = await hashOf(file);
  let module: { default?: unknown };
  try {
    module = (await import(pathToFileURL(file).href)) as { default?: unknown };
  } catch (error) {
    throw new BoltgridError(
      'suite.failed-to-load',
      'user',
      `${basename(file)} does not load: ${messageOf(error)}`,
      {
        ...(isBoltgridError(error) && error.hint !== undefined && { hint: error.hint }),
        details: { file },
        cause: error,
      },
    );
  }
  if (!isSuite(module.default)) {
    throw new BoltgridError('suite.no-suite', 'user', `${file} exports no suite as default`, {
      hint: "A suite module reads: export default suite('area/name', { title }, ({ test }) => { … });",
    });
  }
  // A suite that was made by another copy of the library has declared them there.
  declareRequirements(module.default.requirements ?? {});
  return { suite: module.default, file, sha256 };
}

/** Of the file and of the helpers (`_…`) beside it, which it may import: a change of either is another suite. */
async function hashOf(file: string): Promise<string> {
  const folder = dirname(file);
  const helpers = (await readdir(folder))
    .filter((name) => name.startsWith('_') && SUITE_FILE.test(name))
    .sort();
  const hash = createHash('sha256');
  for (const each of [file, ...helpers.map((name) => join(folder, name))]) {
    hash.update(`${basename(each)}\0`).update(await readFile(each));
  }
  return hash.digest('hex');
}

/** Node 20 does not read TypeScript; a loader is registered once, unless one runs already (`--import tsx`, vitest). */
let understood: Promise<void> | undefined;
function understandTypeScript(): Promise<void> {
  understood ??= (async () => {
    const already =
      process.execArgv.some((argument) => argument.includes('tsx')) || process.env.VITEST !== undefined;
    if (!already) (await import('tsx/esm/api')).register();
  })();
  return understood;
}
