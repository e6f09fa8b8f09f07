import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { BoltgridError } from '../core/error.ts';

/** The folder of an installed npm package as seen from `from`. Throws `node.package-absent` (set-up). */
export function packageFolder(name: string, from: string): string {
  for (let folder = from; ; folder = dirname(folder)) {
    const candidate = join(folder, 'node_modules', name);
    if (existsSync(join(candidate, 'package.json'))) return candidate;
    if (folder === dirname(folder)) break;
  }
  throw new BoltgridError('node.package-absent', 'setup', `the npm package ${name} is not installed`, {
    hint: 'npm ci --ignore-scripts installs the nodes that come from npm.',
    details: { package: name, from },
  });
}

const hashes = new Map<string, Promise<string>>();

/** `sha256:…` over the names and contents of all files of a folder: what exactly is run. Computed once per process. */
export function folderHash(folder: string): Promise<string> {
  const known = hashes.get(folder) ?? hashFolder(folder);
  hashes.set(folder, known);
  return known;
}

async function hashFolder(folder: string): Promise<string> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
    .sort();
  const hash = createHash('sha256');
  for (const file of files) hash.update(`${file}\0${sha256(await readFile(join(folder, file)))}\n`);
  return `sha256:${hash.digest('hex')}`;
}

export const sha256 = (content: string | Uint8Array): string =>
  createHash('sha256').update(content).digest('hex');
