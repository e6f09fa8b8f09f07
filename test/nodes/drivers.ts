import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Manifest, ManifestData } from '../../src/nodes/manifest.ts';
import { isControlOperation, OPERATION_NAMES } from '../../src/nodes/operations.ts';
import { resolveNode } from '../../src/nodes/resolve.ts';
import type { StartOptions } from '../../src/nodes/start.ts';
import { processRuntime } from '../../src/runtime/process.ts';

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
    run: { driver: { argv }, port: 9735 },
    mount: '/data',
    needs: { chain: 'none', wallet: false },
    timing: { startMs: 10_000, answerMs: 1000, quietMs: 100, blockMs: 1000, gossipMs: 1000 },
    control: Object.fromEntries(control) as ManifestData['control'],
    ...changes,
  };
}

/** What a process node of a manifest at version 1.0 is started with. */
export const asProcess = (manifest: Manifest, folder: string): StartOptions => ({
  plan: resolveNode(manifest, '1.0', 'default'),
  runtime: processRuntime(),
  name: 'node',
  seed: new Uint8Array(32),
  folder,
});

export async function temporaryFolder(): Promise<{ folder: string; [Symbol.asyncDispose](): Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'boltgrid-test-'));
  return { folder, [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }) };
}
