import { expect, test } from 'vitest';
import { EMPTY } from '../../src/core/bytes.ts';
import { defaultCrypto } from '../../src/crypto/crypto.ts';
import { bolts } from '../../src/wire/bolts.ts';
import { encodeMessage } from '../../src/wire/codec.ts';
import { malformed } from '../../src/wire/malformed.ts';
import { greeted, initOf, reference } from './dialling.ts';

const CHANNEL = new Uint8Array(32).fill(5);
const ZERO = new Uint8Array(32);
const POINT = defaultCrypto.curve.publicKey(CHANNEL);
const ping = { num_pong_bytes: 3, ignored: EMPTY };

test.for([0, 1, 256, 65_531])('a ping that asks for %i bytes gets as many zeros', async (length) => {
  const peer = await greeted(await reference());
  await peer.send('ping', { num_pong_bytes: length, ignored: Uint8Array.of(1, 2, 3) });
  expect((await peer.expect('pong')).ignored).toEqual(new Uint8Array(length));
});

test.for([65_532, 65_535])('a ping that asks for %i bytes is ignored', async (length) => {
  const peer = await greeted(await reference());
  await peer.send('ping', { num_pong_bytes: length, ignored: EMPTY });
  expect(await peer.upToPong()).toEqual([]);
});

test.for([
  ['a pong that nobody asked for', encodeMessage(bolts, 'pong', { ignored: new Uint8Array(9) })],
  ['an unknown odd message', Uint8Array.of(0x80, 0x01, 1, 2, 3)],
  ['an unknown odd message among those of channels', Uint8Array.of(0, 253)],
  ['an error about no channel of ours', encodeMessage(bolts, 'error', { channel_id: CHANNEL, data: EMPTY })],
  ['an error about all channels', encodeMessage(bolts, 'error', { channel_id: ZERO, data: EMPTY })],
  ['a warning', encodeMessage(bolts, 'warning', { channel_id: ZERO, data: Buffer.from('careful') })],
  [
    'an unknown odd record after a ping',
    malformed(bolts, 'pong', { ignored: EMPTY }, { records: [{ type: 99n, value: CHANNEL }] }),
  ],
  ['a blob that it never gave away', encodeMessage(bolts, 'peer_storage_retrieval', { blob: CHANNEL })],
  [
    'a reply without a query',
    encodeMessage(bolts, 'reply_short_channel_ids_end', { chain_hash: ZERO, full_information: 1 }),
  ],
] as const)('%s is ignored', async ([, message]) => {
  const peer = await greeted(await reference());
  await peer.raw(message);
  expect(await peer.upToPong()).toEqual([]);
});

test.for([
  ['an unknown even message', Uint8Array.of(0x80, 0x00)],
  ['an unknown even message among those of channels', Uint8Array.of(0, 200)],
  ['a ping without its length', malformed(bolts, 'ping', ping, { truncateTo: 5 })],
  ['a ping shorter than it says', malformed(bolts, 'ping', ping, { lengths: { byteslen: 9 } })],
  ['a pong shorter than it says', malformed(bolts, 'pong', { ignored: EMPTY }, { lengths: { byteslen: 1 } })],
  ['an error without channel_id', Uint8Array.of(0, 17)],
  [
    'an unknown even record after a ping',
    malformed(bolts, 'ping', ping, { records: [{ type: 98n, value: EMPTY }] }),
  ],
  ['half a record after a ping', malformed(bolts, 'ping', ping, { append: Uint8Array.of(99, 4, 0) })],
  [
    'a message of a feature that it lacks',
    encodeMessage(bolts, 'stfu', { channel_id: CHANNEL, initiator: 1 }),
  ],
] as const)('%s is answered by an error and a close', async ([, message]) => {
  const node = await reference();
  const other = await greeted(node);
  const peer = await greeted(node);
  await peer.raw(message);
  expect(await peer.upToClose()).toMatchObject([{ name: 'error', fields: { channel_id: ZERO } }]);
  expect(await other.upToPong()).toEqual([]);
});

test.for([
  ['channel_ready', { channel_id: CHANNEL, second_per_commitment_point: POINT, tlvs: {} }],
  ['update_fee', { channel_id: CHANNEL, feerate_per_kw: 253 }],
  ['shutdown', { channel_id: CHANNEL, scriptpubkey: EMPTY }],
] as const)('%s for an unknown channel is answered by an error with its id', async ([name, fields]) => {
  const peer = await greeted(await reference());
  await peer.raw(encodeMessage(bolts, name, fields as never));
  expect(await peer.upToPong()).toMatchObject([{ name: 'error', fields: { channel_id: CHANNEL } }]);
});

test('a funding_created that nothing preceded is answered by an error with its temporary id', async () => {
  const peer = await greeted(await reference());
  await peer.send('funding_created', {
    temporary_channel_id: CHANNEL,
    funding_txid: ZERO,
    funding_output_index: 0,
    signature: new Uint8Array(64),
  });
  expect(await peer.upToPong()).toMatchObject([{ name: 'error', fields: { channel_id: CHANNEL } }]);
});

test('what a warning says goes to the log as it is only where it is printable', async () => {
  const node = await reference();
  const peer = await greeted(node);
  await peer.send('warning', { channel_id: ZERO, data: Buffer.from('plain words') });
  await peer.send('error', { channel_id: ZERO, data: Buffer.from('bad\u001b[31mwords') });
  await peer.upToPong();
  const log = node.logTail(100).join('\n');
  expect(log).toContain('plain words');
  expect(log).not.toContain('words\u001b');
  expect(log).toContain(Buffer.from('bad\u001b[31mwords').toString('hex'));
});

test('the latest blob comes back after init, on each connection of its owner', async () => {
  const node = await reference();
  const key = new Uint8Array(32).fill(1);
  const stored = [Uint8Array.of(1), new Uint8Array(65_531).fill(2), Uint8Array.of(3, 3)];
  const first = await greeted(node, { key });
  for (const blob of stored) await first.send('peer_storage', { blob });
  expect(await first.upToPong()).toEqual([]);
  await first.connection.close();
  for (let i = 0; i < 2; i++) {
    const again = await greeted(node, { key });
    expect(await again.expect('peer_storage_retrieval')).toEqual({ blob: Uint8Array.of(3, 3) });
    await again.connection.close();
  }
  expect(await (await greeted(node)).upToPong()).toEqual([]);
});

test('a node that does not offer to store does not', async () => {
  const node = await reference({ features: [9] });
  const key = new Uint8Array(32).fill(1);
  const first = await greeted(node, { key });
  await first.send('peer_storage', { blob: Uint8Array.of(1) });
  expect(await first.upToPong()).toEqual([]);
  await first.connection.close();
  expect(await (await greeted(node, { key })).upToPong()).toEqual([]);
});

test('it pings by itself when told to', async () => {
  const peer = await greeted(await reference({ keepAliveMs: 20 }), { init: initOf([]) });
  const { ignored } = await peer.expect('ping');
  expect(ignored).toEqual(new Uint8Array(ignored.length));
});
