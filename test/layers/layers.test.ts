import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, test } from 'vitest';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const DEPCRUISE = join(ROOT, 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs');

let folder: string;
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** Runs the layer rules of this repository over a tree of these files. */
function cruise(
  files: Readonly<Record<string, string>>,
): Promise<{ readonly ok: boolean; readonly output: string }> {
  folder = mkdtempSync(join(tmpdir(), 'boltgrid-layers-'));
  for (const file of ['.dependency-cruiser.mjs', 'tsconfig.json'])
    cpSync(join(ROOT, file), join(folder, file));
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), text);
  }
  const tops = [...new Set(Object.keys(files).map((file) => file.split('/', 1)[0] ?? ''))];
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [DEPCRUISE, '--config', '.dependency-cruiser.mjs', ...tops],
      { cwd: folder },
      (error, stdout, stderr) => {
        resolve({ ok: error === null, output: stdout + stderr });
      },
    );
  });
}

const USED = 'export const used = 1;\n';
const importing = (from: string): string => `import { used } from '${from}';\nexport const it = used;\n`;

test('an import from a room above is allowed', async () => {
  const { ok, output } = await cruise({ 'src/core/a.ts': USED, 'src/wire/b.ts': importing('../core/a.ts') });
  expect(ok, output).toBe(true);
});

test.each([
  ['a room below', 'src/core/b.ts', 'src/wire/a.ts', '../wire/a.ts', 'core-imports-only-rooms-above-it'],
  [
    'a sibling',
    'src/reference/b.ts',
    'src/peer/a.ts',
    '../peer/a.ts',
    'reference-imports-only-rooms-above-it',
  ],
  [
    'the runner, by the report',
    'src/report/b.ts',
    'src/runner/a.ts',
    '../runner/a.ts',
    'report-never-imports-runner',
  ],
  [
    'the sources, by a suite',
    'suites/x/b.ts',
    'src/peer/a.ts',
    '../../src/peer/a.ts',
    'suites-import-only-the-library',
  ],
  [
    'the sources, by a driver',
    'images/x/b.ts',
    'src/peer/a.ts',
    '../../src/peer/a.ts',
    'drivers-import-only-the-driver-library',
  ],
])('an import of %s is caught, also of a type', async (_what, importer, imported, from, rule) => {
  const plain = await cruise({ [imported]: USED, [importer]: importing(from) });
  expect(plain.ok).toBe(false);
  expect(plain.output).toContain(rule);
  rmSync(folder, { recursive: true, force: true });
  const typeOnly = await cruise({
    [imported]: 'export type Used = 1;\n',
    [importer]: `import type { Used } from '${from}';\nexport const it: Used = 1;\n`,
  });
  expect(typeOnly.output).toContain(rule);
});
