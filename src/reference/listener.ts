import { createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { BoltgridError, messageOf } from '../core/error.ts';
import { prepare } from '../noise/socket.ts';

export interface Listener {
  readonly port: number;
  /** No new connections; resolves when those that there were have ended. */
  close(): Promise<void>;
}

/** Listens on TCP. Throws `reference.listen-failed` (setup). */
export async function listen(
  host: string,
  port: number,
  onSocket: (socket: Socket) => void,
): Promise<Listener> {
  const server = createServer((socket) => {
    onSocket(prepare(socket));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause) => {
      reject(
        new BoltgridError(
          'reference.listen-failed',
          'setup',
          `cannot listen on ${host}:${port}: ${messageOf(cause)}`,
          {
            cause,
          },
        ),
      );
    });
    server.listen({ host, port }, resolve);
  });
  // Running out of file descriptors, say: the connection is lost, the node is not.
  server.on('error', () => undefined);
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
      }),
  };
}
