import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** The folder with package.json, whether this runs from `src` or from `dist`: absolute, ending in a separator. */
export const PACKAGE_ROOT = fileURLToPath(new URL('../../', import.meta.url));

let version: string | undefined;

/** Of boltgrid itself. */
export function boltgridVersion(): string {
  version ??= (JSON.parse(readFileSync(`${PACKAGE_ROOT}package.json`, 'utf8')) as { version: string })
    .version;
  return version;
}
