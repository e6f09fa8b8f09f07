import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { PACKAGE_ROOT } from '../../src/core/package.ts';

interface Manifest {
  readonly name: string;
  readonly engines: { readonly node: string };
  readonly bin: Readonly<Record<string, string>>;
  readonly exports: Readonly<Record<string, string | Readonly<Record<string, string>>>>;
  readonly files: readonly string[];
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
}

const text = (path: string): string => readFileSync(join(PACKAGE_ROOT, path), 'utf8');
const manifest = JSON.parse(text('package.json')) as Manifest;

const entries = Object.entries(manifest.exports).filter(
  (entry): entry is [string, Readonly<Record<string, string>>] => typeof entry[1] === 'object',
);

/** What tsconfig.build.json makes of a source. */
const built = (source: string, extension: string): string =>
  source.replace('./src/', './dist/').replace(/\.ts$/, extension);

describe('package.json', () => {
  it.each(entries)('export %s: source, code and types belong together', (_, conditions) => {
    const source = conditions['boltgrid:source'] ?? '';
    expect(existsSync(join(PACKAGE_ROOT, source))).toBe(true);
    // The source comes first: conditions are tried in order.
    expect(Object.entries(conditions)).toEqual([
      ['boltgrid:source', source],
      ['types', built(source, '.d.ts')],
      ['default', built(source, '.js')],
    ]);
  });

  it('the command is built from a source with a line for the shell', () => {
    const source = (manifest.bin.boltgrid ?? '').replace('./dist/', 'src/').replace(/\.js$/, '.ts');
    expect(text(source)).toMatch(/^#!\/usr\/bin\/env node\n/);
  });

  it.each(manifest.files.filter((file) => file !== 'dist'))('packs %s, which is there', (file) => {
    expect(existsSync(join(PACKAGE_ROOT, file))).toBe(true);
  });

  it('pins every dependency exactly', () => {
    const all = Object.entries({ ...manifest.dependencies, ...manifest.devDependencies });
    expect(all.filter(([, version]) => !/^(?:npm:[\w-]+@)?\d+\.\d+\.\d+(?:-\d+)?$/.test(version))).toEqual(
      [],
    );
  });

  it('claims no older Node.js than CI runs', () => {
    const oldest = manifest.engines.node.replace('>=', '');
    expect(text('.github/workflows/ci.yml')).toContain(`'${oldest}'`);
    expect(text('README.md')).toContain(`Node.js ${oldest} or newer`);
  });
});

describe('the published schemas', () => {
  const files = readdirSync(join(PACKAGE_ROOT, 'schemas'));

  it('are there for all that a user writes, and for the report', () => {
    expect(files.sort()).toEqual([
      'chain.schema.json',
      'expectations.schema.json',
      'matrix.schema.json',
      'node.schema.json',
      'report.schema.json',
    ]);
  });
});

describe('what others may import', () => {
  it.each(entries)('%s loads, and has no default', async (name) => {
    const module = (await import(name.replace('.', manifest.name))) as Record<string, unknown>;
    expect(Object.keys(module).length).toBeGreaterThan(0);
    expect(module).not.toHaveProperty('default');
  });
});
