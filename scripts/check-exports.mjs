// The package as a stranger gets it: packed, unpacked into an empty folder, imported, its types used, its command run, and the two
// pages for outside authors followed with it.
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { register } from 'tsx/esm/api';

register();
const { follow } = await import('../test/docs/project.ts');

const root = fileURLToPath(new URL('..', import.meta.url));
const run = (command, args, cwd = root) =>
  execFileSync(command, args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });

function demand(holds, message) {
  if (!holds) throw new Error(message);
}

/** As the pages say, with the declarations of the package checked too. */
const tsconfig = {
  compilerOptions: {
    target: 'es2023',
    module: 'nodenext',
    strict: true,
    noEmit: true,
    allowImportingTsExtensions: true,
    typeRoots: [join(root, 'node_modules', '@types')],
    types: ['node'],
  },
  include: ['suites', 'images'],
};

const folder = mkdtempSync(join(tmpdir(), 'boltgrid-package-'));
try {
  run(process.execPath, ['scripts/build.mjs']);
  const [packed] = JSON.parse(
    run('npm', ['pack', '--json', '--silent', '--ignore-scripts', '--pack-destination', folder]),
  );
  const tarball = join(folder, packed.filename);
  run('npx', ['--no-install', 'publint', 'run', tarball, '--strict']);
  run('npx', ['--no-install', 'attw', tarball, '--profile', 'esm-only', '--format', 'ascii']);

  const home = join(folder, 'node_modules', 'boltgrid');
  mkdirSync(home, { recursive: true });
  run('tar', ['-xzf', tarball, '-C', home, '--strip-components=1']);
  // The dependencies are those of the lock file: what is judged here is our own package.
  symlinkSync(join(root, 'node_modules'), join(home, 'node_modules'));
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
  const needed = ['README.md', 'LICENSE', 'images/ldk/node.json', 'suites/bolt01', 'schemas', 'docs'];
  // What images are built from is in the package, and nothing of what such a build leaves behind.
  const tracked = run('git', ['ls-files', 'images']).trim().split('\n');
  for (const file of [...needed, ...tracked]) {
    demand(existsSync(join(home, file)), `the package lacks ${file}`);
  }
  const foreign = packed.files.filter(({ path }) => path.startsWith('images/') && !tracked.includes(path));
  demand(foreign.length === 0, `not in the repository: ${foreign.map(({ path }) => path).join(', ')}`);

  const command = join(home, 'dist', 'cli', 'bin.js');
  const listed = JSON.parse(run(process.execPath, [command, 'list', '--json'], folder));
  demand(listed.cases.length > 0, 'the installed command lists no case');

  await followed('docs/write-a-suite.md', [0, 0, 1, 0]);
  await followed('docs/add-a-node.md', [0, 0]);
  console.log(
    `package: ${packed.entryCount} files, ${Math.round(packed.size / 1024)} KiB packed; installs, imports and runs`,
  );

  /** A page done to the letter in a folder of its own: it gives the exit codes, and its files have no type errors. */
  async function followed(page, codes) {
    const project = join(folder, page.replaceAll(/\W/g, '-'));
    mkdirSync(join(project, 'node_modules'), { recursive: true });
    cpSync(join(folder, 'package.json'), join(project, 'package.json'));
    symlinkSync(home, join(project, 'node_modules', 'boltgrid'));
    const done = await follow(page, project, [command]);
    const output = done.map((each) => `$ boltgrid ${each.command}\n${each.output}`).join('\n');
    demand(done.map(({ code }) => code).join() === codes.join(), `${page} does not hold:\n${output}`);
    writeFileSync(join(project, 'tsconfig.json'), JSON.stringify(tsconfig));
    run(process.execPath, [join(root, 'node_modules', 'typescript', 'bin', 'tsc'), '-p', project]);
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
