import { posix } from 'node:path';
import type { Readable } from 'node:stream';
import type Dockerode from 'dockerode';
import { BoltgridError } from '../../core/error.ts';
import { ask, isAbsent } from './errors.ts';

/**
 * Sees that a container has the program that it is to run. Behind an init the engine could not tell: the init starts, and ends.
 * Throws `runtime.cannot-start`.
 */
export async function mustHold(container: Dockerode.Container, file: string, path: string): Promise<void> {
  const places = file.includes('/') ? [file] : path.split(':').map((folder) => posix.join(folder, file));
  for (const place of places) {
    if (await isThere(container, place)) return;
  }
  throw new BoltgridError(
    'runtime.cannot-start',
    'setup',
    `cannot start ${file}: the image has no such program`,
    {
      details: { file },
    },
  );
}

async function isThere(container: Dockerode.Container, path: string): Promise<boolean> {
  try {
    const answer: unknown = await ask(`looking for ${path}`, () => container.infoArchive({ path }));
    // The library gives the answer as a stream, whose connection stays open until somebody is done with it.
    (answer as Readable).destroy();
    return true;
  } catch (error) {
    if (isAbsent(error)) return false;
    throw error;
  }
}
