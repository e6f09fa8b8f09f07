import { EMPTY, FEATURE_NAMES, FEATURES, encodeFeatures, suite } from 'boltgrid';
import { expectPong, LARGEST_MESSAGE, messageOfType, pingOf } from './_peers.ts';

const LARGEST_PAYLOAD = LARGEST_MESSAGE - 2;

/**
 * Odd types that neither a BOLT nor bLIP 2 assigns (65511 to 65535 and some from 63497 up are hosted channels'), in each of the
 * groups that BOLT 1 makes.
 */
const UNKNOWN_ODD = {
  control: 31,
  channel: 125,
  commitment: 253,
  routing: 511,
  'between-the-groups': 9_999,
  'first-custom': 32_769,
  custom: 33_333,
  'last-free': 65_509,
};
const UNKNOWN_EVEN = {
  control: 30,
  channel: 124,
  commitment: 254,
  routing: 510,
  'between-the-groups': 10_000,
  'first-custom': 32_768,
  custom: 33_334,
  last: 65_534,
};

export default suite(
  'bolt01/message-types',
  { title: 'message types that the node does not know' },
  ({ test }) => {
    test(
      'unknown-odd',
      {
        title: 'ignores a message of an unknown odd type',
        chain: 'none',
        requirements: ['bolt01-message-format-09'],
        each: UNKNOWN_ODD,
      },
      async ({ connect }, type) => {
        const peer = await connect();
        await peer.sendRaw(messageOfType(type, Uint8Array.of(1, 2, 3, 4)));
        await peer.expectIgnored();
      },
    );

    test(
      'unknown-odd-payload',
      {
        title: 'ignores a message of an unknown odd type whatever it carries',
        chain: 'none',
        requirements: ['bolt01-message-format-09'],
        each: {
          nothing: EMPTY,
          'zero-channel-id': new Uint8Array(32),
          'a-message': pingOf(5),
          'invalid-records': Uint8Array.of(202, 9, 0),
          'as-much-as-fits': new Uint8Array(LARGEST_PAYLOAD).fill(0xff),
        },
      },
      async ({ connect }, payload) => {
        const peer = await connect();
        await peer.sendRaw(messageOfType(33_333, payload));
        await peer.expectIgnored();
      },
    );

    test(
      'many-unknown-odd',
      {
        title: 'ignores many messages of unknown odd types, and answers the pings between them',
        chain: 'none',
        requirements: ['bolt01-message-format-09'],
      },
      async ({ connect, check }) => {
        const peer = await connect();
        for (let i = 0; i < 100; i++) {
          await peer.sendRaw(messageOfType(33_333 + 2 * i, new Uint8Array(i)));
          if (i % 20 !== 19) continue;
          // One after the other: a node may close on a flood of pings.
          await peer.sendRaw(pingOf(i));
          const { ignored } = await peer.expect('pong');
          check('bolt01-message-format-09', ignored.length === i, { expected: i, got: ignored.length });
        }
        await peer.expectIgnored();
      },
    );

    test(
      'unknown-even',
      {
        title: 'closes when a message of an unknown even type comes',
        chain: 'none',
        requirements: ['bolt01-message-format-10'],
        each: UNKNOWN_EVEN,
      },
      async ({ connect }, type) => {
        const peer = await connect();
        await peer.sendRaw(messageOfType(type, Uint8Array.of(1, 2, 3, 4)));
        await peer.expectConnectionClosed();
      },
    );

    test(
      'unknown-even-payload',
      {
        title: 'closes for an unknown even type whatever it carries',
        chain: 'none',
        requirements: ['bolt01-message-format-10'],
        each: { nothing: EMPTY, 'as-much-as-fits': new Uint8Array(LARGEST_PAYLOAD) },
      },
      async ({ connect }, payload) => {
        const peer = await connect();
        await peer.sendRaw(messageOfType(33_334, payload));
        await peer.expectConnectionClosed();
      },
    );

    test(
      'unknown-even-late',
      {
        title: 'closes for an unknown even type that comes amid others',
        chain: 'none',
        requirements: ['bolt01-message-format-10', 'bolt01-ping-08'],
      },
      async (context) => {
        const peer = await context.connect();
        await expectPong(context, peer, 'bolt01-ping-08');
        await peer.sendRaw(messageOfType(33_333));
        await peer.sendRaw(messageOfType(33_334));
        await peer.sendRaw(messageOfType(33_335));
        await peer.expectConnectionClosed();
      },
    );

    test(
      'sends-nothing-even-unasked',
      {
        title:
          'sends no even message and no even record that was not negotiated, to a peer that offers everything and answers nothing',
        chain: 'none',
        requirements: ['bolt01-message-format-02', 'bolt01-message-format-03'],
      },
      async (context) => {
        const odd = FEATURE_NAMES.map((name) => FEATURES[name].even + 1);
        const peer = await context.connect({ init: { features: encodeFeatures(odd) } });
        // A message that the BOLTs do not list fails the step, and so does a record that makes one unreadable.
        await peer.expectIgnored({ requirement: 'bolt01-message-format-02' });
        await peer.send('ping', { num_pong_bytes: 40, ignored: EMPTY });
        await peer.expect('pong', {}, { requirement: 'bolt01-message-format-03' });
        const unlisted = peer.received.filter(({ name, type }) => name === undefined && type % 2 === 0);
        context.check('bolt01-message-format-02', unlisted.length === 0, { expected: 'none', got: unlisted });
      },
    );
  },
);
