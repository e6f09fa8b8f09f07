import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ManifestData } from '../../src/nodes/manifest.ts';
import { isControlOperation, OPERATION_NAMES } from '../../src/nodes/operations.ts';

export const fixture = (name: string): string =>
  fileURLToPath(new URL(`../fixtures/${name}`, import.meta.url));

export const imagesFolder = fileURLToPath(new URL('../../images', import.meta.url));

/** A manifest for a driver that any test can write down. */
export function manifestData(argv: [string, ...string[]], changes: Partial<ManifestData> = {}): ManifestData {
  const control = OPERATION_NAMES.filter(isControlOperation).map((name) => [name, 'driver']);
  return {
    implementation: 'fake',
    title: 'Fake',
    bugTracker: 'https://example.org/issues',
    versions: { '1.0': {} },
    profiles: { default: { about: 'as it is' } },
    run: { argv },
    needs: { chain: 'none' },
    timing: { startMs: 10_000, answerMs: 1000, quietMs: 100, blockMs: 1000, gossipMs: 1000 },
    control: Object.fromEntries(control) as ManifestData['control'],
    ...changes,
  };
}

export async function temporaryFolder(): Promise<{ folder: string; [Symbol.asyncDispose](): Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'boltgrid-test-'));
  return { folder, [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }) };
}
