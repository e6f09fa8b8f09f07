import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RpcEndpoint } from '../../src/chain/chain.ts';
import { thisProcess } from '../../src/core/process-identity.ts';
import { startBitcoind } from '../../src/nodes/start-bitcoind.ts';
import type { Engine } from '../../src/runtime/docker/engine.ts';
import { chainManifest, type Found } from './two-nodes.ts';

export interface TestBitcoind {
  readonly rpc: RpcEndpoint;
  remove(): Promise<void>;
}

/** A bitcoind of its own, as worlds in Docker have it. Whatever fails, nothing is left. */
export async function startTestBitcoind(
  engine: Engine,
  { version, image }: Found['chain'],
): Promise<TestBitcoind> {
  const folder = await mkdtemp(join(tmpdir(), 'boltgrid-bitcoind-'));
  const runId = `test-${randomBytes(4).toString('hex')}`;
  const scope = await engine.openRun({ runId, owner: thisProcess() });
  const remove = async (): Promise<void> => {
    await scope.close();
    await rm(folder, { recursive: true, force: true });
  };
  try {
    const runtime = scope.runtime();
    const manifest = chainManifest();
    const { fromHost } = await startBitcoind({ manifest, version, image, runtime, name: 'bitcoind', folder });
    return { rpc: fromHost, remove };
  } catch (error) {
    await remove();
    throw error;
  }
}
