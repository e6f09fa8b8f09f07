import { statfs } from 'node:fs/promises';
import { availableParallelism, freemem, totalmem } from 'node:os';
import { isBoltgridError } from '../../core/error.ts';
import type { BoltgridError } from '../../core/error.ts';
import type { Engine } from '../../runtime/docker/engine.ts';
import type { Leftover } from '../../runtime/docker/sweep.ts';

/** What there is to know of a machine before anything is run on it. */
export interface Machine {
  /** Of Node.js, without the `v`. */
  readonly nodeVersion: string;
  readonly cpus: number;
  readonly memory: { readonly totalBytes: number; readonly freeBytes: number };
  readonly tools: Readonly<Record<string, string | undefined>>;
  readonly docker: DockerState | BoltgridError;
}

export interface DockerState {
  readonly engine: Engine;
  /** Where the engine keeps images; `undefined` when that cannot be seen from here. */
  readonly freeBytes: number | undefined;
  readonly leftovers: readonly Leftover[];
}

export const TOOLS = ['go', 'cargo', 'debootstrap'] as const;

/** This one. */
export async function machine(): Promise<Machine> {
  const { ADMIN_PATH, findTool } = await import('../../nodes/images/run-tool.ts');
  return {
    nodeVersion: process.versions.node,
    cpus: availableParallelism(),
    memory: { totalBytes: totalmem(), freeBytes: freemem() },
    tools: Object.fromEntries(
      TOOLS.map((tool) => [tool, findTool(tool, `${process.env.PATH ?? ''}:${ADMIN_PATH}`)]),
    ),
    docker: await dockerState().catch((error: unknown) => {
      if (isBoltgridError(error)) return error;
      throw error;
    }),
  };
}

async function dockerState(): Promise<DockerState> {
  const { connectEngine } = await import('../../runtime/docker/engine.ts');
  const engine = await connectEngine();
  return {
    engine,
    freeBytes: await freeBytes(engine.version.storage.folder),
    leftovers: await engine.leftovers(),
  };
}

/** The folder is the engine's: on Docker Desktop it is in a virtual machine. */
async function freeBytes(folder: string): Promise<number | undefined> {
  try {
    const { bavail, bsize } = await statfs(folder);
    return bavail * bsize;
  } catch {
    return undefined;
  }
}
