/**
 * node prepare.mjs <version>: copies the npm package of that version of LDK, as it is installed here, into the build context (the
 * working directory).
 */
import { cpSync, existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const [version = ''] = process.argv.slice(2);
const here = dirname(fileURLToPath(import.meta.url));
const { versions } = JSON.parse(readFileSync(join(here, '..', 'node.json'), 'utf8'));
const name = versions[version]?.package;
const folder = name && installed(here, name);
if (!folder) {
  console.error(`the npm package of LDK ${version} is not installed: npm ci --ignore-scripts`);
  process.exit(1);
}
cpSync(folder, 'package', { recursive: true, dereference: true });

/** As Node.js looks for packages: in the folders above, from the innermost on. */
function installed(from, packageName) {
  for (let folder = from; ; folder = dirname(folder)) {
    const candidate = join(folder, 'node_modules', packageName);
    if (existsSync(join(candidate, 'package.json'))) return candidate;
    if (folder === dirname(folder)) return undefined;
  }
}
