// Builds dist/: compiled sources and declarations, and the data files that the sources read beside themselves.
import { execFileSync } from 'node:child_process';
import { cpSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = new URL('..', import.meta.url);
rmSync(new URL('dist', root), { recursive: true, force: true });
execFileSync(
  process.execPath,
  [createRequire(import.meta.url).resolve('typescript/bin/tsc'), '-p', 'tsconfig.build.json'],
  {
    cwd: root,
    stdio: 'inherit',
  },
);
cpSync(new URL('src', root), new URL('dist', root), {
  recursive: true,
  filter: (path) => !path.endsWith('.ts'),
});

// TypeScript 6.0 leaves `import('./x.ts')` as it is in some places, below `export default` for one.
const dist = fileURLToPath(new URL('dist', root));
const left = readdirSync(dist, { recursive: true })
  .filter((file) => file.endsWith('.js'))
  .filter((file) => /(?:from|import\() ?['"]\.[^'"]*\.ts['"]/.test(readFileSync(join(dist, file), 'utf8')));
if (left.length > 0)
  throw new Error(`imports of TypeScript are left in dist/${left.join(', dist/')}: name them in a const`);
