import { spawn } from 'node:child_process';
import { copyFile, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Readable } from 'node:stream';
import { BoltgridError } from '../../core/error.ts';
import type { ImageInfo } from '../../runtime/docker/images.ts';
import { aptMirror } from './apt-sources.ts';
import { ownBase } from './base-image.ts';
import { toolEnvironment, type HostAccess } from './host-access.ts';
import type { ImageEngine } from './image-engine.ts';
import { ADMIN_PATH, findTool, howToInstall, LastLines, runTool } from './run-tool.ts';
import { workFolder, type WorkFolder } from './work-folder.ts';

export interface MakeBaseOptions {
  readonly access: HostAccess;
  /** URL of a Debian mirror; that of this machine's apt when not given, or else debootstrap's own. */
  readonly mirror?: string | undefined;
  /**
   * Whether apt in the image is to take lists that are expired or dated in the future, as a mirror that stands still has them. When not
   * given: whether those that it was made from are.
   */
  readonly staleMirror?: boolean | undefined;
  /** Certificates that the image is to trust besides: whatever is built on it trusts them, too. */
  readonly caBundle?: string | undefined;
  readonly onLine: (line: string) => void;
  readonly signal?: AbortSignal | undefined;
}

const SUITE = /^[a-z][a-z-]{0,40}$/;

/**
 * Makes `boltgrid/base:<suite>`, a minimal Debian, with debootstrap: the base of builds where none can be pulled. About half a
 * minute and 120 MB. Throws `image.bad-suite` (user), `image.tool-absent`, `image.not-root`, `image.base-failed` (set-up; `details.lines`)
 * and `core.cancelled`.
 */
export async function makeBase(
  suite: string,
  engine: Pick<ImageEngine, 'images'>,
  options: MakeBaseOptions,
): Promise<ImageInfo> {
  const debootstrap = findDebootstrap(suite);
  await using work = await workFolder();
  const root = work.folder;
  await runDebootstrap(debootstrap, suite, work, options);
  const stale = options.staleMirror ?? (await isStale(root, Date.now()));
  if (stale) options.onLine('apt in this image takes lists that are expired');
  await finish(root, stale, options.caBundle);
  options.onLine('handing it to Docker');
  return await engine.images.import(packed(root), ownBase(suite), ['CMD ["bash"]'], options.signal);
}

function findDebootstrap(suite: string): string {
  if (!SUITE.test(suite)) {
    throw new BoltgridError('image.bad-suite', 'user', `${JSON.stringify(suite)} is no suite of Debian`, {
      hint: 'Those that are used: bookworm, trixie, sid.',
    });
  }
  const found = findTool('debootstrap', `${process.env.PATH ?? ''}:${ADMIN_PATH}`);
  if (found === undefined) {
    throw new BoltgridError('image.tool-absent', 'setup', 'debootstrap is not installed', {
      hint: howToInstall('debootstrap'),
    });
  }
  if (process.getuid?.() !== 0) {
    throw new BoltgridError('image.not-root', 'setup', 'debootstrap has to be run by root', {
      hint: `sudo -E env "PATH=$PATH" npx boltgrid images base ${suite}`,
    });
  }
  return found;
}

async function runDebootstrap(
  program: string,
  suite: string,
  { folder: root, worksHere }: WorkFolder,
  { access, mirror = aptMirror(), onLine, signal }: MakeBaseOptions,
): Promise<void> {
  const env = toolEnvironment(process.env, access);
  const last = new LastLines();
  const argv = [
    '--variant=minbase',
    '--force-check-gpg',
    suite,
    root,
    ...(mirror === undefined ? [] : [mirror]),
  ];
  const code = await runTool([program, ...argv], {
    env: { ...env, PATH: `${env.PATH ?? ''}:${ADMIN_PATH}`, LC_ALL: 'C' },
    folder: dirname(root),
    signal,
    onStart: worksHere,
    onLine: (line) => {
      last.push(line);
      onLine(line);
    },
  });
  if (code === 0) return;
  const lines = last.lines();
  const advice = lines.some((line) => /unknown key|keyring/i.test(line))
    ? 'The keys of Debian are not on this machine: apt-get install debian-archive-keyring'
    : 'Is the mirror reachable, and does it have this suite? --mirror <url> names another.';
  throw new BoltgridError('image.base-failed', 'setup', `debootstrap of ${suite} ended with code ${code}`, {
    hint: `${last.asHint()}\n${advice}`,
    details: { lines },
  });
}

/** Whether the lists that debootstrap went by have expired, or are of a time that this machine's clock has not reached. */
async function isStale(root: string, now: number): Promise<boolean> {
  const folder = join(root, 'var/lib/apt/lists');
  const releases = (await readdir(folder)).filter((name) => /_(?:In)?Release$/.test(name));
  const texts = await Promise.all(releases.map((name) => readFile(join(folder, name), 'utf8')));
  const dates = (field: string): number[] =>
    texts.flatMap((text) => {
      const value = new RegExp(`^${field}:(.*)$`, 'm').exec(text)?.[1];
      return value === undefined ? [] : [Date.parse(value.trim())];
    });
  return dates('Valid-Until').some((time) => time < now) || dates('Date').some((time) => time > now);
}

const CA_PLACES = ['etc/ssl/certs/ca-certificates.crt', 'usr/local/share/ca-certificates/boltgrid-ca.crt'];

/** As the public images of Debian are: without what can be fetched again, and no service is started when a package is installed. */
async function finish(root: string, stale: boolean, caBundle: string | undefined): Promise<void> {
  const archives = join(root, 'var/cache/apt/archives');
  const lists = join(root, 'var/lib/apt/lists');
  const debs = (await readdir(archives)).filter((name) => name.endsWith('.deb'));
  await Promise.all(debs.map((name) => rm(join(archives, name))));
  await Promise.all((await readdir(lists)).map((name) => rm(join(lists, name), { recursive: true })));
  await rm(join(root, 'var/log/bootstrap.log'), { force: true });
  await writeFile(join(root, 'usr/sbin/policy-rc.d'), '#!/bin/sh\nexit 101\n', { mode: 0o755 });
  if (stale) {
    await writeFile(
      join(root, 'etc/apt/apt.conf.d/99boltgrid-stale-mirror'),
      'Acquire::Check-Valid-Until "false";\nAcquire::Check-Date "false";\n',
    );
  }
  if (caBundle === undefined) return;
  for (const place of CA_PLACES) {
    await mkdir(dirname(join(root, place)), { recursive: true });
    await copyFile(caBundle, join(root, place));
  }
}

/** The tree as a tar stream, with its owners and modes. */
function packed(root: string): Readable {
  const tar = spawn('tar', ['-C', root, '--numeric-owner', '--one-file-system', '-c', '.'], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  tar.on('error', (cause) => {
    tar.stdout.destroy(cause);
  });
  tar.on('exit', (code) => {
    if (code !== 0)
      tar.stdout.destroy(
        new BoltgridError('image.base-failed', 'setup', `tar ended with code ${code ?? -1}`),
      );
  });
  return tar.stdout;
}
