import { expect, test } from 'vitest';
import { concat, equalBytes } from '../../src/core/bytes.ts';
import { defaultCrypto } from '../../src/crypto/crypto.ts';
import { decodeMessage } from '../../src/wire/codec.ts';
import { bolts } from '../../src/wire/bolts.ts';
import { encodeFeatures } from '../../src/wire/features.ts';
import type { Dialled } from './dialling.ts';
import { greeted, reference } from './dialling.ts';

const CHAIN = new Uint8Array(32).fill(7);
const OTHER = new Uint8Array(32).fill(8);
const NOW = 1_700_000_000;
const OUR_ID = Uint8Array.of(0, 0, 100, 0, 0, 1, 0, 0);

const listening = () => reference({ chainHash: CHAIN, now: () => NOW });

const validBy = (message: Uint8Array, signatures: number, signers: readonly Uint8Array[]): boolean[] => {
  const { curve, hashes } = defaultCrypto;
  const hash = hashes.sha256(hashes.sha256(message.subarray(2 + 64 * signatures)));
  return signers.map((signer, i) => curve.verify(message.subarray(2 + 64 * i, 66 + 64 * i), hash, signer));
};

async function filtered(
  peer: Dialled,
  chain_hash: Uint8Array,
  first_timestamp: number,
  timestamp_range: number,
) {
  await peer.send('gossip_timestamp_filter', { chain_hash, first_timestamp, timestamp_range });
  return (await peer.upToPong()).map(({ name }) => name);
}

test('announcements are signed, and show the features of their context', async () => {
  const node = await listening();
  const { channelAnnouncement, channelUpdate, nodeAnnouncement } = node.gossip;
  const channel = decodeMessage(bolts, channelAnnouncement);
  if (channel.name !== 'channel_announcement') throw new Error('no channel_announcement');
  const { node_id_1, node_id_2, bitcoin_key_1, bitcoin_key_2, features, chain_hash } = channel.fields;
  expect(validBy(channelAnnouncement, 4, [node_id_1, node_id_2, bitcoin_key_1, bitcoin_key_2])).toEqual([
    true,
    true,
    true,
    true,
  ]);
  expect(Buffer.compare(node_id_1, node_id_2)).toBe(-1);
  expect([node_id_1, node_id_2].filter((id) => equalBytes(id, node.publicKey))).toHaveLength(1);
  expect({ features, chain_hash }).toEqual({ features: encodeFeatures([]), chain_hash: CHAIN });
  expect(validBy(channelUpdate, 1, [node.publicKey])).toEqual([true]);
  expect(validBy(nodeAnnouncement, 1, [node.publicKey])).toEqual([true]);
  expect(decodeMessage(bolts, nodeAnnouncement)).toMatchObject({
    fields: { node_id: node.publicKey, features: encodeFeatures([43]), timestamp: NOW },
  });
});

test('a filter brings what lies in its time, once asked and not before', async () => {
  const peer = await greeted(await listening());
  expect(await peer.upToPong()).toEqual([]);
  const all = ['channel_announcement', 'channel_update', 'node_announcement'];
  expect(await filtered(peer, CHAIN, 0, 0xffff_ffff)).toEqual(all);
  expect(await filtered(peer, CHAIN, NOW, 1)).toEqual(all);
  expect(await filtered(peer, CHAIN, NOW + 1, 0xffff_ffff)).toEqual([]);
  expect(await filtered(peer, CHAIN, 0, NOW)).toEqual([]);
  expect(await filtered(peer, OTHER, 0, 0xffff_ffff)).toEqual([]);
});

test('a new look is a newer node_announcement', async () => {
  const node = await listening();
  node.setLook({ alias: 'né à Lyon', color: '010203' });
  const peer = await greeted(node);
  await peer.send('gossip_timestamp_filter', {
    chain_hash: CHAIN,
    first_timestamp: NOW + 1,
    timestamp_range: 9,
  });
  const { alias, rgb_color, timestamp } = await peer.expect('node_announcement');
  expect(Buffer.from(alias).toString().replace(/\0+$/, '')).toBe('né à Lyon');
  expect({ rgb_color, timestamp }).toEqual({ rgb_color: Uint8Array.of(1, 2, 3), timestamp: NOW + 1 });
});

test('queries by id are answered with what is known, and always ended', async () => {
  const peer = await greeted(await listening());
  const ask = async (chain_hash: Uint8Array, ids: Uint8Array, flags?: Uint8Array) => {
    await peer.send('query_short_channel_ids', {
      chain_hash,
      encoded_short_ids: ids,
      tlvs: flags ? { query_flags: { encoding_type: 0, encoded_query_flags: flags } } : {},
    });
    const messages = await peer.upToPong();
    const end = messages.at(-1);
    if (end?.name !== 'reply_short_channel_ids_end') throw new Error('no end');
    return [...messages.slice(0, -1).map(({ name }) => name), end.fields.full_information];
  };
  const unknown = new Uint8Array(8).fill(9);
  const all = ['channel_announcement', 'channel_update', 'node_announcement', 1];
  expect(await ask(CHAIN, concat(Uint8Array.of(0), unknown, OUR_ID))).toEqual(all);
  expect(await ask(CHAIN, concat(Uint8Array.of(0), unknown))).toEqual([1]);
  expect(await ask(OTHER, concat(Uint8Array.of(0), OUR_ID))).toEqual([0]);
  expect(await ask(CHAIN, concat(Uint8Array.of(1), OUR_ID))).toEqual([1]);
  expect(await ask(CHAIN, concat(Uint8Array.of(0), OUR_ID.subarray(1)))).toEqual([1]);
  expect(await ask(CHAIN, concat(Uint8Array.of(0), OUR_ID), Uint8Array.of(0b00001))).toEqual([
    'channel_announcement',
    1,
  ]);
  expect(await ask(CHAIN, concat(Uint8Array.of(0), OUR_ID), Uint8Array.of(0b11000))).toEqual([
    'node_announcement',
    1,
  ]);
  expect(await ask(CHAIN, concat(Uint8Array.of(0), OUR_ID), Uint8Array.of(0b00110))).toEqual([
    'channel_update',
    1,
  ]);
});

test('queries by blocks are answered with the ids in range', async () => {
  const peer = await greeted(await listening());
  const ask = async (chain_hash: Uint8Array, first_blocknum: number, number_of_blocks: number) => {
    await peer.send('query_channel_range', { chain_hash, first_blocknum, number_of_blocks, tlvs: {} });
    const reply = await peer.expect('reply_channel_range');
    expect(reply).toMatchObject({ chain_hash, first_blocknum, number_of_blocks, sync_complete: 1 });
    return reply.encoded_short_ids;
  };
  const none = Uint8Array.of(0);
  expect(await ask(CHAIN, 0, 0xffff_ffff)).toEqual(concat(none, OUR_ID));
  expect(await ask(CHAIN, 100, 1)).toEqual(concat(none, OUR_ID));
  expect(await ask(CHAIN, 101, 0xffff_ffff)).toEqual(none);
  expect(await ask(CHAIN, 0, 100)).toEqual(none);
  expect(await ask(OTHER, 0, 0xffff_ffff)).toEqual(none);
});
