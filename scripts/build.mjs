// Builds dist/: compiled sources and declarations, and the data files that the sources read beside themselves.
import { execFileSync } from 'node:child_process';
import { cpSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';

const root = new URL('..', import.meta.url);
rmSync(new URL('dist', root), { recursive: true, force: true });
execFileSync(process.execPath, [createRequire(import.meta.url).resolve('typescript/bin/tsc'), '-p', 'tsconfig.build.json'], {
  cwd: root,
  stdio: 'inherit',
});
cpSync(new URL('src', root), new URL('dist', root), {
  recursive: true,
  filter: (path) => !path.endsWith('.ts'),
});
