import { expect, test } from 'vitest';
import { equalBytes, toHex } from '../../src/core/bytes.ts';
import { defaultCrypto } from '../../src/crypto/crypto.ts';
import { openSocket, readUntilClosed } from '../../src/noise/socket.ts';
import { startReference } from '../../src/reference/node.ts';
import type { Rules } from '../../src/reference/rules.ts';
import { DEFAULT_RULES } from '../../src/reference/rules.ts';
import { deadlineMs, dial, greeted, reference } from './dialling.ts';

const KEY = new Uint8Array(32).fill(1);

test('the seed decides the keys', async () => {
  const [a, b, c] = [
    await reference({ seed: 'a' }),
    await reference({ seed: 'a' }),
    await reference({ seed: 'b' }),
  ];
  expect(equalBytes(a.publicKey, b.publicKey)).toBe(true);
  expect(equalBytes(a.publicKey, c.publicKey)).toBe(false);
});

test('two of them connect, see each other, and part', async () => {
  const [a, b] = [await reference({ seed: 'a' }), await reference({ seed: 'b', features: [9] })];
  const gone = new Promise<void>((resolve) => {
    b.onChange(() => {
      if (b.peers().length === 0) resolve();
    });
  });
  await a.connect(b.host, b.port, b.publicKey);
  await a.connect(b.host, b.port, b.publicKey);
  expect(a.peers()).toMatchObject([{ publicKey: b.publicKey, inbound: false, features: new Set([9]) }]);
  await a.disconnect(b.publicKey);
  expect(a.peers()).toEqual([]);
  await gone;
});

test('a peer that has left can be connected to again at once', async () => {
  const [a, b] = [await reference({ seed: 'a' }), await reference({ seed: 'b' })];
  for (let i = 0; i < 3; i++) {
    await a.connect(b.host, b.port, b.publicKey);
    expect(a.peers()).toHaveLength(1);
    await a.disconnect(b.publicKey);
    expect(a.peers()).toEqual([]);
  }
});

test('who cannot be reached, is somebody else, or refuses, is told apart', async () => {
  const [a, b] = [await reference({ seed: 'a' }), await reference({ seed: 'b', chainHash: KEY })];
  const { host, port } = b;
  await expect(a.connect(host, 1, b.publicKey)).rejects.toMatchObject({ code: 'noise.connect-failed' });
  await expect(a.connect(host, port, a.publicKey)).rejects.toMatchObject({ code: 'noise.closed' });
  await expect(a.connect(host, port, b.publicKey)).rejects.toMatchObject({
    code: 'reference.ended',
    blame: 'node',
  });
  expect([a.peers(), b.peers()]).toEqual([[], []]);
});

test('a second connection of the same peer takes the place of the first', async () => {
  const node = await reference();
  const first = await greeted(node, { key: KEY });
  expect(await first.upToPong()).toEqual([]);
  const second = await greeted(node, { key: KEY });
  expect(await first.upToClose()).toEqual([]);
  expect(await second.upToPong()).toEqual([]);
  expect(node.peers()).toMatchObject([{ publicKey: defaultCrypto.curve.publicKey(KEY) }]);
});

test('a rule that throws ends only the connection it served', async () => {
  const rules: Rules = {
    ...DEFAULT_RULES,
    control: {
      ...DEFAULT_RULES.control,
      pong: () => {
        throw new TypeError('a defect');
      },
    },
  };
  const node = await reference({ rules });
  const [victim, other] = [await greeted(node), await greeted(node)];
  await victim.send('pong', { ignored: KEY });
  await victim.upToClose();
  expect(await other.upToPong()).toEqual([]);
  expect(node.logTail(10).join('\n')).toContain('a defect');
});

test('peers that stall, cut off or reset do not disturb another', async () => {
  const node = await reference();
  const other = await greeted(node);
  const half = await openSocket(node, { deadlineMs });
  half.write(KEY);
  const reset = await greeted(node);
  await reset.connection.writeRaw(reset.connection.encrypt(KEY).subarray(0, 20));
  await dial(node);
  const rude = await openSocket(node, { deadlineMs });
  rude.resetAndDestroy();
  expect(await other.upToPong()).toEqual([]);
  half.end();
  expect(await readUntilClosed(half, { deadlineMs })).toMatchObject({ bytes: new Uint8Array(0) });
});

test('a peer that does not read what it asks for holds up only itself', async () => {
  const node = await reference();
  const [slow, other] = [await greeted(node), await greeted(node)];
  // More pongs than the system's buffers hold, none of them read: the connection's inbox is full long before.
  for (let i = 0; i < 300; i++)
    void slow.send('ping', { num_pong_bytes: 65_531, ignored: new Uint8Array(0) });
  expect(await other.upToPong()).toEqual([]);
});

test('stop leaves nothing; listen brings it back on its port, its blobs kept', async () => {
  const node = await startReference({ seed: 'test' });
  const peer = await greeted(node, { key: KEY });
  await peer.send('peer_storage', { blob: KEY });
  expect(await peer.upToPong()).toEqual([]);
  const half = await openSocket(node, { deadlineMs });
  const { port } = node;
  await node.stop();
  await node.stop();
  expect(await peer.upToClose()).toEqual([]);
  await readUntilClosed(half, { deadlineMs });
  await expect(openSocket(node, { deadlineMs })).rejects.toMatchObject({ code: 'noise.connect-failed' });
  await node.listen();
  expect(node.port).toBe(port);
  const again = await greeted(node, { key: KEY });
  expect(toHex((await again.expect('peer_storage_retrieval')).blob)).toBe(toHex(KEY));
  await node.stop();
});

test('a port that is taken is a set-up error', async () => {
  const { port } = await reference();
  await expect(startReference({ seed: 'b', port })).rejects.toMatchObject({
    code: 'reference.listen-failed',
    blame: 'setup',
  });
});
