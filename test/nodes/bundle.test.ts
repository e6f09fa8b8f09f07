import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { bundleDriver } from '../../src/nodes/bundle.ts';
import { temporaryFolder } from './drivers.ts';

describe('bundleDriver', () => {
  test('gives one file with all that the driver imports, the version package in place of the named one', async () => {
    await using place = await temporaryFolder();
    await writeFile(join(place.folder, 'value.js'), 'export const name = "which package";');
    await writeFile(
      join(place.folder, 'main.ts'),
      'import { name } from "some-package/value.js"; console.log(name as string);',
    );
    const source = {
      entry: join(place.folder, 'main.ts'),
      package: { name: 'some-package', folder: place.folder },
    };
    const files = await Promise.all([bundleDriver(source), bundleDriver(source)]);
    expect(files[0]).toBe(files[1]);
    const text = await readFile(files[0], 'utf8');
    expect(text).toContain('which package');
    expect(text).not.toContain('import ');
  });

  test('a driver that does not compile', async () => {
    await using place = await temporaryFolder();
    await writeFile(join(place.folder, 'main.ts'), 'import "./absent.ts";');
    await expect(bundleDriver({ entry: join(place.folder, 'main.ts') })).rejects.toMatchObject({
      ...{ code: 'node.driver-broken', blame: 'harness' },
      message: expect.stringContaining('absent.ts') as string,
    });
  });
});
