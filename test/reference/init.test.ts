import { expect, test } from 'vitest';
import { EMPTY } from '../../src/core/bytes.ts';
import { publicAddressDescriptor } from '../../src/reference/address.ts';
import { bolts } from '../../src/wire/bolts.ts';
import { encodeMessage } from '../../src/wire/codec.ts';
import { encodeFeatures, FEATURES, featureOfBit } from '../../src/wire/features.ts';
import { malformed } from '../../src/wire/malformed.ts';
import { dial, greeted, initOf, reference } from './dialling.ts';

const names = (messages: readonly { readonly name: string | undefined }[]) =>
  messages.map(({ name }) => name);
const fields = { globalfeatures: EMPTY, features: EMPTY, tlvs: {} };
const CHAIN = new Uint8Array(32).fill(7);

test('init comes first and unprompted, with what it supports and its chain', async () => {
  const node = await reference({ features: [1, 8, 43], chainHash: CHAIN });
  const peer = await dial(node);
  expect(await peer.expect('init')).toEqual({
    globalfeatures: EMPTY,
    features: encodeFeatures([1, 8, 43]),
    tlvs: { networks: { chains: [CHAIN] } },
  });
});

test('by default only bits of BOLT 9 are set, none twice', async () => {
  const bits = [...(await reference()).features];
  expect(bits.filter((bit) => featureOfBit(bit) === undefined)).toEqual([]);
  expect(bits.filter((bit) => bit % 2 === 0)).toEqual([]);
});

test('nothing is said to a peer that has not sent init, not even about what it did wrong', async () => {
  const node = await reference();
  const ping = encodeMessage(bolts, 'ping', { num_pong_bytes: 1, ignored: EMPTY });
  for (const message of [ping, ping.subarray(0, 3), Uint8Array.of(0x80, 0), EMPTY]) {
    const peer = await dial(node);
    await peer.expect('init');
    await peer.raw(message);
    expect(await peer.upToClose()).toEqual([]);
  }
});

test.for([
  ['nothing', initOf([])],
  ['an unknown odd bit', initOf([1001])],
  ['an unknown odd bit in globalfeatures', initOf([], { globalfeatures: encodeFeatures([101]) })],
  ['a compulsory bit of a feature that it has', initOf([42])],
  ['both bits of a feature that it has', initOf([42, 43])],
  ['a compulsory bit that is ASSUMED', initOf([8, 12, 14])],
  ['features padded with zeros', initOf([], { features: new Uint8Array(100) })],
  ['an optional feature that depends on an ASSUMED one', initOf([17])],
  ['an unknown odd record', initOf([], { tlvs: { unknown: [{ type: 1001n, value: CHAIN }] } })],
  ['a remote_addr that makes no sense', initOf([], { tlvs: { remote_addr: { data: Uint8Array.of(99) } } })],
] as const)('an init with %s is accepted', async ([, init]) => {
  const peer = await greeted(await reference({ chainHash: CHAIN }), { init });
  expect(await peer.upToPong()).toEqual([]);
});

test.for([
  ['an unknown even bit', initOf([1000])],
  ['an unknown even bit in globalfeatures', initOf([], { globalfeatures: encodeFeatures([100]) })],
  ['both bits of an unknown pair', initOf([1000, 1001])],
  ['a compulsory bit of a feature that it lacks', initOf([FEATURES.option_splice.even])],
  ['a feature without its dependency', initOf([FEATURES.option_zeroconf.even + 1])],
  ['networks without a common chain', initOf([], { tlvs: { networks: { chains: [new Uint8Array(32)] } } })],
  [
    'half a chain in networks',
    malformed(bolts, 'init', fields, { records: [{ type: 1n, value: new Uint8Array(16) }] }),
  ],
  ['an unknown even record', malformed(bolts, 'init', fields, { records: [{ type: 1000n, value: EMPTY }] })],
  [
    'records in falling order',
    malformed(bolts, 'init', fields, {
      records: [
        { type: 1001n, value: EMPTY },
        { type: 999n, value: EMPTY },
      ],
    }),
  ],
  ['fewer features than it says', malformed(bolts, 'init', fields, { lengths: { flen: 9 } })],
  ['nothing after its type', Uint8Array.of(0, 16)],
] as const)('an init with %s is answered by an error and a close', async ([, init]) => {
  const node = await reference({ chainHash: CHAIN });
  const peer = await greeted(node, { init });
  expect(names(await peer.upToClose())).toEqual(['error']);
  expect(node.peers()).toEqual([]);
});

test('both bitmaps count, whichever a bit is in', async () => {
  const node = await reference();
  const init = initOf([50], { globalfeatures: encodeFeatures([46]) });
  const peer = await greeted(await reference({ features: [47, 51], seed: 'other' }), { init });
  expect(await peer.upToPong()).toEqual([]);
  const refused = await greeted(node, { init });
  expect(names(await refused.upToClose())).toEqual(['error']);
});

test('a second init changes nothing', async () => {
  const node = await reference();
  const peer = await greeted(node, { init: initOf([9]) });
  await peer.raw(initOf([9, 1001]));
  expect(await peer.upToPong()).toEqual([]);
  expect(node.peers()).toMatchObject([{ features: new Set([9]) }]);
});

test.for([
  ['8.8.8.8', [1, 8, 8, 8, 8, 0x26, 0x07]],
  ['::ffff:8.8.4.4', [1, 8, 8, 4, 4, 0x26, 0x07]],
  ['2001:4860::8844', [2, 0x20, 0x01, 0x48, 0x60, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x88, 0x44, 0x26, 0x07]],
  ['127.0.0.1', undefined],
  ['::ffff:127.0.0.1', undefined],
  ['10.1.2.3', undefined],
  ['172.31.0.1', undefined],
  ['192.168.1.1', undefined],
  ['100.64.0.1', undefined],
  ['169.254.1.1', undefined],
  ['::1', undefined],
  ['fe80::1', undefined],
  ['fd00::1', undefined],
  ['localhost', undefined],
] as const)('remote_addr for %s', ([host, bytes]) => {
  expect(publicAddressDescriptor({ host, port: 9735 })).toEqual(bytes && Uint8Array.from(bytes));
});
