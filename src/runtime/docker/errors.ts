import { BoltgridError, isBoltgridError, messageOf } from '../../core/error.ts';
import { cleanText } from '../../core/text.ts';
import { inTime } from '../deadline.ts';

const ASK_MS = 60_000;

interface Known {
  readonly pattern: RegExp;
  readonly code: string;
  readonly hint: string;
}

/** What the engine says in words only, and what can be done about it. */
const KNOWN: readonly Known[] = [
  {
    pattern: /no space left on device|disk quota exceeded/i,
    code: 'docker.disk-full',
    hint: 'Free disk space where Docker keeps its data: `docker system df` tells what takes it, `docker image prune` frees unused images.',
  },
  {
    pattern: /port is already allocated|address already in use/i,
    code: 'docker.port-taken',
    hint: 'Another program took the port meanwhile; run again.',
  },
  {
    pattern: /non-overlapping IPv4 address pool|all predefined address pools/i,
    code: 'docker.no-addresses',
    hint: 'Docker has no address range left for another network: `boltgrid clean`, then `docker network prune`.',
  },
  {
    pattern: /no such image|manifest( for .*)? (unknown|not found)|repository does not exist/i,
    code: 'docker.no-such-image',
    hint: 'Pull it (`--pull`) or build it (`boltgrid images build`).',
  },
];

/** Whatever a call of the engine threw, as an error that says whose fault it is and what to do. */
export function dockerError(what: string, cause: unknown): BoltgridError {
  if (isBoltgridError(cause)) return cause;
  const said = engineSaid(cause);
  const details = { status: statusOf(cause) };
  const network = (cause as NodeJS.ErrnoException | undefined)?.code;
  if (network === 'EACCES' || network === 'EPERM') return notPermitted(cause);
  if (network !== undefined && /^(ECONNREFUSED|ECONNRESET|ENOENT|EPIPE)$/.test(network)) return absent(cause);
  const known = KNOWN.find(({ pattern }) => pattern.test(said));
  return new BoltgridError(known?.code ?? 'docker.failed', 'setup', `${what}: ${said}`, {
    ...(known && { hint: known.hint }),
    details,
    cause,
  });
}

export const absent = (cause: unknown): BoltgridError =>
  new BoltgridError('docker.absent', 'setup', 'no Docker engine answers', {
    hint: 'Install and start Docker; `docker version` must show a server. DOCKER_HOST or a Docker context may name another socket.',
    cause,
  });

export const notPermitted = (cause: unknown): BoltgridError =>
  new BoltgridError(
    'docker.not-permitted',
    'setup',
    'this user may not use the socket of the Docker engine',
    {
      hint: 'Add the user to the group `docker` (and log in again), or use rootless Docker.',
      cause,
    },
  );

/** Asks the engine for something: with a deadline, and errors of ours. */
export async function ask<T>(
  what: string,
  work: (signal: AbortSignal) => Promise<T>,
  { ms = ASK_MS, signal }: { ms?: number; signal?: AbortSignal | undefined } = {},
): Promise<T> {
  try {
    return await inTime(what, ms, work, signal);
  } catch (cause) {
    if (signal?.aborted === true) throw cause;
    throw dockerError(what, cause);
  }
}

/** As `ask`, where it is as good that the thing is not there, or is on its way out. */
export async function askGone(what: string, work: (signal: AbortSignal) => Promise<unknown>): Promise<void> {
  try {
    await inTime(what, ASK_MS, work);
  } catch (cause) {
    if (!isGone(cause)) throw dockerError(what, cause);
  }
}

/** The HTTP status that the engine answered with. */
function statusOf(error: unknown): number | undefined {
  const cause = isBoltgridError(error) ? error.cause : error;
  return (cause as { statusCode?: number } | undefined)?.statusCode;
}

export const isAbsent = (error: unknown): boolean => statusOf(error) === 404;

export const isBadRequest = (error: unknown): boolean => statusOf(error) === 400;

function isGone(error: unknown): boolean {
  return isAbsent(error) || (statusOf(error) === 409 && engineSaid(error).includes('already in progress'));
}

function engineSaid(cause: unknown): string {
  // The library puts the status and its own name for it before the engine's words: `(HTTP code 404) no such container - …`.
  return cleanText(messageOf(cause).replace(/^\(HTTP code \d+\) [a-z ,]+ - /, ''), 1000).trim();
}
