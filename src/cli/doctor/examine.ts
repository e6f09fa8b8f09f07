import { readFile } from 'node:fs/promises';
import { isBoltgridError } from '../../core/error.ts';
import { PACKAGE_ROOT } from '../../core/package.ts';
import type { CliContext } from '../context.ts';
import { gigabytes } from '../images/table.ts';
import { matrixFile, type ProjectOptions } from '../project.ts';
import { TOOLS, type DockerState, type Machine } from './machine.ts';

export interface Finding {
  /** `fail`: nothing can run. `warn`: a part cannot. */
  readonly state: 'ok' | 'warn' | 'fail';
  readonly what: string;
  readonly detail: string;
  /** What to do about it. */
  readonly hint?: string;
}

const LOW_MEMORY_BYTES = 2e9;
const LOW_DISK_BYTES = 5e9;

export async function examine(
  machine: Machine,
  context: CliContext,
  options: ProjectOptions,
): Promise<Finding[]> {
  const { docker } = machine;
  return [
    await node(machine),
    { state: 'ok', what: 'processors', detail: String(machine.cpus) },
    memory(machine),
    ...(isBoltgridError(docker) ? [noDocker(docker)] : withDocker(docker)),
    ...(await ofMatrix(machine, context, options)),
    ...(await tools(machine)),
  ];
}

async function node({ nodeVersion }: Machine): Promise<Finding> {
  const { engines } = JSON.parse(await readFile(`${PACKAGE_ROOT}package.json`, 'utf8')) as {
    engines: { node: string };
  };
  const [major = 0, minor = 0] = numbers(engines.node);
  const [ourMajor = 0, ourMinor = 0] = numbers(nodeVersion);
  const isNew = ourMajor > major || (ourMajor === major && ourMinor >= minor);
  const what = 'Node.js';
  if (isNew) return { state: 'ok', what, detail: nodeVersion };
  return { state: 'fail', what, detail: nodeVersion, hint: `Install Node.js ${engines.node}.` };
}

const numbers = (version: string): number[] => (version.match(/\d+/g) ?? []).map(Number);

function memory({ memory: { freeBytes, totalBytes } }: Machine): Finding {
  const detail = `${gigabytes(freeBytes)} free of ${gigabytes(totalBytes)}`;
  if (freeBytes >= LOW_MEMORY_BYTES) return { state: 'ok', what: 'memory', detail };
  return { state: 'warn', what: 'memory', detail, hint: 'Run fewer nodes at once: --node, and --workers 1.' };
}

const noDocker = (error: { message: string; hint: string | undefined }): Finding => ({
  state: 'warn',
  what: 'Docker',
  detail: error.message,
  ...(error.hint !== undefined && { hint: error.hint }),
});

function withDocker({ engine: { version }, freeBytes, leftovers }: DockerState): Finding[] {
  const { engine, api, builder, storage } = version;
  const dead = leftovers.filter(({ owner }) => owner === 'dead').length;
  return [
    { state: 'ok', what: 'Docker', detail: `${engine} (API ${api}, ${builder} builder, ${storage.driver})` },
    disk(storage.folder, freeBytes),
    dead === 0
      ? { state: 'ok', what: 'left of earlier runs', detail: 'nothing' }
      : {
          state: 'warn',
          what: 'left of earlier runs',
          detail: `${dead} of containers, volumes and networks`,
          hint: 'boltgrid clean',
        },
  ];
}

function disk(folder: string, freeBytes: number | undefined): Finding {
  const what = 'disk for images';
  if (freeBytes === undefined) return { state: 'ok', what, detail: `${folder}, not on this file system` };
  const detail = `${gigabytes(freeBytes)} free in ${folder}`;
  if (freeBytes >= LOW_DISK_BYTES) return { state: 'ok', what, detail };
  return {
    state: 'warn',
    what,
    detail,
    hint: 'docker system df tells what takes it; boltgrid clean --all-images',
  };
}

/** Which nodes can be started here, and which images are wanting. */
async function ofMatrix(
  { docker }: Machine,
  context: CliContext,
  options: ProjectOptions,
): Promise<Finding[]> {
  const { loadSources } = await import('../../matrix/sources.ts');
  const engine = isBoltgridError(docker) ? docker : docker.engine;
  const here = { engine: () => Promise.resolve(engine), failures: new Map() };
  const { nodes, chain } = await loadSources(matrixFile(context, options), { here, cwd: context.cwd });
  const hasChain = 'image' in chain;
  const runnable = nodes.filter(
    ({ place: { embedded, inDocker } }) => embedded === true || (typeof inDocker !== 'string' && hasChain),
  );
  const missing = [...nodes.map(({ place }) => place.missing), hasChain ? undefined : chain.missing];
  return [
    {
      state: runnable.length === 0 ? 'fail' : runnable.length < nodes.length ? 'warn' : 'ok',
      what: 'nodes of the matrix',
      detail: `${runnable.length} of ${nodes.length} can run`,
    },
    ...(isBoltgridError(docker) ? [] : [images(missing.flatMap((one) => one?.id ?? []))]),
  ];
}

function images(missing: readonly string[]): Finding {
  if (missing.length === 0) return { state: 'ok', what: 'images', detail: 'all are here' };
  return {
    state: 'warn',
    what: 'images',
    detail: `not here: ${[...new Set(missing)].join(', ')}`,
    hint: 'boltgrid images list tells what they cost; boltgrid images pull, or boltgrid images build',
  };
}

async function tools({ tools: found }: Machine): Promise<Finding[]> {
  const { howToInstall } = await import('../../nodes/images/run-tool.ts');
  return TOOLS.map((tool) => {
    const file = found[tool];
    return file === undefined
      ? {
          state: 'warn',
          what: tool,
          detail: 'absent: some images cannot be built here',
          hint: howToInstall(tool),
        }
      : { state: 'ok', what: tool, detail: file };
  });
}
