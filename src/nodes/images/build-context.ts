import { chmod, copyFile, mkdir, readlink, rm, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { BoltgridError } from '../../core/error.ts';
import { fillTemplate } from '../control/template.ts';
import type { BuildSpec } from '../manifest-values.ts';
import { contextFiles, contextFolder } from './build-inputs.ts';
import { toolEnvironment, type HostAccess } from './host-access.ts';
import { imageValues, type ImagePlan } from './image-plan.ts';
import { findTool, howToInstall, LastLines, runTool } from './run-tool.ts';
import { workFolder, type WorkFolder } from './work-folder.ts';

/** What the Dockerfile finds beside what the manifest's folder holds: empty where this machine names no bundle. */
const CA_FILE = 'boltgrid-ca.crt';

export interface ContextOptions {
  readonly access: HostAccess;
  readonly onLine: (line: string) => void;
  readonly signal?: AbortSignal | undefined;
}

/**
 * A temporary copy of the build context, with all in it that `prepare` makes. Throws `image.tool-absent`, `image.prepare-failed`
 * (`details.lines`: what it printed last) and `core.cancelled`.
 */
export async function makeContext(
  plan: ImagePlan,
  build: BuildSpec,
  options: ContextOptions,
): Promise<WorkFolder> {
  const work = await workFolder();
  const { folder } = work;
  try {
    await copyContext(plan, build, folder);
    await writeCa(folder, options.access);
    await prepare(plan, build, work, options);
    // Rust's folder of intermediate results, gigabytes at times: never part of an image.
    await rm(join(folder, 'target'), { recursive: true, force: true });
    return work;
  } catch (error) {
    await work[Symbol.asyncDispose]();
    throw error;
  }
}

async function copyContext(plan: ImagePlan, build: BuildSpec, to: string): Promise<void> {
  const from = contextFolder(plan, build);
  for (const { path, kind, executable } of await contextFiles(plan, build)) {
    const target = join(to, path);
    await mkdir(dirname(target), { recursive: true });
    if (kind === 'link') await symlink(await readlink(join(from, path)), target);
    else {
      await copyFile(join(from, path), target);
      // The same in the image whatever the umask of the checkout was.
      await chmod(target, executable ? 0o755 : 0o644);
    }
  }
}

async function writeCa(folder: string, { caBundle }: HostAccess): Promise<void> {
  const target = join(folder, CA_FILE);
  if (caBundle === undefined) await writeFile(target, '');
  else await copyFile(caBundle, target);
  await chmod(target, 0o644);
}

/** Before anything else is done: all the tools that are missing, in one error. Throws `image.tool-absent` (set-up). */
export function checkTools({ id }: ImagePlan, { prepare: spec }: BuildSpec): void {
  const absent = (spec?.tools ?? []).filter((tool) => findTool(tool) === undefined);
  if (absent.length === 0) return;
  throw new BoltgridError(
    'image.tool-absent',
    'setup',
    `${id} is built with ${absent.join(' and ')}, not on PATH here`,
    {
      hint: absent.map(howToInstall).join(' '),
      details: { absent },
    },
  );
}

async function prepare(
  plan: ImagePlan,
  { prepare: spec }: BuildSpec,
  { folder, worksHere }: WorkFolder,
  { access, onLine, signal }: ContextOptions,
): Promise<void> {
  if (!spec) return;
  const values = { ...imageValues(plan.version), node: process.execPath, here: plan.folder };
  const fill = (word: string): string => fillTemplate(word, values);
  const [file, ...rest] = spec.argv;
  const last = new LastLines();
  const code = await runTool([fill(file), ...rest.map(fill)], {
    env: toolEnvironment(process.env, access),
    folder,
    signal,
    onStart: worksHere,
    onLine: (line) => {
      last.push(line);
      onLine(line);
    },
  });
  if (code === 0) return;
  throw new BoltgridError(
    'image.prepare-failed',
    'setup',
    `${plan.id}: ${spec.argv.join(' ')} ended with code ${code}`,
    { hint: last.asHint(), details: { lines: last.lines() } },
  );
}
