import { posix } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type Dockerode from 'dockerode';
import { extract, pack } from 'tar-stream';
import { BoltgridError } from '../../core/error.ts';
import { CappedBytes } from '../capped.ts';
import { noSuchFile } from '../volume-path.ts';
import { ask, isAbsent } from './errors.ts';

export interface Owner {
  readonly uid: number;
  readonly gid: number;
}

/** One file out of a container, running or not. Throws `runtime.no-such-file`, `runtime.too-much-output`. */
export async function readContainerFile(container: Dockerode.Container, path: string): Promise<Buffer> {
  const answer = await ask(`reading ${path}`, () => container.getArchive({ path })).catch(
    (error: unknown) => {
      throw isAbsent(error) && !isContainerGone(error) ? noSuchFile(path, 'it is not there', error) : error;
    },
  );
  const content = new CappedBytes(path);
  const tar = extract();
  tar.on('entry', (header, stream, next) => {
    if (header.type !== 'file') {
      tar.destroy(noSuchFile(path, 'it is not a file'));
      return;
    }
    stream.on('data', (chunk) => {
      const error = content.push(chunk as Buffer);
      if (error) tar.destroy(error);
    });
    stream.on('end', next);
  });
  await ask(`reading ${path}`, () => pipeline(answer, tar));
  return content.bytes();
}

/** Puts a file under `folder`, which exists; the folders on the way are made, those that are there stay as they are. */
export async function writeContainerFile(
  container: Dockerode.Container,
  folder: string,
  path: string,
  content: Uint8Array,
  owner: Owner,
): Promise<void> {
  const parts = path.split('/');
  // The deepest folder that exists: only what is below it is part of the archive, and so made.
  for (let depth = parts.length - 1; ; depth--) {
    const base = posix.join(folder, ...parts.slice(0, depth));
    try {
      await putFile(container, base, parts.slice(depth), content, owner);
      return;
    } catch (error) {
      if (depth === 0 || !isAbsent(error) || isContainerGone(error)) throw error;
    }
  }
}

async function putFile(
  container: Dockerode.Container,
  base: string,
  parts: readonly string[],
  content: Uint8Array,
  owner: Owner,
): Promise<void> {
  const tar = pack();
  const header = { ...owner, mtime: new Date() };
  for (let depth = 1; depth < parts.length; depth++) {
    tar.entry({ ...header, name: parts.slice(0, depth).join('/'), type: 'directory', mode: 0o700 });
  }
  tar.entry({ ...header, name: parts.join('/'), mode: 0o600 }, Buffer.from(content));
  tar.finalize();
  const bytes: Buffer[] = [];
  for await (const chunk of tar) bytes.push(chunk as Buffer);
  const name = posix.join(base, ...parts);
  await ask(`writing ${name}`, () => container.putArchive(Buffer.concat(bytes), { path: base }));
}

/** Who the programs of an image run as, in numbers. */
export async function imageUser(container: Dockerode.Container, user: string): Promise<Owner> {
  const [name = '', group] = user.split(':');
  if (name === '' || name === 'root') return { uid: 0, gid: await groupNumber(container, group ?? '0') };
  if (/^\d+$/.test(name)) return { uid: Number(name), gid: await groupNumber(container, group ?? '0') };
  const line = await accountLine(container, '/etc/passwd', name);
  if (!line)
    throw new BoltgridError(
      'runtime.no-such-user',
      'setup',
      `the image runs as ${name}, whom it does not know`,
    );
  const gid = group === undefined ? Number(line[3]) : await groupNumber(container, group);
  return { uid: Number(line[2]), gid };
}

async function groupNumber(container: Dockerode.Container, group: string): Promise<number> {
  if (/^\d+$/.test(group)) return Number(group);
  return Number((await accountLine(container, '/etc/group', group))?.[2] ?? 0);
}

async function accountLine(
  container: Dockerode.Container,
  file: string,
  name: string,
): Promise<readonly string[] | undefined> {
  const text = (await readContainerFile(container, file)).toString('utf8');
  return text
    .split('\n')
    .map((line) => line.split(':'))
    .find(([first]) => first === name);
}

/** Whether it is the container that is not there, rather than a file in it. */
export const isContainerGone = (error: unknown): boolean =>
  isAbsent(error) && (error instanceof Error ? error.message : '').includes(': No such container');
