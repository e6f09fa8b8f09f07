import { posix } from 'node:path';
import { BoltgridError } from '../core/error.ts';

/**
 * A path relative to the volume, however it was given: relative, or whole as the program sees it. Throws `runtime.no-such-file`
 * where it leads out of the volume.
 */
export function pathInVolume(volume: string, path: string): string {
  const whole = posix.resolve(volume, path);
  const relative = posix.relative(volume, whole);
  if (relative === '' || relative === '..' || relative.startsWith('../') || path.includes('\0')) {
    throw noSuchFile(path, `it is not within the volume ${volume}`);
  }
  return relative;
}

export const noSuchFile = (path: string, reason: string, cause?: unknown): BoltgridError =>
  new BoltgridError('runtime.no-such-file', 'setup', `no file ${path}: ${reason}`, {
    details: { path },
    ...(cause !== undefined && { cause }),
  });

/** Names of places and snapshots become parts of file, container and volume names. */
export function checkName(what: string, name: string): void {
  if (/^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/.test(name)) return;
  throw new BoltgridError(
    'runtime.bad-name',
    'setup',
    `the name of a ${what} has letters, digits, '.', '_' and '-', at most 100: not ${JSON.stringify(name.slice(0, 120))}`,
  );
}
