import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import { onTestFinished } from 'vitest';
import { isBoltgridError } from '../../src/core/error.ts';
import type { BoltgridError } from '../../src/core/error.ts';
import { defaultCrypto } from '../../src/crypto/crypto.ts';
import { acceptNoise, connectNoise } from '../../src/noise/connection.ts';
import type { ConnectionOptions, NoiseConnection } from '../../src/noise/connection.ts';

export const HOST = '127.0.0.1';
/** For what must happen; a test that needs as long fails. */
export const deadlineMs = 10_000;
export const soon = { deadlineMs } as const;

export const clientKey = new Uint8Array(32).fill(0x11);
export const serverKey = new Uint8Array(32).fill(0x21);
export const publicKey = (key: Uint8Array): Uint8Array => defaultCrypto.curve.publicKey(key);

export interface Listening {
  readonly port: number;
  readonly accepted: Promise<Socket>;
}

/** A server on a free port of loopback for one connection; both are gone when the test ends. */
export async function listen(): Promise<Listening> {
  const server: Server = createServer({ pauseOnConnect: false });
  const accepted = once(server, 'connection').then(([socket]) => {
    const connection = socket as Socket;
    connection.on('error', () => undefined);
    onTestFinished(() => {
      connection.destroy();
    });
    return connection;
  });
  server.listen(0, HOST);
  await once(server, 'listening');
  onTestFinished(() => {
    server.close();
  });
  return { port: (server.address() as AddressInfo).port, accepted };
}

/** A plain TCP connection: ours and the other side's socket. */
export async function tcpPair(): Promise<[Socket, Socket]> {
  const { port, accepted } = await listen();
  const ours = connect({ host: HOST, port, noDelay: true });
  ours.on('error', () => undefined);
  onTestFinished(() => {
    ours.destroy();
  });
  await once(ours, 'connect');
  return [ours, await accepted];
}

export interface NoisePair {
  readonly client: NoiseConnection;
  readonly server: NoiseConnection;
  /** The server's socket, for what a program cannot say through a `NoiseConnection`. */
  readonly serverSocket: Socket;
}

export async function noisePair(connection: ConnectionOptions = {}): Promise<NoisePair> {
  const { port, accepted } = await listen();
  const serving = accepted.then(async (serverSocket) => ({
    serverSocket,
    server: await acceptNoise(serverSocket, { localPrivateKey: serverKey, deadlineMs, connection }),
  }));
  const client = await connectNoise({
    host: HOST,
    port,
    localPrivateKey: clientKey,
    remotePublicKey: publicKey(serverKey),
    deadlineMs,
    connection,
  });
  onTestFinished(() => client.close());
  return { client, ...(await serving) };
}

/** The BoltgridError with which `promise` rejects. */
export async function rejection(promise: Promise<unknown>): Promise<BoltgridError> {
  const error: unknown = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!isBoltgridError(error)) throw new TypeError('not rejected with a BoltgridError', { cause: error });
  return error;
}
