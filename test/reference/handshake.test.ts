import type { Socket } from 'node:net';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { once } from 'node:events';
import { expect, onTestFinished, test } from 'vitest';
import { concat, EMPTY, toHex } from '../../src/core/bytes.ts';
import { defaultCrypto, randomPrivateKey } from '../../src/crypto/crypto.ts';
import { encryptFrame } from '../../src/noise/cipher.ts';
import { noiseOverSocket } from '../../src/noise/connection.ts';
import { initiator, responder } from '../../src/noise/handshake.ts';
import { withBadKey, withBadTag, withFlippedBit, withVersion } from '../../src/noise/malformed.ts';
import { openSocket, prepare, readExactly, readUntilClosed, writeChunks } from '../../src/noise/socket.ts';
import type { ReferenceNode } from '../../src/reference/node.ts';
import { deadlineMs, Dialled, initOf, reference } from './dialling.ts';

const limits = { deadlineMs };

async function tcp(node: ReferenceNode): Promise<Socket> {
  const socket = await openSocket(node, limits);
  onTestFinished(() => {
    socket.destroy();
  });
  return socket;
}

const start = (node: ReferenceNode) =>
  initiator({ localPrivateKey: randomPrivateKey(), remotePublicKey: node.publicKey });

const silence = { bytes: EMPTY, reason: { by: 'remote', how: 'fin' } };

test.for([
  ['an unknown version', (act: Uint8Array) => withVersion(act, 1)],
  ['a key off the curve', withBadKey],
  ['a wrong MAC', withBadTag],
] as const)('act one with %s is met with silence and a close', async ([, spoil]) => {
  const node = await reference();
  const socket = await tcp(node);
  await writeChunks(socket, [spoil(start(node).writeAct1().bytes)]);
  expect(await readUntilClosed(socket, limits)).toEqual(silence);
});

test.for([
  ['an unknown version', (act: Uint8Array) => withVersion(act, 1)],
  ['a wrong MAC of the static key', (act: Uint8Array) => withFlippedBit(act, 1)],
  ['a wrong final MAC', withBadTag],
] as const)('act three with %s is met with silence and a close', async ([, spoil]) => {
  const node = await reference();
  const socket = await tcp(node);
  const act1 = start(node).writeAct1();
  await writeChunks(socket, [act1.bytes]);
  const act2 = act1.next.readAct2(await readExactly(socket, 50, limits));
  await writeChunks(socket, [spoil(act2.writeAct3().bytes)]);
  expect(await readUntilClosed(socket, limits)).toEqual(silence);
});

test.for([
  ['off the curve', concat(Uint8Array.of(4), new Uint8Array(32))],
  ["somebody else's", defaultCrypto.curve.publicKey(randomPrivateKey())],
] as const)('act three with a static key that is %s is met with silence and a close', async ([, claimed]) => {
  const node = await reference();
  const socket = await tcp(node);
  const act1 = start(node).writeAct1();
  await writeChunks(socket, [act1.bytes]);
  const act2 = act1.next.readAct2(await readExactly(socket, 50, limits));
  await writeChunks(socket, [act2.writeAct3(claimed).bytes]);
  expect(await readUntilClosed(socket, limits)).toEqual(silence);
});

test('acts in pieces are read like whole ones, and an init may come in one piece with act three', async () => {
  const node = await reference();
  const socket = await tcp(node);
  const act1 = start(node).writeAct1();
  await writeChunks(socket, [act1.bytes.subarray(0, 1), act1.bytes.subarray(1, 49), act1.bytes.subarray(49)]);
  const act3 = act1.next.readAct2(await readExactly(socket, 50, limits)).writeAct3();
  await writeChunks(socket, [
    act3.bytes.subarray(0, 65),
    concat(act3.bytes.subarray(65), encryptFrame(act3.next.ciphers.send, initOf([]))),
  ]);
  const peer = new Dialled(noiseOverSocket(socket, act3.next));
  await peer.expect('init');
  expect(await peer.upToPong()).toEqual([]);
});

test('each connection gets an ephemeral key of its own', async () => {
  const node = await reference();
  const keys = new Set<string>();
  for (let i = 0; i < 4; i++) {
    const socket = await tcp(node);
    await writeChunks(socket, [start(node).writeAct1().bytes]);
    keys.add(toHex((await readExactly(socket, 50, limits)).subarray(1, 34)));
  }
  expect(keys.size).toBe(4);
});

/** A server that speaks the acts as a test says. */
async function answering(speak: (socket: Socket) => Promise<void>): Promise<{ host: string; port: number }> {
  const server = createServer((socket) => void speak(prepare(socket)).catch(() => undefined));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.close();
  });
  return { host: '127.0.0.1', port: (server.address() as AddressInfo).port };
}

test.for([
  ['bad-version', (act: Uint8Array) => withVersion(act, 1)],
  ['bad-pubkey', withBadKey],
  ['bad-tag', withBadTag],
] as const)('as initiator: act two with %s ends the connection without act three', async ([fault, spoil]) => {
  const node = await reference();
  const localPrivateKey = randomPrivateKey();
  let ended: ReturnType<typeof readUntilClosed> | undefined;
  const { host, port } = await answering(async (socket) => {
    const act2 = responder({ localPrivateKey })
      .readAct1(await readExactly(socket, 50, limits))
      .writeAct2();
    await writeChunks(socket, [spoil(act2.bytes)]);
    ended = readUntilClosed(socket, limits);
    await ended;
    socket.end();
  });
  const publicKey = defaultCrypto.curve.publicKey(localPrivateKey);
  await expect(node.connect(host, port, publicKey)).rejects.toMatchObject({ code: `noise.act2.${fault}` });
  expect(await ended).toEqual(silence);
  expect(node.peers()).toEqual([]);
});

test('as initiator: it sends init first, unprompted, after act three', async () => {
  const node = await reference();
  const localPrivateKey = randomPrivateKey();
  const { host, port } = await answering(async (socket) => {
    const act2 = responder({ localPrivateKey })
      .readAct1(await readExactly(socket, 50, limits))
      .writeAct2();
    await writeChunks(socket, [act2.bytes]);
    const peer = new Dialled(
      noiseOverSocket(socket, act2.next.readAct3(await readExactly(socket, 66, limits))),
    );
    await peer.expect('init');
    await peer.raw(initOf([9]));
  });
  await node.connect(host, port, defaultCrypto.curve.publicKey(localPrivateKey));
  expect(node.peers()).toMatchObject([{ inbound: false, host, port, features: new Set([9]) }]);
});
