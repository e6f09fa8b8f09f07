// The package as a stranger gets it: packed, installed into an empty folder, imported, its types resolved and its command run.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, symlinkSync, mkdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const run = (command, args, cwd = root) =>
  execFileSync(command, args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });

execFileSync(process.execPath, ['scripts/build.mjs'], { cwd: root, stdio: 'inherit' });
run('npx', ['--no-install', 'publint', '--strict']);
run('npx', ['--no-install', 'attw', '--pack', '.', '--profile', 'esm-only', '--format', 'ascii']);

const folder = mkdtempSync(join(tmpdir(), 'boltgrid-package-'));
try {
  const [packed] = JSON.parse(run('npm', ['pack', '--json', '--silent', '--ignore-scripts', '--pack-destination', folder]));
  const home = join(folder, 'node_modules', 'boltgrid');
  mkdirSync(home, { recursive: true });
  run('tar', ['-xzf', join(folder, packed.filename), '-C', home, '--strip-components=1']);
  // The dependencies are those of the lock file: what is judged here is our own package.
  symlinkSync(join(root, 'node_modules'), join(home, 'node_modules'));
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
  writeFileSync(
    join(folder, 'use.js'),
    "import { suite, bolts } from 'boltgrid';\nimport { runDriver } from 'boltgrid/driver';\n" +
      "if (typeof suite !== 'function' || typeof runDriver !== 'function' || bolts.messages.init.type !== 16) process.exit(1);\n",
  );
  run(process.execPath, ['use.js'], folder);
  const command = join(home, 'dist', 'cli', 'bin.js');
  const listed = JSON.parse(run(process.execPath, [command, 'list', '--json'], folder));
  if (!Array.isArray(listed.cases) || listed.cases.length === 0) throw new Error('the installed command lists no case');
  for (const file of ['README.md', 'LICENSE', 'images/ldk/node.json', 'suites/bolt01', 'schemas']) {
    if (!existsSync(join(home, file))) throw new Error(`the package lacks ${file}`);
  }
  console.log(`package: ${packed.entryCount} files, ${Math.round(packed.size / 1024)} KiB packed; installs, imports and runs`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
