import { once } from 'node:events';
import { createServer, connect } from '@node-lightning/noise';
import type { NoiseSocket } from '@node-lightning/noise';
import { describe, expect, it, onTestFinished } from 'vitest';
import { aeads, curves, defaultCrypto, hashSuites } from '../../src/crypto/crypto.ts';
import { acceptNoise, connectNoise } from '../../src/noise/connection.ts';
import type { NoiseConnection } from '../../src/noise/connection.ts';
import { clientKey, deadlineMs, HOST, listen, publicKey, rejection, serverKey, soon } from './loopback.ts';

/** As many as fit before the first rotation, up to the largest size. */
const messages = Array.from({ length: 450 }, (_, i) =>
  new Uint8Array(i === 300 ? 65535 : 1 + ((i * 37) % 500)).fill(i % 251),
);
const numbered = (i: number): Buffer => Buffer.from(`message ${i}`);

/**
 * Both directions up to their first rotation, then on in one direction alone: @node-lightning/noise has a single chaining key for
 * both, where BOLT 8 has `rck` and `sck`, so it can follow rotations of one direction only.
 */
async function exchange(
  ours: NoiseConnection,
  theirs: NoiseSocket,
  onward: 'ours' | 'theirs',
): Promise<void> {
  theirs.on('data', (data) => theirs.write(data as Buffer));
  for (const message of messages) {
    await ours.send(message);
    expect(Buffer.from(await ours.receive(soon)).equals(message)).toBe(true);
  }
  theirs.removeAllListeners('data');
  if (onward === 'ours') await sendOn(ours, theirs);
  else await receiveOn(ours, theirs);
  theirs.end();
  expect(await rejection(ours.receive(soon))).toMatchObject({
    code: 'noise.closed',
    details: { how: 'fin' },
  });
}

const ROTATING = 1200;

async function sendOn(ours: NoiseConnection, theirs: NoiseSocket): Promise<void> {
  let seen = 0;
  const all = new Promise<void>((resolve) => {
    theirs.on('data', (data: Buffer) => {
      if (data.equals(numbered(seen))) seen += 1;
      if (seen === ROTATING) resolve();
    });
  });
  for (let i = 0; i < ROTATING; i++) await ours.send(numbered(i));
  await all;
}

async function receiveOn(ours: NoiseConnection, theirs: NoiseSocket): Promise<void> {
  for (let i = 0; i < ROTATING; i++) theirs.write(numbered(i));
  for (let i = 0; i < ROTATING; i++) {
    expect(Buffer.from(await ours.receive(soon)).equals(numbered(i))).toBe(true);
  }
}

const backends = curves.map((curve, i) => ({
  ...defaultCrypto,
  curve,
  aead: aeads[i] ?? aeads[0],
  hashes: hashSuites[i] ?? hashSuites[0],
}));

describe.each(backends.map((crypto) => [crypto.curve.name, crypto] as const))(
  '@node-lightning/noise and %s',
  (_, crypto) => {
    it('we connect', async () => {
      let accept: (socket: NoiseSocket) => void = () => undefined;
      const accepted = new Promise<NoiseSocket>((resolve) => (accept = resolve));
      const server = createServer({ ls: Buffer.from(serverKey) }, (socket) => {
        socket.once('ready', () => {
          accept(socket);
        });
      });
      server.listen({ host: HOST, port: 0 });
      await once(server, 'listening');
      onTestFinished(() => {
        server.close();
      });
      const { port } = server.address() as { port: number };
      const ours = await connectNoise({
        host: HOST,
        port,
        localPrivateKey: clientKey,
        remotePublicKey: publicKey(serverKey),
        deadlineMs,
        crypto,
      });
      const theirs = await accepted;
      expect(Buffer.from(publicKey(clientKey)).equals(theirs.rpk)).toBe(true);
      await exchange(ours, theirs, 'ours');
      await ours.close();
    });

    it('they connect', async () => {
      const { port, accepted } = await listen();
      const theirs = connect({
        host: HOST,
        port,
        ls: Buffer.from(clientKey),
        rpk: Buffer.from(publicKey(serverKey)),
      });
      const [ours] = await Promise.all([
        accepted.then((socket) => acceptNoise(socket, { localPrivateKey: serverKey, deadlineMs, crypto })),
        once(theirs, 'ready'),
      ]);
      expect(ours.remotePublicKey).toEqual(publicKey(clientKey));
      await exchange(ours, theirs, 'theirs');
      await ours.close();
    });
  },
);
