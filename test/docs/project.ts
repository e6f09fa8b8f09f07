import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { PACKAGE_ROOT } from '../../src/core/package.ts';
import { codeBlocks, type CodeBlock } from './pages.ts';

/** Someone's folder with boltgrid installed in it, as far as importing goes. */
export async function makeProject(): Promise<{ folder: string } & AsyncDisposable> {
  const folder = await mkdtemp(join(tmpdir(), 'boltgrid-docs-'));
  await mkdir(join(folder, 'node_modules'));
  await symlink(PACKAGE_ROOT, join(folder, 'node_modules', 'boltgrid'), 'dir');
  await writeFile(join(folder, 'package.json'), '{ "private": true, "type": "module" }');
  return { folder, [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }) };
}

export async function writeBlock(folder: string, file: string, { text }: CodeBlock): Promise<void> {
  await mkdir(dirname(join(folder, file)), { recursive: true });
  await writeFile(join(folder, file), text);
}

export interface Followed {
  /** As the page has it, without `npx boltgrid`. */
  readonly command: string;
  readonly code: number;
  readonly output: string;
}

/**
 * Does what a page says, block by block: writes the files that it names, runs each `npx boltgrid …`. `program` is what stands for
 * `npx boltgrid`: the sources, unless it is another.
 */
export async function follow(
  page: string,
  folder: string,
  program: readonly string[] = FROM_SOURCES,
): Promise<Followed[]> {
  const done: Followed[] = [];
  for (const block of codeBlocks(page)) {
    if (block.file !== undefined) await writeBlock(folder, block.file, block);
    if (block.language !== 'sh') continue;
    for (const [, command = ''] of block.text.matchAll(/^npx boltgrid (.*)$/gm)) {
      done.push({ command, ...(await boltgrid(folder, program, command)) });
    }
  }
  return done;
}

const FROM_SOURCES = [
  '--conditions=boltgrid:source',
  '--import',
  join(PACKAGE_ROOT, 'node_modules', 'tsx', 'dist', 'loader.mjs'),
  join(PACKAGE_ROOT, 'src/cli/bin.ts'),
];

function boltgrid(
  cwd: string,
  program: readonly string[],
  command: string,
): Promise<{ code: number; output: string }> {
  const words = [...command.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? '');
  return new Promise((resolve) => {
    const child = execFile(process.execPath, [...program, ...words], { cwd }, (_, stdout, stderr) => {
      resolve({ code: child.exitCode ?? -1, output: stdout + stderr });
    });
  });
}
