import { execFile } from 'node:child_process';
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { pack } from 'tar-stream';
import type { Engine } from '../../src/runtime/docker/engine.ts';
import { temporaryFolder } from '../nodes/drivers.ts';

const run = promisify(execFile);

/** One static binary and links to it: nothing is pulled, and there is no more in the image than that. */
export const BUSYBOX = 'boltgrid-test/busybox:1';

const APPLETS = [
  'sh',
  'cat',
  'echo',
  'sleep',
  'kill',
  'nc',
  'head',
  'tail',
  'ls',
  'stat',
  'id',
  'dd',
  'wget',
];

/** The image, made at first need from Debian's package, or from the public image where there is no apt. */
export async function busyboxImage(engine: Engine): Promise<string> {
  if (await engine.images.find(BUSYBOX)) return BUSYBOX;
  const binary = await staticBusybox();
  if (!binary) return (await engine.images.pull('busybox:stable-musl')).id;
  const tar = pack();
  for (const folder of ['bin', 'tmp', 'etc', 'owned']) {
    const owned = folder === 'owned' && { uid: 1234, gid: 1235 };
    tar.entry({ name: folder, type: 'directory', mode: folder === 'tmp' ? 0o1777 : 0o755, ...owned });
  }
  tar.entry({ name: 'owned/from-image', mode: 0o644, uid: 1234, gid: 1235 }, 'from the image');
  tar.entry({ name: 'etc/passwd', mode: 0o644 }, 'root:x:0:0::/:/bin/sh\nsomeone:x:1234:1235::/:/bin/sh\n');
  tar.entry({ name: 'bin/busybox', mode: 0o755 }, binary);
  for (const applet of APPLETS) tar.entry({ name: `bin/${applet}`, type: 'symlink', linkname: 'busybox' });
  tar.finalize();
  await engine.images.import(tar as unknown as NodeJS.ReadableStream as never, BUSYBOX, ['ENV PATH=/bin']);
  return BUSYBOX;
}

async function staticBusybox(): Promise<Buffer | undefined> {
  await using scratch = await temporaryFolder();
  try {
    await run('apt-get', ['download', 'busybox-static'], { cwd: scratch.folder });
    const [file = ''] = await readdir(scratch.folder);
    await run('dpkg-deb', ['-x', file, 'x'], { cwd: scratch.folder });
    return await readFile(join(scratch.folder, 'x/bin/busybox'));
  } catch {
    return undefined;
  }
}
