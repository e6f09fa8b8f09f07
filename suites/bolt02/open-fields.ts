import { suite } from 'boltgrid';
import {
  expectAccepted,
  expectOpenRefused,
  MOST_U16,
  MOST_U64,
  NEW_OPEN,
  WRONG_POINTS,
  UNFUNDED,
} from './_open.ts';

/** As in messages: the genesis block of the main chain. */
const MAINNET = Uint8Array.from(
  Buffer.from('6fe28c0ab6f1b372c1a6a246ae63f74f931e8365e15a089c68d6190000000000', 'hex'),
);

/** BOLT 2, The open_channel Message: each field by itself, the node as accepter. What a node's policy may refuse is kept out of it. */
export default suite('bolt02/open-fields', { title: 'fields of open_channel' }, ({ test }) => {
  test(
    'wrong-chain',
    {
      title: 'fails a channel on a chain that it does not know',
      ...UNFUNDED,
      requirements: ['bolt02-open-channel-35', NEW_OPEN],
      each: {
        'main chain': () => MAINNET,
        zeros: () => new Uint8Array(32),
        'reversed bytes': (chain: Uint8Array) => Uint8Array.from(chain).reverse(),
        'last bit': (chain: Uint8Array) => chain.map((byte, i) => (i === 31 ? byte ^ 1 : byte)),
      },
    },
    (context, wrong) =>
      expectOpenRefused(context, 'bolt02-open-channel-35', (fields) => ({
        ...fields,
        chain_hash: wrong(fields.chain_hash),
      })),
  );

  test(
    'wrong-point',
    {
      title: 'fails a channel whose basic points are not all on the curve and compressed',
      ...UNFUNDED,
      requirements: ['bolt02-open-channel-40', NEW_OPEN],
      each: WRONG_POINTS,
    },
    (context, wrong) =>
      expectOpenRefused(context, 'bolt02-open-channel-40', (fields) => ({ ...fields, ...wrong })),
  );

  test(
    'undefined-flags',
    {
      title: 'ignores undefined bits of channel_flags',
      ...UNFUNDED,
      requirements: ['bolt02-open-channel-23'],
      each: { lowest: 0b10, highest: 0b1000_0000, all: 0b1111_1110 },
    },
    async ({ connect }, bits) => {
      await expectAccepted(await connect(), 'bolt02-open-channel-23', undefined, {
        open_channel: (fields) => ({ ...fields, channel_flags: fields.channel_flags | bits }),
      });
    },
  );

  test(
    'dust-limit-too-low',
    {
      title: 'fails a channel with a dust_limit_satoshis below 354',
      ...UNFUNDED,
      requirements: ['bolt02-open-channel-42', NEW_OPEN],
      each: { zero: 0n, one: 1n, 'dust of p2wpkh': 294n, 'one below': 353n },
    },
    (context, dust_limit_satoshis) =>
      expectOpenRefused(context, 'bolt02-open-channel-42', (fields) => ({ ...fields, dust_limit_satoshis })),
  );

  test(
    'least-dust-limit',
    {
      title: 'takes up a channel with a dust_limit_satoshis of 354',
      ...UNFUNDED,
      requirements: ['bolt02-open-channel-42'],
    },
    async ({ connect }) => {
      await expectAccepted(await connect(), 'bolt02-open-channel-42', { dust_limit_satoshis: 354n });
    },
  );

  test(
    'dust-limit-above-reserve',
    {
      title: 'fails a channel with a dust_limit_satoshis above its channel_reserve_satoshis',
      ...UNFUNDED,
      requirements: ['bolt02-open-channel-41', NEW_OPEN],
      each: {
        'no reserve': [354n, 0n],
        'one above, both least': [355n, 354n],
        'one above': [401n, 400n],
        largest: [MOST_U64, 10_000n],
      },
    },
    (context, [dust_limit_satoshis = 0n, channel_reserve_satoshis = 0n]) =>
      expectOpenRefused(context, 'bolt02-open-channel-41', (fields) => ({
        ...fields,
        dust_limit_satoshis,
        channel_reserve_satoshis,
      })),
  );

  test(
    'dust-limit-at-reserve',
    {
      title: 'takes up a channel with a dust_limit_satoshis equal to its channel_reserve_satoshis',
      ...UNFUNDED,
      requirements: ['bolt02-open-channel-41'],
    },
    async ({ connect }) => {
      // The dust of any output there is: no node needs a higher limit for itself.
      await expectAccepted(await connect(), 'bolt02-open-channel-41', {
        dust_limit_satoshis: 546n,
        channel_reserve_satoshis: 546n,
      });
    },
  );

  test(
    'low-reserve',
    {
      title: 'fails a channel whose channel_reserve_satoshis is lower than its own dust limit',
      ...UNFUNDED,
      requirements: ['bolt02-accept-channel-05', NEW_OPEN],
      each: { least: 354n, 'a little more': 400n },
    },
    // Or takes it up with a dust limit that is low enough, which the engine judges.
    async ({ connect }, channel_reserve_satoshis) => {
      const peer = await connect();
      const channel = peer.channel();
      await channel.open({ channel_reserve_satoshis });
      await channel.expectRefusedUnless('accept_channel', { requirement: 'bolt02-accept-channel-05' });
      await expectAccepted(await peer.reconnect(), NEW_OPEN);
    },
  );

  test(
    'too-many-htlcs',
    {
      title: 'fails a channel with a max_accepted_htlcs above 483',
      ...UNFUNDED,
      requirements: ['bolt02-open-channel-38', NEW_OPEN],
      each: { 'one above': 484, 'two above': 485, largest: MOST_U16 },
    },
    (context, max_accepted_htlcs) =>
      expectOpenRefused(context, 'bolt02-open-channel-38', (fields) => ({ ...fields, max_accepted_htlcs })),
  );

  test(
    'most-htlcs',
    {
      title: 'takes up a channel with a max_accepted_htlcs of 483',
      ...UNFUNDED,
      requirements: ['bolt02-open-channel-38'],
    },
    async ({ connect }) => {
      await expectAccepted(await connect(), 'bolt02-open-channel-38', { max_accepted_htlcs: 483 });
    },
  );

  test(
    'delay-of-a-year',
    {
      title: 'fails a channel that would lock its coins for more than a year by to_self_delay',
      ...UNFUNDED,
      requirements: ['bolt02-open-channel-37', NEW_OPEN],
      // No policy that is known allows more than 2016 blocks, two weeks.
      each: { 'a year and more': 60_000, largest: MOST_U16 },
    },
    (context, to_self_delay) =>
      expectOpenRefused(context, 'bolt02-open-channel-37', (fields) => ({ ...fields, to_self_delay })),
  );

  test(
    'usual',
    {
      title: 'answers an open_channel without faults by an accept_channel without faults',
      ...UNFUNDED,
      requirements: [
        'bolt02-accept-channel-01',
        'bolt02-accept-channel-04',
        'bolt02-accept-channel-05',
        'bolt02-open-channel-06',
        'bolt02-open-channel-08',
        'bolt02-open-channel-38',
        'bolt02-open-channel-42',
      ],
      each: { 'not announced': false, announced: true },
    },
    async ({ connect }, announce) => {
      await expectAccepted(await connect(), 'bolt02-accept-channel-01', { announce });
    },
  );
});
