import { once } from 'node:events';
import type { Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { toHex } from '../../src/core/bytes.ts';
import { acceptNoise, connectNoise } from '../../src/noise/connection.ts';
import { initiator, responder } from '../../src/noise/handshake.ts';
import { withBadKey, withBadTag, withVersion } from '../../src/noise/malformed.ts';
import { openSocket, readExactly, readUntilClosed, writeChunks } from '../../src/noise/socket.ts';
import { clientKey, HOST, listen, publicKey, rejection, serverKey, soon, tcpPair } from './loopback.ts';

const toServer = { host: HOST, localPrivateKey: clientKey, remotePublicKey: publicKey(serverKey), ...soon };
const asServer = { localPrivateKey: serverKey, ...soon };

/** Connects to a server that answers act one as given. */
async function answeredBy(answer: (socket: Socket, act1: Uint8Array) => unknown) {
  const { port, accepted } = await listen();
  const connecting = rejection(connectNoise({ ...toServer, port }));
  const socket = await accepted;
  answer(socket, await readExactly(socket, 50, soon));
  return { error: await connecting, after: readUntilClosed(socket, soon) };
}

const act2For = (act1: Uint8Array): Uint8Array =>
  responder({ localPrivateKey: serverKey }).readAct1(act1).writeAct2().bytes;

describe('connectNoise', () => {
  it('where nobody listens', async () => {
    const { port, accepted } = await listen();
    void accepted;
    const { port: free } = await freePort();
    expect(port).not.toBe(free);
    expect(await rejection(connectNoise({ ...toServer, port: free }))).toMatchObject({
      code: 'noise.connect-failed',
      blame: 'node',
      details: { host: HOST, port: free },
      cause: { code: 'ECONNREFUSED' },
    });
  });

  it.each([
    ['another version', (act: Uint8Array) => withVersion(act, 1), 'bad-version'],
    ['a key off the curve', withBadKey, 'bad-pubkey'],
    ['a bad tag', withBadTag, 'bad-tag'],
  ] as const)('answered with %s: nothing more is sent', async (_, spoil, fault) => {
    const { error, after } = await answeredBy((socket, act1) => socket.write(spoil(act2For(act1))));
    expect(error).toMatchObject({ code: `noise.act2.${fault}`, blame: 'node' });
    expect(error.details.raw).toMatch(/^[0-9a-f]{100}$/);
    expect((await after).bytes).toHaveLength(0);
  });

  it('answered with a truncated act and FIN', async () => {
    const { error } = await answeredBy((socket, act1) => socket.end(act2For(act1).slice(0, 49)));
    expect(error).toMatchObject({
      code: 'noise.act2.read-failed',
      blame: 'node',
      details: { how: 'fin', length: 49 },
    });
  });

  it('answered with FIN, or with a reset', async () => {
    const { error: fin } = await answeredBy((socket) => socket.end());
    expect(fin).toMatchObject({ code: 'noise.act2.read-failed', details: { how: 'fin', length: 0 } });
    const { error: reset } = await answeredBy((socket) => socket.resetAndDestroy());
    expect(reset).toMatchObject({ code: 'noise.act2.read-failed', details: { how: 'reset' } });
  });

  it('not answered', async () => {
    const { port, accepted } = await listen();
    const error = await rejection(connectNoise({ ...toServer, port, deadlineMs: 100 }));
    expect(error).toMatchObject({ code: 'core.deadline', blame: 'node' });
    expect(error.message).toContain('act2');
    const socket = await accepted;
    expect((await readUntilClosed(socket, soon)).bytes).toHaveLength(50);
  });

  it('cancelled while it waits for act two', async () => {
    const { port, accepted } = await listen();
    const controller = new AbortController();
    const connecting = connectNoise({ ...toServer, port, signal: controller.signal });
    const reason = new RangeError('stopped by the test');
    const cancelled = expect(connecting).rejects.toBe(reason);
    const socket = await accepted;
    await readExactly(socket, 50, soon);
    controller.abort(reason);
    await cancelled;
    await readUntilClosed(socket, soon);
  });

  it('with a remote key that is none', async () => {
    const { port, accepted } = await listen();
    const connecting = rejection(connectNoise({ ...toServer, port, remotePublicKey: new Uint8Array(33) }));
    expect(await connecting).toMatchObject({ code: 'crypto.bad-point' });
    expect((await readUntilClosed(await accepted, soon)).bytes).toHaveLength(0);
  });
});

describe('acceptNoise', () => {
  const act1 = initiator({ localPrivateKey: clientKey, remotePublicKey: publicKey(serverKey) }).writeAct1();

  it.each([
    ['another version', withVersion(act1.bytes, 1), 'bad-version'],
    ['a key off the curve', withBadKey(act1.bytes), 'bad-pubkey'],
    ['a bad tag', withBadTag(act1.bytes), 'bad-tag'],
  ] as const)('given act one with %s: closes without a byte', async (_, bytes, fault) => {
    const [ours, theirs] = await tcpPair();
    ours.write(bytes);
    expect(await rejection(acceptNoise(theirs, asServer))).toMatchObject({ code: `noise.act1.${fault}` });
    expect((await readUntilClosed(ours, soon)).bytes).toHaveLength(0);
  });

  it('given act three with a bad tag, or cut off', async () => {
    for (const [spoil, code] of [
      [withBadTag, 'noise.act3.bad-tag'],
      [(act3: Uint8Array) => act3.slice(0, 65), 'noise.act3.read-failed'],
    ] as const) {
      const [ours, theirs] = await tcpPair();
      const accepting = rejection(acceptNoise(theirs, asServer));
      await writeChunks(ours, [act1.bytes]);
      const { bytes: act3 } = act1.next.readAct2(await readExactly(ours, 50, soon)).writeAct3();
      ours.end(spoil(act3));
      expect(await accepting).toMatchObject({ code });
    }
  });

  it('given nothing', async () => {
    const [, theirs] = await tcpPair();
    expect(await rejection(acceptNoise(theirs, { ...asServer, deadlineMs: 1 }))).toMatchObject({
      code: 'core.deadline',
    });
    expect(theirs.destroyed).toBe(true);
  });

  it('given a reset', async () => {
    const [ours, theirs] = await tcpPair();
    const accepting = rejection(acceptNoise(theirs, asServer));
    ours.resetAndDestroy();
    expect(await accepting).toMatchObject({
      code: 'noise.act1.read-failed',
      details: { how: 'reset', length: 0 },
    });
  });
});

describe('plain sockets', () => {
  it('give exactly what is asked for and keep the rest', async () => {
    const [ours, theirs] = await tcpPair();
    theirs.end('abcdef');
    expect(Buffer.from(await readExactly(ours, 2, soon)).toString()).toBe('ab');
    expect(await readExactly(ours, 0, soon)).toHaveLength(0);
    expect(Buffer.from(await readExactly(ours, 3, soon)).toString()).toBe('cde');
    const error = await rejection(readExactly(ours, 2, soon));
    expect(error).toMatchObject({
      code: 'noise.closed',
      details: { how: 'fin', length: 1, received: toHex(Buffer.from('f')) },
    });
    expect((await readUntilClosed(ours, soon)).reason).toEqual({ by: 'remote', how: 'fin' });
  });

  it('say how the other side ended', async () => {
    const [ours, theirs] = await tcpPair();
    theirs.end('the end');
    expect(await readUntilClosed(ours, soon)).toEqual({
      bytes: Uint8Array.from(Buffer.from('the end')),
      reason: { by: 'remote', how: 'fin' },
    });
    const [mine, other] = await tcpPair();
    other.resetAndDestroy();
    expect((await readUntilClosed(mine, soon)).reason).toMatchObject({ by: 'remote', how: 'reset' });
  });

  it('do not gather without bound', async () => {
    const [ours, theirs] = await tcpPair();
    theirs.end(new Uint8Array(2 << 20));
    expect(await rejection(readUntilClosed(ours, soon))).toMatchObject({
      code: 'noise.too-much-data',
      blame: 'node',
    });
  });

  it('end waiting at the deadline, and can be read later', async () => {
    const [ours, theirs] = await tcpPair();
    theirs.write('a');
    expect(await rejection(readExactly(ours, 2, { deadlineMs: 1 }))).toMatchObject({ code: 'core.deadline' });
    expect(await rejection(readUntilClosed(theirs, { deadlineMs: 1 }))).toMatchObject({
      code: 'core.deadline',
    });
    theirs.write('b');
    expect(Buffer.from(await readExactly(ours, 2, soon)).toString()).toBe('ab');
  });

  it('are gone when connecting is cancelled', async () => {
    const { port } = await listen();
    const controller = new AbortController();
    const opening = openSocket({ host: HOST, port }, { ...soon, signal: controller.signal });
    controller.abort(new RangeError('stopped by the test'));
    await expect(opening).rejects.toThrow('stopped by the test');
  });
});

/** A port that was free a moment ago. */
async function freePort(): Promise<{ port: number }> {
  const { createServer } = await import('node:net');
  const server = createServer().listen(0, HOST);
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return { port };
}
