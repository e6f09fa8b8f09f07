import { expect, test } from 'vitest';
import { EMPTY } from '../../src/core/bytes.ts';
import { withBadTag, withFlippedBit } from '../../src/noise/malformed.ts';
import { greeted, reference } from './dialling.ts';

const ping = Uint8Array.of(0, 18, 0, 1, 0, 0);

test.for([
  ['length', (frame: Uint8Array) => withFlippedBit(frame, 0)],
  ['MAC of the length', (frame: Uint8Array) => withFlippedBit(frame, 17)],
  ['message', (frame: Uint8Array) => withFlippedBit(frame, 18)],
  ['MAC of the message', withBadTag],
] as const)('a frame with a changed %s closes the connection, silently, and no other', async ([, spoil]) => {
  const node = await reference();
  const other = await greeted(node);
  const peer = await greeted(node);
  await peer.connection.writeRaw(spoil(peer.connection.encrypt(ping)));
  expect(await peer.upToClose()).toEqual([]);
  expect(await other.upToPong()).toEqual([]);
});

test('both directions go on past several changes of the key', async () => {
  const node = await reference();
  const peer = await greeted(node);
  for (let batch = 0; batch < 13; batch++) {
    for (let i = 0; i < 100; i++) await peer.raw(ping);
    for (let i = 0; i < 100; i++) expect((await peer.expect('pong')).ignored).toHaveLength(1);
  }
});

test('the keys of the two directions change apart', async () => {
  const node = await reference();
  const peer = await greeted(node);
  for (let i = 0; i < 700; i++) await peer.raw(Uint8Array.of(0xff, 0xff));
  expect(await peer.upToPong()).toEqual([]);
});

test('a message of 65535 bytes is read', async () => {
  const node = await reference();
  const peer = await greeted(node);
  const message = new Uint8Array(65_535);
  message.set([0xff, 0xff]);
  await peer.raw(message);
  expect(await peer.upToPong()).toEqual([]);
});

test.for([EMPTY, Uint8Array.of(0)])(
  'a message without a whole type closes the connection',
  async (message) => {
    const node = await reference();
    const peer = await greeted(node);
    await peer.raw(message);
    expect((await peer.upToClose()).map(({ name }) => name)).toEqual(['error']);
  },
);

test('a frame in pieces is read like a whole one', async () => {
  const node = await reference();
  const peer = await greeted(node);
  const frame = peer.connection.encrypt(ping);
  await peer.connection.writeRaw(
    frame.subarray(0, 1),
    frame.subarray(1, 18),
    frame.subarray(18, 20),
    frame.subarray(20),
  );
  await peer.expect('pong');
});
