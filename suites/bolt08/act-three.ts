import {
  bolts,
  concat,
  defaultCrypto,
  EMPTY,
  encodeMessage,
  encryptFrame,
  suite,
  withBadTag,
  withFlippedBit,
  withVersion,
} from 'boltgrid';
import {
  ACT_THREE_LENGTH,
  actOne,
  BEYOND_THE_FIELD,
  bytewise,
  cutAt,
  expectAborted,
  expectServed,
  NOT_ON_THE_CURVE,
  replaced,
  upToActTwo,
  withPrefix,
  zeros,
} from './_acts.ts';
import { expectPong, messagesAndPing, usualInit } from './_frames.ts';

/** Where the MAC of the static key begins, and the final one. */
const KEY_MAC_AT = 34;
const FINAL_MAC_AT = 50;

/** The node as responder, from its act two on: BOLT 8, "Act Three". */
export default suite('bolt08/act-three', { title: 'the handshake as responder: act three' }, ({ test }) => {
  test(
    'unknown-version',
    {
      title: 'aborts on an act three of an unknown version that is right otherwise',
      chain: 'none',
      requirements: ['bolt08-act-three-03'],
      each: { one: 1, 'high-bit': 128, largest: 255 },
    },
    async (context, version) => {
      const link = await context.dial();
      const { bytes } = (await upToActTwo(context, link, 'bolt08-act-three-03')).writeAct3();
      await link.write(withVersion(bytes, version));
      // Whatever the node says next would be a frame of the session that it must not open.
      await expectAborted(context, link, 'bolt08-act-three-03', (said) => said.length > 0);
      await expectServed(context, 'bolt08-act-three-03');
    },
  );

  test(
    'wrong-mac-of-static-key',
    {
      title: 'terminates without a word when the MAC of the encrypted static key does not match',
      chain: 'none',
      requirements: ['bolt08-act-three-04'],
      each: {
        'first-byte-of-key': 1,
        'last-byte-of-key': 33,
        'first-byte-of-mac': KEY_MAC_AT,
        'last-byte-of-mac': 49,
      },
    },
    async (context, index) => {
      const link = await context.dial();
      const { bytes } = (await upToActTwo(context, link, 'bolt08-act-three-04')).writeAct3();
      await link.write(withFlippedBit(bytes, index));
      await link.expectClosedSilently();
      await expectServed(context, 'bolt08-act-three-04');
    },
  );

  test(
    'something-else',
    {
      title: 'terminates without a word when something else comes in place of act three',
      chain: 'none',
      requirements: ['bolt08-handshake-01'],
      each: {
        zeros: () => zeros(ACT_THREE_LENGTH),
        'act-one-again': (actOneBytes: Uint8Array) => concat(actOneBytes, zeros(16)),
        'plain-init': () =>
          encodeMessage(bolts, 'init', { globalfeatures: EMPTY, features: zeros(60), tlvs: {} }),
      },
    },
    async (context, instead) => {
      const link = await context.dial();
      await upToActTwo(context, link, 'bolt08-handshake-01');
      await link.write(instead(actOne(context).bytes).subarray(0, ACT_THREE_LENGTH));
      await link.expectClosedSilently();
      await expectServed(context, 'bolt08-handshake-01');
    },
  );

  test(
    'static-key-off-curve',
    {
      title: 'refuses a static key that is no point of the curve, though it is properly encrypted',
      chain: 'none',
      requirements: ['bolt08-act-three-05'],
      each: {
        'uncompressed-prefix': (own: Uint8Array) => withPrefix(own, 4, 5),
        'hybrid-prefix': (own: Uint8Array) => withPrefix(own, 6, 7),
        'not-on-the-curve': () => NOT_ON_THE_CURVE,
        'beyond-the-field': () => BEYOND_THE_FIELD,
        zeros: () => zeros(33),
      },
    },
    async (context, claim) => {
      const link = await context.dial();
      const state = await upToActTwo(context, link, 'bolt08-act-three-05');
      const own = defaultCrypto.curve.publicKey(context.secret('static key of peer'));
      await link.write(state.writeAct3(claim(own)).bytes);
      await link.expectClosedSilently();
      await expectServed(context, 'bolt08-act-three-05');
    },
  );

  test(
    'static-key-of-somebody-else',
    {
      title: 'terminates without a word when a peer claims a static key that it does not hold',
      chain: 'none',
      requirements: ['bolt08-act-three-05'],
      each: { stranger: 'stranger', 'connected-peer': 'peer', 'the-node-itself': 'node' },
    },
    async (context, whose) => {
      const victim = await context.connect();
      const claimed = {
        stranger: defaultCrypto.curve.publicKey(context.secret('stranger')),
        peer: victim.publicKey,
        node: context.node.publicKey,
      }[whose as 'stranger' | 'peer' | 'node'];
      const link = await context.dial();
      const state = await upToActTwo(context, link, 'bolt08-act-three-05');
      await link.write(state.writeAct3(claimed).bytes);
      await link.expectClosedSilently();
      await expectServed(context, 'bolt08-act-three-05', victim);
    },
  );

  test(
    'wrong-final-mac',
    {
      title: 'terminates without a word when the final MAC of act three does not match',
      chain: 'none',
      requirements: ['bolt08-act-three-05'],
      each: {
        'first-byte': (act: Uint8Array) => withFlippedBit(act, FINAL_MAC_AT),
        'last-byte': (act: Uint8Array) => withBadTag(act),
        zeros: (act: Uint8Array) => replaced(act, FINAL_MAC_AT, zeros(16)),
      },
    },
    async (context, spoil) => {
      const link = await context.dial();
      const { bytes } = (await upToActTwo(context, link, 'bolt08-act-three-05')).writeAct3();
      await link.write(spoil(bytes));
      await link.expectClosedSilently();
      await expectServed(context, 'bolt08-act-three-05');
    },
  );

  test(
    'fragmented',
    {
      title: 'reads exactly 66 bytes, however act three is cut up',
      chain: 'none',
      requirements: ['bolt08-act-three-02'],
      each: {
        bytewise: bytewise,
        'after-the-version': (act: Uint8Array) => cutAt(act, 1),
        'within-the-key': (act: Uint8Array) => cutAt(act, 20),
        'at-each-field': (act: Uint8Array) => cutAt(act, 1, KEY_MAC_AT, FINAL_MAC_AT),
        'before-the-last-byte': (act: Uint8Array) => cutAt(act, ACT_THREE_LENGTH - 1),
      },
    },
    async (context, cut) => {
      const link = await context.dial();
      const { bytes, next } = (await upToActTwo(context, link, 'bolt08-act-three-02')).writeAct3();
      const pieces = cut(bytes);
      await link.write(...pieces.slice(0, -1));
      await expectServed(context, 'bolt08-act-three-02');
      await link.write(...pieces.slice(-1));
      await expectServed(context, 'bolt08-act-three-02', await link.peer(next));
    },
  );

  test(
    'messages-at-once',
    {
      title: 'leaves the frames that follow act three in one segment to be read as messages',
      chain: 'none',
      requirements: ['bolt08-act-three-02'],
      each: { init: 0, 'init-and-ping': 1, 'init-and-20-messages': 20 },
    },
    async (context, more) => {
      const link = await context.dial();
      const { bytes, next } = (await upToActTwo(context, link, 'bolt08-act-three-02')).writeAct3();
      const messages = [usualInit(), ...(more > 0 ? messagesAndPing(more - 1, 9) : [])];
      await link.write(concat(bytes, ...messages.map((message) => encryptFrame(next.ciphers.send, message))));
      const peer = await link.peer(next, { init: false });
      if (more > 0) await expectPong(context, peer, 'bolt08-act-three-02', 9);
      await expectServed(context, 'bolt08-act-three-02', peer);
    },
  );

  test(
    'abandoned',
    {
      title: 'goes on serving others when a peer leaves within act three',
      chain: 'none',
      requirements: ['bolt08-act-three-02'],
      each: { 'before-it': 0, 'after-the-version': 1, 'before-the-last-byte': ACT_THREE_LENGTH - 1 },
    },
    async (context, length) => {
      const bystander = await context.connect();
      const link = await context.dial();
      const { bytes } = (await upToActTwo(context, link, 'bolt08-act-three-02')).writeAct3();
      await link.write(bytes.subarray(0, length));
      await link.close();
      await expectServed(context, 'bolt08-act-three-02', bystander);
      // The same peer may come again.
      const again = await context.connect({ key: context.secret('static key of peer') });
      await expectServed(context, 'bolt08-act-three-02', again);
    },
  );
});
