import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { BoltgridError, messageOf } from '../core/error.ts';
import { toHex } from '../core/bytes.ts';
import { ProgramLog } from '../runtime/log.ts';
import { processRuntime } from '../runtime/process.ts';
import type { ProgramSpec } from '../runtime/program.ts';
import { bundleDriver } from './bundle.ts';
import { DriverNode } from './driver-node.ts';
import { DRIVER_PROTOCOL } from './driver-protocol.ts';
import type { Manifest } from './manifest.ts';
import type { RunningNode } from './node.ts';
import { folderHash, packageFolder } from './package.ts';
import { resolveNode, type NodePlan } from './resolve.ts';

export interface StartOptions {
  readonly manifest: Manifest;
  readonly version: string;
  readonly profile: string;
  /** The chain's JSON-RPC; not needed by a node whose manifest says `needs.chain: none`. */
  readonly chain?: { readonly url: string; readonly user: string; readonly password: string };
  /** 32 bytes: the same seed is the same node. */
  readonly seed: Uint8Array;
  /** The node's own folder: `volume` and `snapshots` are made in it. A volume that is there already is used again. */
  readonly folder: string;
  readonly signal?: AbortSignal;
  /** The manifest's `timing.startMs` when not given. */
  readonly deadlineMs?: number;
}

/**
 * Starts a node and waits until it listens. Throws `node.did-not-start` (blame `setup`, with the end of its log),
 * `node.package-absent`, `node.driver-broken`, or what aborted it.
 */
export async function startNode(options: StartOptions): Promise<RunningNode> {
  const { manifest, signal } = options;
  const plan = resolveNode(manifest, options.version, options.profile);
  const folder = plan.package === undefined ? manifest.folder : packageFolder(plan.package, manifest.folder);
  const volume = join(options.folder, 'volume');
  await mkdir(volume, { recursive: true, mode: 0o700 });
  const log = new ProgramLog();
  const argv = await programOf(plan, folder);
  signal?.throwIfAborted();
  try {
    return await DriverNode.start(
      {
        plan,
        runtime: processRuntime,
        program: { argv, env: environment(manifest), folder: volume },
        log,
        build: await folderHash(folder),
        snapshots: join(options.folder, 'snapshots'),
        start: {
          protocol: DRIVER_PROTOCOL,
          network: 'regtest',
          seed: toHex(options.seed),
          folder: volume,
          listen: { host: '127.0.0.1', port: 0 },
          ...(options.chain && { chain: { ...options.chain } }),
          ...(plan.package !== undefined && { package: folder }),
          settings: plan.settings,
        },
      },
      { deadlineMs: options.deadlineMs ?? plan.timing.startMs, signal },
    );
  } catch (cause) {
    if (signal?.aborted === true) throw cause;
    const tail = log.tail(20);
    throw new BoltgridError('node.did-not-start', 'setup', `${plan.id} did not start: ${messageOf(cause)}`, {
      hint: tail.length === 0 ? 'It wrote nothing to its log.' : `The end of its log:\n${tail.join('\n')}`,
      details: { node: plan.id, log: tail, ...(cause instanceof BoltgridError && { code: cause.code }) },
      cause,
    });
  }
}

async function programOf(plan: NodePlan, folder: string): Promise<ProgramSpec['argv']> {
  const { run } = plan.manifest.data;
  if ('argv' in run) {
    const [file, ...rest] = run.argv;
    const fill = (word: string): string =>
      word.replaceAll('{node}', process.execPath).replaceAll('{here}', plan.manifest.folder);
    return [fill(file), ...rest.map(fill)];
  }
  const bundle = await bundleDriver({
    entry: join(plan.manifest.folder, run.bundle),
    ...(run.package !== undefined && { package: { name: run.package, folder } }),
  });
  return [process.execPath, bundle];
}

/** Only what a program needs to find others: our environment may hold secrets. */
function environment(manifest: Manifest): Record<string, string> {
  const inherited = ['PATH', 'HOME', 'TMPDIR', 'LANG'].flatMap((name) => {
    const value = process.env[name];
    return value === undefined ? [] : [[name, value]];
  });
  return { ...(Object.fromEntries(inherited) as Record<string, string>), ...manifest.data.env };
}
