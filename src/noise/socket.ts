import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import { concat, EMPTY, toHex } from '../core/bytes.ts';
import { withDeadline } from '../core/deadline.ts';
import { BoltgridError, messageOf } from '../core/error.ts';
import type { CloseReason } from './transport.ts';

/** TCP, before and below BOLT 8: for the handshake, and for suites that speak it by hand. */
export interface Limits {
  readonly deadlineMs: number;
  readonly signal?: AbortSignal | undefined;
}

export interface Address {
  readonly host: string;
  readonly port: number;
}

const RAW_BYTES_KEPT = 512;
/** More than a node can have to say before it hangs up. */
const MAX_BYTES_BEFORE_CLOSE = 1 << 20;

/** Connects. Rejects with `noise.connect-failed` (blamed on the node), `core.deadline` or the signal's reason. */
export function openSocket({ host, port }: Address, { deadlineMs, signal }: Limits): Promise<Socket> {
  const open = (ended: AbortSignal): Promise<Socket> =>
    new Promise((resolve, reject) => {
      const socket = prepare(connect({ host, port }));
      const abandon = (): void => {
        socket.destroy();
      };
      ended.addEventListener('abort', abandon);
      socket.once('connect', () => {
        ended.removeEventListener('abort', abandon);
        resolve(socket);
      });
      socket.once('error', (error) => {
        reject(
          new BoltgridError(
            'noise.connect-failed',
            'node',
            `cannot connect to ${host}:${port}: ${messageOf(error)}`,
            {
              details: { host, port },
              cause: error,
            },
          ),
        );
      });
    });
  return withDeadline(`connecting to ${host}:${port}`, deadlineMs, open, signal);
}

/** To be called at once for a socket that a server hands out. */
export function prepare(socket: Socket): Socket {
  // Small writes are segments of their own: acts and frames are whole messages, and suites cut frames on purpose.
  socket.setNoDelay(true);
  // Without a listener an error ends the process; it is kept in `socket.errored`, where every reader looks.
  socket.on('error', () => undefined);
  return socket;
}

/**
 * Exactly `length` bytes; what came after them stays in the socket. Rejects with `noise.closed` when the stream ends earlier
 * (`details.received` in hex), `core.deadline`, or the signal's reason. Not for a socket that a `NoiseConnection` reads.
 */
export function readExactly(
  socket: Socket,
  length: number,
  { deadlineMs, signal }: Limits,
  what = `${length} bytes`,
): Promise<Uint8Array> {
  return withDeadline(
    what,
    deadlineMs,
    (ended) =>
      whenReadable(socket, ended, () => {
        // Nothing until all of them are there; at the end of the stream, what is left.
        const read: unknown = length === 0 ? EMPTY : socket.read(length);
        const got = read instanceof Uint8Array ? Uint8Array.from(read) : undefined;
        if (got?.length === length) return got;
        const ending = endingOf(socket) ?? (got && { by: 'remote', how: 'fin' });
        if (!ending) return undefined;
        const received = toHex((got ?? EMPTY).subarray(0, RAW_BYTES_KEPT));
        return closedError(ending, { length: got?.length ?? 0, received });
      }),
    signal,
  );
}

/** Everything until the other side ends the stream, and how it did. Rejects with `core.deadline`, the signal's reason, or `noise.too-much-data`. */
export function readUntilClosed(
  socket: Socket,
  { deadlineMs, signal }: Limits,
): Promise<{ bytes: Uint8Array; reason: CloseReason }> {
  let bytes: Uint8Array = EMPTY;
  return withDeadline(
    'the end of the connection',
    deadlineMs,
    (ended) =>
      whenReadable(socket, ended, () => {
        for (let got: unknown = socket.read(); got instanceof Uint8Array; got = socket.read())
          bytes = concat(bytes, got);
        if (bytes.length > MAX_BYTES_BEFORE_CLOSE) {
          return new BoltgridError('noise.too-much-data', 'node', 'it goes on sending instead of closing');
        }
        const reason = endingOf(socket);
        return reason && { bytes, reason };
      }),
    signal,
  );
}

/** Calls `attempt` now and whenever the socket's state changes, until it gives a result or an error. */
function whenReadable<T extends object>(
  socket: Socket,
  ended: AbortSignal,
  attempt: () => T | BoltgridError | undefined,
): Promise<T> {
  const EVENTS = ['readable', 'end', 'error', 'close'] as const;
  return new Promise((resolve, reject) => {
    const stop = (): void => {
      for (const event of EVENTS) socket.off(event, look);
      ended.removeEventListener('abort', stop);
    };
    const look = (): void => {
      const result = attempt();
      if (result === undefined) return;
      stop();
      if (result instanceof BoltgridError) reject(result);
      else resolve(result);
    };
    for (const event of EVENTS) socket.on(event, look);
    ended.addEventListener('abort', stop);
    look();
  });
}

/** Writes the chunks one after another, each flushed before the next. Rejects with the system's error. */
export async function writeChunks(socket: Socket, chunks: readonly Uint8Array[]): Promise<void> {
  for (const chunk of chunks) {
    await new Promise<void>((resolve, reject) => {
      socket.write(chunk, (error) => {
        if (error) reject(error);
        else resolve();
      });
    });
    // A write that the system takes at once never leaves the tick: without this, a loop of writes would starve reads and timers.
    await setImmediate();
  }
}

/** How the connection ended, `undefined` while it lasts. */
export function endingOf(socket: Socket): CloseReason | undefined {
  if (socket.errored) return reasonOf(socket.errored);
  if (socket.readableEnded) return { by: 'remote', how: 'fin' };
  return socket.destroyed ? { by: 'local', how: 'fin' } : undefined;
}

export function reasonOf(error: Error): CloseReason {
  const { code } = error as NodeJS.ErrnoException;
  // EPIPE: we wrote after its reset had arrived.
  const how = code === 'ECONNRESET' || code === 'EPIPE' ? 'reset' : 'error';
  return { by: 'remote', how, error };
}

const HOW_TEXT: Readonly<Record<CloseReason['how'], string>> = {
  fin: 'closed the connection',
  reset: 'reset the connection',
  error: 'lost the connection',
};

/** `noise.closed`. */
export function closedError(
  { by, how, error }: CloseReason,
  details: Readonly<Record<string, unknown>> = {},
): BoltgridError {
  return new BoltgridError(
    'noise.closed',
    by === 'remote' ? 'node' : 'harness',
    `${by === 'remote' ? 'the other side' : 'our side'} ${HOW_TEXT[how]}`,
    { details: { by, how, ...details }, cause: error },
  );
}
