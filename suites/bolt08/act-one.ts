import { concat, defaultCrypto, suite, withBadTag, withFlippedBit, withVersion } from 'boltgrid';
import {
  ACT_ONE_LENGTH,
  accepted,
  actOne,
  actTwoOf,
  BEYOND_THE_FIELD,
  bytewise,
  cutAt,
  expectAborted,
  expectServed,
  isActTwo,
  NOT_ON_THE_CURVE,
  replaced,
  upToActTwo,
  withPrefix,
  zeros,
} from './_acts.ts';

const MAC_AT = 34;

/** The node as responder, until its act two: BOLT 8, "Act One" and "Act Two". */
export default suite(
  'bolt08/act-one',
  { title: 'the handshake as responder: acts one and two' },
  ({ test }) => {
    test(
      'answered',
      {
        title: 'answers act one with exactly 50 bytes that only the holder of its key can make',
        chain: 'none',
        requirements: ['bolt08-act-two-01'],
      },
      async (context) => {
        const link = await context.dial();
        const { bytes, next } = await upToActTwo(context, link, 'bolt08-act-two-01').then((state) =>
          state.writeAct3(),
        );
        await link.write(bytes);
        // Whatever came after the 50 bytes would now be read as a frame.
        await expectServed(context, 'bolt08-act-two-01', await link.peer(next));
      },
    );

    test(
      'silent-until-spoken-to',
      {
        title: 'says nothing before act one, and nothing between its act two and act three',
        chain: 'none',
        requirements: ['bolt08-overview-01'],
      },
      async (context) => {
        const link = await context.dial();
        await expectServed(context, 'bolt08-overview-01');
        const state = await upToActTwo(context, link, 'bolt08-overview-01');
        await expectServed(context, 'bolt08-overview-01');
        const { bytes, next } = state.writeAct3();
        await link.write(bytes);
        await link.peer(next);
      },
    );

    test(
      'plain-message',
      {
        title: 'takes no Lightning message that is not encrypted',
        chain: 'none',
        requirements: ['bolt08-overview-01'],
      },
      async ({ dial, connect }) => {
        const link = await dial();
        // An init with 60 bytes of features: its type begins with what could be handshake version 0.
        await link.write(concat(Uint8Array.of(0, 16, 0, 0, 0, 60), zeros(60)));
        await link.expectClosedSilently();
        await connect();
      },
    );

    test(
      'unknown-version',
      {
        title: 'aborts on an act one of an unknown version that is right otherwise',
        chain: 'none',
        requirements: ['bolt08-act-one-04'],
        each: { one: 1, two: 2, 'high-bit': 128, largest: 255 },
      },
      async (context, version) => {
        const link = await context.dial();
        const { bytes, next } = actOne(context);
        await link.write(withVersion(bytes, version));
        await expectAborted(context, link, 'bolt08-act-one-04', isActTwo(next));
        await expectServed(context, 'bolt08-act-one-04');
      },
    );

    test(
      'foreign-protocol',
      {
        title: 'rejects what begins with no handshake version that it knows',
        chain: 'none',
        requirements: ['bolt08-versioning-01'],
        each: {
          http: Buffer.from(
            'GET / HTTP/1.1\r\nHost: localhost\r\nUser-Agent: someone\r\nAccept: */*\r\n\r\n',
          ),
          tls: concat(Uint8Array.of(0x16, 3, 1, 2, 0, 1, 0, 1, 0xfc, 3, 3), zeros(200)),
          socks: concat(Uint8Array.of(5, 1, 0), zeros(60)),
          'longer-handshake': concat(Uint8Array.of(1), zeros(149)),
        },
      },
      async (context, bytes) => {
        const link = await context.dial();
        await link.write(bytes);
        await expectAborted(context, link, 'bolt08-versioning-01', isActTwo(actOne(context).next));
        await expectServed(context, 'bolt08-versioning-01');
      },
    );

    test(
      'ephemeral-key-prefix',
      {
        title:
          'refuses an ephemeral key whose first byte is none of a compressed point, though the rest fits',
        chain: 'none',
        requirements: ['bolt08-act-one-03'],
        each: { zero: [0, 1], uncompressed: [4, 5], hybrid: [6, 7], 'high-bit': [0x82, 0x83] },
      },
      async (context, [evenAs, oddAs]: readonly number[]) => {
        const link = await context.dial();
        const { bytes, next } = actOne(context);
        const key = withPrefix(bytes.subarray(1, MAC_AT), evenAs ?? 0, oddAs ?? 0);
        await link.write(replaced(bytes, 1, key));
        await expectAborted(context, link, 'bolt08-act-one-03', isActTwo(next));
        await expectServed(context, 'bolt08-act-one-03');
      },
    );

    test(
      'ephemeral-key-off-curve',
      {
        title: 'refuses an ephemeral key that is no point of the curve',
        chain: 'none',
        requirements: ['bolt08-act-one-03'],
        each: {
          'not-on-the-curve': NOT_ON_THE_CURVE,
          'beyond-the-field': BEYOND_THE_FIELD,
          zeros: zeros(33),
        },
      },
      async (context, key) => {
        const link = await context.dial();
        const { bytes, next } = actOne(context);
        await link.write(replaced(bytes, 1, key));
        await expectAborted(context, link, 'bolt08-act-one-03', isActTwo(next));
        await expectServed(context, 'bolt08-act-one-03');
      },
    );

    test(
      'wrong-mac',
      {
        title: 'terminates without a word when the MAC of act one is wrong',
        chain: 'none',
        requirements: ['bolt08-act-one-05'],
        each: {
          'first-byte': (act: Uint8Array) => withFlippedBit(act, MAC_AT),
          'middle-byte': (act: Uint8Array) => withFlippedBit(act, MAC_AT + 8),
          'last-byte': (act: Uint8Array) => withBadTag(act),
          zeros: (act: Uint8Array) => replaced(act, MAC_AT, zeros(16)),
        },
      },
      async (context, spoil) => {
        const link = await context.dial();
        await link.write(spoil(actOne(context).bytes));
        await link.expectClosedSilently();
        await expectServed(context, 'bolt08-act-one-05');
      },
    );

    test(
      'for-somebody-else',
      {
        title: 'terminates without a word when act one is addressed to another node',
        chain: 'none',
        requirements: ['bolt08-act-one-05'],
      },
      async (context) => {
        const other = defaultCrypto.curve.publicKey(context.secret('another node'));
        const link = await context.dial();
        await link.write(actOne(context, 'peer', other).bytes);
        await link.expectClosedSilently();
      },
    );

    test(
      'exchanged-ephemeral-key',
      {
        title: 'terminates when the ephemeral key of act one was exchanged on the way',
        chain: 'none',
        requirements: ['bolt08-handshake-01'],
      },
      async (context) => {
        const link = await context.dial();
        const other = defaultCrypto.curve.publicKey(context.secret('ephemeral key of a third party'));
        await link.write(replaced(actOne(context).bytes, 1, other));
        await link.expectClosedSilently();
      },
    );

    test(
      'no-second-attempt',
      {
        title: 'does not look at a right act one that follows a wrong one on the same connection',
        chain: 'none',
        requirements: ['bolt08-handshake-01'],
      },
      async (context) => {
        const link = await context.dial();
        const { bytes } = actOne(context);
        await link.write(concat(withBadTag(bytes), bytes));
        await link.expectClosedSilently();
      },
    );

    test(
      'fragmented',
      {
        title: 'reads exactly 50 bytes, however act one is cut up',
        chain: 'none',
        requirements: ['bolt08-act-one-02'],
        each: {
          bytewise: bytewise,
          'after-the-version': (act: Uint8Array) => cutAt(act, 1),
          'within-the-key': (act: Uint8Array) => cutAt(act, 17),
          'at-each-field': (act: Uint8Array) => cutAt(act, 1, MAC_AT),
          'before-the-last-byte': (act: Uint8Array) => cutAt(act, ACT_ONE_LENGTH - 1),
        },
      },
      async (context, cut) => {
        const link = await context.dial();
        const { bytes, next } = actOne(context);
        const pieces = cut(bytes);
        await link.write(...pieces.slice(0, -1));
        // Until the last byte is there, others are served in the meantime.
        await expectServed(context, 'bolt08-act-one-02');
        await link.write(...pieces.slice(-1));
        accepted(context, 'bolt08-act-one-02', await actTwoOf(link), (act) => next.readAct2(act));
      },
    );

    test(
      'first-byte-of-act-three-at-once',
      {
        title: 'leaves a byte that follows act one for act three',
        chain: 'none',
        requirements: ['bolt08-act-one-02'],
      },
      async (context) => {
        const link = await context.dial();
        const { bytes, next } = actOne(context);
        // The version of act three: all of it that is known before act two.
        await link.write(concat(bytes, zeros(1)));
        const state = accepted(context, 'bolt08-act-one-02', await actTwoOf(link), (act) =>
          next.readAct2(act),
        );
        const actThree = state.writeAct3();
        await link.write(actThree.bytes.subarray(1));
        await expectServed(context, 'bolt08-act-one-02', await link.peer(actThree.next));
      },
    );

    test(
      'abandoned',
      {
        title: 'goes on serving others when a peer leaves within act one',
        chain: 'none',
        requirements: ['bolt08-act-one-02'],
        each: { 'before-it': 0, 'after-the-version': 1, 'before-the-last-byte': ACT_ONE_LENGTH - 1 },
      },
      async (context, length) => {
        const bystander = await context.connect();
        const link = await context.dial();
        await link.write(actOne(context).bytes.subarray(0, length));
        await link.close();
        await expectServed(context, 'bolt08-act-one-02', bystander);
        await expectServed(context, 'bolt08-act-one-02');
      },
    );
  },
);
