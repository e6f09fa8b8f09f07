import type Dockerode from 'dockerode';
import { BoltgridError } from '../../core/error.ts';
import { ask, isAbsent } from './errors.ts';
import type { Owner } from './files.ts';

/** What a place needs to know of its image. */
export interface PlaceImage {
  readonly reference: string;
  readonly id: string;
  /** Whom its programs run as, as the image says it. */
  readonly user: string;
  /** The same in numbers, once it was needed. */
  owner?: Owner;
  /** Its PATH. */
  readonly path: string;
}

/** Throws `docker.no-such-image`. */
export async function inspectImage(docker: Dockerode, reference: string): Promise<PlaceImage> {
  const { Id, Config } = await ask(`looking for image ${reference}`, () =>
    docker.getImage(reference).inspect(),
  ).catch((cause: unknown) => {
    if (!isAbsent(cause)) throw cause;
    throw new BoltgridError('docker.no-such-image', 'setup', `there is no image ${reference}`, {
      hint: 'Pull it (`--pull`) or build it (`boltgrid images build`).',
      cause,
    });
  });
  // Of an image that was imported it is null.
  const { Env: env } = Config as { Env: readonly string[] | null };
  const path = env?.find((entry) => entry.startsWith('PATH='))?.slice('PATH='.length);
  return {
    reference,
    id: Id,
    user: Config.User,
    path: path ?? '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  };
}
