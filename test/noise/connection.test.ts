import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { concat } from '../../src/core/bytes.ts';
import { acceptNoise, connectNoise, noiseOverSocket } from '../../src/noise/connection.ts';
import { encryptFrame } from '../../src/noise/cipher.ts';
import { initiator, responder } from '../../src/noise/handshake.ts';
import { withBadTag, withFlippedBit } from '../../src/noise/malformed.ts';
import { readExactly, writeChunks } from '../../src/noise/socket.ts';
import { clientKey, noisePair, publicKey, rejection, serverKey, soon, tcpPair } from './loopback.ts';

const message = (byte: number, length = 3): Uint8Array => new Uint8Array(length).fill(byte);

describe('messages', () => {
  it('pass in both directions, with both sides’ keys known', async () => {
    const { client, server } = await noisePair();
    expect(client.remotePublicKey).toEqual(publicKey(serverKey));
    expect(client.localPublicKey).toEqual(publicKey(clientKey));
    expect(server.remotePublicKey).toEqual(publicKey(clientKey));
    await client.send(message(1));
    await server.send(message(2));
    expect(await server.receive(soon)).toEqual(message(1));
    expect(await client.receive(soon)).toEqual(message(2));
  });

  it('of 0 and 65535 bytes pass; longer ones are refused and change nothing', async () => {
    const { client, server } = await noisePair();
    await client.send(message(0, 0));
    expect(await rejection(client.send(message(1, 65536)))).toMatchObject({
      code: 'noise.message-too-long',
      blame: 'harness',
    });
    await client.send(message(7, 65535));
    expect(await server.receive(soon)).toEqual(message(0, 0));
    expect(await server.receive(soon)).toEqual(message(7, 65535));
  });

  it('keep the order of calls that nobody waited for, across key rotations', async () => {
    const { client, server } = await noisePair();
    const count = 1200;
    const sent = Promise.all(
      Array.from({ length: count }, (_, i) => client.send(Uint8Array.of(i >> 8, i & 0xff))),
    );
    for (let i = 0; i < count; i++)
      expect(await server.receive(soon)).toEqual(Uint8Array.of(i >> 8, i & 0xff));
    await sent;
  });

  it('arrive whole from any chunks, and many from one', async () => {
    const { client, server } = await noisePair();
    const frames = concat(
      client.encrypt(message(1)),
      client.encrypt(message(2, 1000)),
      client.encrypt(message(3)),
    );
    const sizes = [1, 16, 1, 3, 500, 530];
    const chunks = sizes.map((size, i) => {
      const start = sizes.slice(0, i).reduce((a, b) => a + b, 0);
      return frames.slice(start, start + size);
    });
    await client.writeRaw(...chunks, frames.slice(sizes.reduce((a, b) => a + b, 0)));
    expect(await server.receive(soon)).toEqual(message(1));
    expect(await server.receive(soon)).toEqual(message(2, 1000));
    expect(await server.receive(soon)).toEqual(message(3));
  });
});

describe('waiting for a message', () => {
  it('ends at its deadline, and loses nothing that comes later', async () => {
    const { client, server } = await noisePair();
    expect(await rejection(client.receive({ deadlineMs: 1 }))).toMatchObject({ code: 'core.deadline' });
    await server.send(message(1));
    expect(await client.receive(soon)).toEqual(message(1));
  });

  it('ends when it is cancelled, before or while it waits', async () => {
    const { client, server } = await noisePair();
    const controller = new AbortController();
    const waiting = client.receive({ ...soon, signal: controller.signal });
    const reason = new RangeError('stopped by the test');
    controller.abort(reason);
    await expect(waiting).rejects.toBe(reason);
    await expect(client.receive({ ...soon, signal: controller.signal })).rejects.toBe(reason);
    await server.send(message(1));
    expect(await client.receive(soon)).toEqual(message(1));
  });

  it('is for one caller at a time', async () => {
    const { client, server } = await noisePair();
    const first = client.receive(soon);
    expect(await rejection(client.receive(soon))).toMatchObject({
      code: 'noise.receive-busy',
      blame: 'harness',
    });
    await server.send(message(4));
    expect(await first).toEqual(message(4));
  });
});

describe('back-pressure', () => {
  const count = 400;
  const big = message(5, 65535);

  it('a reader that does not read stops the writer, whose send ends at its deadline and ends the connection', async () => {
    const { client, server, serverSocket } = await noisePair({ inboxBytes: 100_000, sendDeadlineMs: 200 });
    const results = await Promise.allSettled(Array.from({ length: count }, () => client.send(big)));
    expect(results.at(-1)).toMatchObject({
      status: 'rejected',
      reason: { code: 'core.deadline', blame: 'node' },
    });
    expect(await client.closed).toMatchObject({
      by: 'local',
      how: 'error',
      error: { code: 'core.deadline' },
    });
    expect(await rejection(client.receive(soon))).toMatchObject({ code: 'core.deadline' });
    // What fills the inbox, and one chunk of the socket more than once over; not the 26 MB that were sent.
    expect(serverSocket.bytesRead).toBeLessThan(100_000 + 5 * 65_569);
    expect(await server.receive(soon)).toEqual(big);
  });

  it('a reader that comes later finds every message', async () => {
    const { client, server } = await noisePair({ inboxBytes: 100_000 });
    const sending = Promise.all(Array.from({ length: count }, () => server.send(big)));
    await client.send(message(1));
    expect(await server.receive(soon)).toEqual(message(1));
    for (let i = 0; i < count; i++) expect(await client.receive(soon)).toHaveLength(big.length);
    await sending;
  });
});

describe('the end of a connection', () => {
  it('by the other side’s FIN: what came before is delivered, then noise.closed', async () => {
    const { client, server } = await noisePair();
    await server.send(message(1));
    await server.send(message(2));
    await server.close();
    expect(await client.closed).toEqual({ by: 'remote', how: 'fin' });
    expect(await client.receive(soon)).toEqual(message(1));
    expect(await client.receive(soon)).toEqual(message(2));
    for (const attempt of [client.receive(soon), client.send(message(3)), client.writeRaw(message(3))]) {
      expect(await rejection(attempt)).toMatchObject({
        code: 'noise.closed',
        blame: 'node',
        details: { by: 'remote', how: 'fin', midFrame: false },
      });
    }
  });

  it('by a FIN that only closes one direction, with a full inbox', async () => {
    const { client, server, serverSocket } = await noisePair({ inboxBytes: 1 });
    const frames = Array.from({ length: 50 }, (_, i) => server.encrypt(message(i)));
    serverSocket.end(concat(...frames));
    for (let i = 0; i < 50; i++) expect(await client.receive(soon)).toEqual(message(i));
    expect(await client.closed).toEqual({ by: 'remote', how: 'fin' });
    expect(await rejection(client.receive(soon))).toMatchObject({ code: 'noise.closed' });
  });

  it('by a FIN within a frame', async () => {
    const { client, server, serverSocket } = await noisePair();
    serverSocket.end(server.encrypt(message(1)).slice(0, -1));
    expect(await rejection(client.receive(soon))).toMatchObject({
      code: 'noise.closed',
      details: { how: 'fin', midFrame: true },
    });
  });

  it('by a reset', async () => {
    const { client, server, serverSocket } = await noisePair();
    await server.send(message(1));
    expect(await client.receive(soon)).toEqual(message(1));
    const waiting = rejection(client.receive(soon));
    serverSocket.resetAndDestroy();
    expect(await waiting).toMatchObject({
      code: 'noise.closed',
      blame: 'node',
      details: { by: 'remote', how: 'reset' },
    });
    expect(await client.closed).toMatchObject({ by: 'remote', how: 'reset', error: { code: 'ECONNRESET' } });
    expect(await rejection(client.send(message(1)))).toMatchObject({ code: 'noise.closed' });
  });

  it('by a reset that a write meets, behind a full inbox', async () => {
    const { client, server, serverSocket } = await noisePair({ inboxBytes: 1 });
    serverSocket.write(concat(...[1, 2, 3].map((byte) => server.encrypt(message(byte)))));
    expect(await client.receive(soon)).toEqual(message(1));
    // The inbox holds the second, so the socket is not read and only writing can notice the reset.
    serverSocket.resetAndDestroy();
    const writing = async (): Promise<never> => {
      for (;;) await client.send(message(9));
    };
    expect(await rejection(writing())).toMatchObject({
      code: 'noise.closed',
      details: { by: 'remote', how: 'reset' },
    });
    expect(await client.receive(soon)).toEqual(message(2));
    expect(await client.receive(soon)).toEqual(message(3));
    expect(await rejection(client.receive(soon))).toMatchObject({
      code: 'noise.closed',
      details: { how: 'reset' },
    });
  });

  it('by our close: flushed, idempotent, what came before stays readable', async () => {
    const { client, server } = await noisePair();
    await server.send(message(1));
    await client.send(message(9));
    await client.receive(soon);
    await server.send(message(2));
    await client.send(message(3));
    expect(await server.receive(soon)).toEqual(message(9));
    const last = client.send(message(4, 65535));
    await Promise.all([client.close(), client.close()]);
    await last;
    expect(await client.closed).toEqual({ by: 'local', how: 'fin' });
    expect(await server.receive(soon)).toEqual(message(3));
    expect(await server.receive(soon)).toHaveLength(65535);
    expect(await server.closed).toEqual({ by: 'remote', how: 'fin' });
    expect(await rejection(client.send(message(5)))).toMatchObject({
      code: 'noise.closed',
      details: { by: 'local' },
    });
  });

  it('by our close while somebody waits', async () => {
    const { client } = await noisePair();
    const waiting = rejection(client.receive(soon));
    await client.close();
    expect(await waiting).toMatchObject({ code: 'noise.closed', blame: 'harness', details: { by: 'local' } });
  });

  it('by our close, though the other side never closes', async () => {
    const [ours, theirs] = await tcpPair();
    theirs.allowHalfOpen = true;
    const [client] = donePair();
    const connection = noiseOverSocket(ours, client, { lingerMs: 1 });
    await connection.close();
    expect(ours.destroyed).toBe(true);
    expect(await connection.closed).toEqual({ by: 'local', how: 'fin' });
  });
});

describe('a frame that cannot be decrypted', () => {
  it.each([
    ['the length', 0, 'length'],
    ['the MAC of the length', 17, 'length'],
    ['the message', 18, 'body'],
    ['the MAC of the message', 36, 'body'],
  ] as const)('spoiled in %s', async (_, at, part) => {
    const { client, server } = await noisePair();
    await server.writeRaw(server.encrypt(message(1)), withFlippedBit(server.encrypt(message(2)), at));
    expect(await client.receive(soon)).toEqual(message(1));
    const expected = { code: 'noise.frame.bad-tag', blame: 'node', details: { part, frame: 1 } };
    expect(await rejection(client.receive(soon))).toMatchObject(expected);
    expect(await client.closed).toMatchObject({ by: 'local', how: 'error', error: expected });
    expect(await rejection(client.send(message(3)))).toMatchObject(expected);
    expect((await server.closed).by).toBe('remote');
  });

  it('that ends the stream at once, behind a full inbox', async () => {
    const { client, server, serverSocket } = await noisePair({ inboxBytes: 1 });
    const frames = [
      server.encrypt(message(1)),
      server.encrypt(message(2)),
      withBadTag(server.encrypt(message(3))),
    ];
    serverSocket.end(concat(...frames));
    expect(await client.receive(soon)).toEqual(message(1));
    expect(await client.receive(soon)).toEqual(message(2));
    expect(await rejection(client.receive(soon))).toMatchObject({ code: 'noise.frame.bad-tag' });
  });

  it('as plain text', async () => {
    const { client, serverSocket } = await noisePair();
    serverSocket.write('HTTP/1.1 400 Bad Request\r\n\r\n');
    expect(await rejection(client.receive(soon))).toMatchObject({
      code: 'noise.frame.bad-tag',
      details: { frame: 0 },
    });
  });

  it('whose authentic length does not fit: the rest is awaited', async () => {
    const { client, server } = await noisePair();
    await server.writeRaw(server.encryptPiece(Uint8Array.of(0, 4)), server.encryptPiece(message(1)));
    await server.close();
    expect(await rejection(client.receive(soon))).toMatchObject({
      code: 'noise.closed',
      details: { midFrame: true },
    });
  });
});

/** Both ends of a handshake spoken in memory. */
function donePair() {
  const act1 = initiator({ localPrivateKey: clientKey, remotePublicKey: publicKey(serverKey) }).writeAct1();
  const act2 = responder({ localPrivateKey: serverKey }).readAct1(act1.bytes).writeAct2();
  const act3 = act1.next.readAct2(act2.bytes).writeAct3();
  return [act3.next, act2.next.readAct3(act3.bytes)] as const;
}

describe('acts spoken by hand', () => {
  it('byte by byte, then messages, the first of which came together with the act', async () => {
    const [ours, theirs] = await tcpPair();
    const serving = acceptNoise(theirs, { localPrivateKey: serverKey, ...soon });
    const { bytes: act1, next } = initiator({
      localPrivateKey: clientKey,
      remotePublicKey: publicKey(serverKey),
    }).writeAct1();
    await writeChunks(
      ours,
      Array.from(act1, (byte) => Uint8Array.of(byte)),
    );
    const act3 = next.readAct2(await readExactly(ours, 50, soon)).writeAct3();
    await writeChunks(ours, [concat(act3.bytes, encryptFrame(act3.next.ciphers.send, message(6)))]);
    const server = await serving;
    expect(await server.receive(soon)).toEqual(message(6));
    const client = noiseOverSocket(ours, act3.next);
    await server.send(message(7));
    await client.send(message(8));
    expect(await client.receive(soon)).toEqual(message(7));
    expect(await server.receive(soon)).toEqual(message(8));
  });

  it('over a socket that has ended or broken already', async () => {
    const [client] = donePair();
    const [ended, theirs] = await tcpPair();
    theirs.end();
    ended.resume();
    await once(ended, 'end');
    expect(await noiseOverSocket(ended, client).closed).toEqual({ by: 'remote', how: 'fin' });
    const [broken, reset] = await tcpPair();
    reset.resetAndDestroy();
    broken.resume();
    await new Promise((resolve) => broken.once('close', resolve));
    const connection = noiseOverSocket(broken, client);
    expect(await connection.closed).toMatchObject({ by: 'remote', how: 'reset' });
    expect(await rejection(connection.receive(soon))).toMatchObject({ code: 'noise.closed' });
    await connection.close();
  });
});

describe('two connections at once', () => {
  it('connect, serve and cancel apart', async () => {
    const controller = new AbortController();
    const [, theirs] = await tcpPair();
    const accepting = acceptNoise(theirs, { localPrivateKey: serverKey, ...soon, signal: controller.signal });
    const { client, server } = await noisePair();
    const reason = new RangeError('stopped by the test');
    controller.abort(reason);
    await expect(accepting).rejects.toBe(reason);
    expect(theirs.destroyed).toBe(true);
    await client.send(message(1));
    expect(await server.receive(soon)).toEqual(message(1));
  });

  it('refuses to start when cancelled before', async () => {
    const reason = new RangeError('stopped by the test');
    const signal = AbortSignal.abort(reason);
    const options = { localPrivateKey: clientKey, remotePublicKey: publicKey(serverKey), ...soon, signal };
    await expect(connectNoise({ host: '127.0.0.1', port: 1, ...options })).rejects.toBe(reason);
  });
});
