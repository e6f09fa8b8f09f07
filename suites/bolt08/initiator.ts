import {
  concat,
  defaultCrypto,
  equalBytes,
  responder,
  suite,
  withBadTag,
  withFlippedBit,
  withVersion,
} from 'boltgrid';
import {
  ACT_ONE_LENGTH,
  ACT_THREE_LENGTH,
  ACT_TWO_LENGTH,
  accepted,
  BEYOND_THE_FIELD,
  bytewise,
  called,
  callNode,
  cutAt,
  expectAborted,
  expectServed,
  NOT_ON_THE_CURVE,
  readActOne,
  replaced,
  withPrefix,
  zeros,
} from './_acts.ts';

const MAC_AT = 34;

/** The node as initiator: it is told to connect to us. */
export default suite('bolt08/initiator', { title: 'the handshake as initiator' }, ({ test }) => {
  const initiating = { chain: 'none', ops: ['connect'] } as const;

  test(
    'act-one',
    {
      ...initiating,
      title: 'begins with an act one of exactly 50 bytes that is addressed to our key',
      requirements: ['bolt08-act-one-01'],
    },
    async (context) => {
      const own = 'bolt08-act-one-01';
      const call = await called(context);
      const { bytes, next } = (await readActOne(context, call, own)).writeAct2();
      await expectServed(context, own);
      await call.link.write(bytes);
      // A byte more than 50 would now stand in front of act three.
      accepted(context, own, await call.link.read(ACT_THREE_LENGTH), (act) => next.readAct3(act));
    },
  );

  test(
    'silent-until-act-two',
    {
      ...initiating,
      title: 'sends no Lightning message before the handshake is over',
      requirements: ['bolt08-overview-01', 'bolt08-act-two-02'],
    },
    async (context) => {
      const own = 'bolt08-overview-01';
      const call = await called(context);
      const { bytes, next } = (await readActOne(context, call, own)).writeAct2();
      await call.link.write(...cutAt(bytes, 49).slice(0, 1));
      await expectServed(context, own);
      await call.link.write(bytes.subarray(49));
      // Bytes that came too early now stand in front of act three. That it reads act two in two pieces is another rule.
      const act = await call.link.read(ACT_THREE_LENGTH, { requirement: 'bolt08-act-two-02' });
      const done = accepted(context, own, act, (bytes) => next.readAct3(bytes));
      await expectServed(context, own, await call.link.peer(done));
    },
  );

  test(
    'act-three',
    {
      ...initiating,
      title:
        'ends with an act three of exactly 66 bytes that proves its identity key, and then speaks in frames',
      requirements: ['bolt08-act-three-01'],
    },
    async (context) => {
      const own = 'bolt08-act-three-01';
      const call = await called(context);
      const { bytes, next } = (await readActOne(context, call, own)).writeAct2();
      await call.link.write(bytes);
      const done = accepted(context, own, await call.link.read(ACT_THREE_LENGTH), (act) =>
        next.readAct3(act),
      );
      context.check(own, equalBytes(done.remotePublicKey, context.node.publicKey), {
        note: 'the static key is the node’s identity',
        expected: context.node.publicKey,
        got: done.remotePublicKey,
      });
      await expectServed(context, own, await call.link.peer(done));
    },
  );

  test(
    'fresh-ephemeral-key',
    {
      ...initiating,
      title: 'begins every handshake with another ephemeral key',
      requirements: ['bolt08-handshake-state-01'],
    },
    async (context) => {
      const keys: Uint8Array[] = [context.node.publicKey];
      for (let round = 0; round < 3; round++) {
        const { link, listener } = await called(context);
        const act = await link.read(ACT_ONE_LENGTH);
        const start = responder({ localPrivateKey: listener.key });
        accepted(context, 'bolt08-handshake-state-01', act, (bytes) => start.readAct1(bytes));
        const key = act.subarray(1, MAC_AT);
        context.check('bolt08-handshake-state-01', !keys.some((earlier) => equalBytes(earlier, key)), {
          note: 'the ephemeral key was not seen before',
          got: key,
        });
        keys.push(key);
        await link.close();
      }
    },
  );

  test(
    'unknown-version',
    {
      ...initiating,
      title: 'aborts on an act two of an unknown version that is right otherwise',
      requirements: ['bolt08-act-two-03'],
      each: { one: 1, 'high-bit': 128, largest: 255 },
    },
    async (context, version) => {
      const call = await called(context);
      const { bytes } = (await readActOne(context, call, 'bolt08-act-two-03')).writeAct2();
      await call.link.write(withVersion(bytes, version));
      await expectAborted(context, call.link, 'bolt08-act-two-03', (said) => said.length >= ACT_THREE_LENGTH);
      await expectServed(context, 'bolt08-act-two-03');
    },
  );

  test(
    'ephemeral-key',
    {
      ...initiating,
      title: 'refuses an ephemeral key in act two that is no compressed point of the curve',
      requirements: ['bolt08-act-two-04'],
      each: {
        'uncompressed-prefix': (key: Uint8Array) => withPrefix(key, 4, 5),
        'hybrid-prefix': (key: Uint8Array) => withPrefix(key, 6, 7),
        'not-on-the-curve': () => NOT_ON_THE_CURVE,
        'beyond-the-field': () => BEYOND_THE_FIELD,
        zeros: () => zeros(33),
      },
    },
    async (context, spoil) => {
      const call = await called(context);
      const { bytes } = (await readActOne(context, call, 'bolt08-act-two-04')).writeAct2();
      await call.link.write(replaced(bytes, 1, spoil(bytes.subarray(1, MAC_AT))));
      await expectAborted(context, call.link, 'bolt08-act-two-04', (said) => said.length >= ACT_THREE_LENGTH);
      await expectServed(context, 'bolt08-act-two-04');
    },
  );

  test(
    'wrong-mac',
    {
      ...initiating,
      title: 'terminates without a word, and without act three, when the MAC of act two is wrong',
      requirements: ['bolt08-act-two-05'],
      each: {
        'first-byte': (act: Uint8Array) => withFlippedBit(act, MAC_AT),
        'last-byte': (act: Uint8Array) => withBadTag(act),
        zeros: (act: Uint8Array) => replaced(act, MAC_AT, zeros(16)),
        'exchanged-key': (act: Uint8Array) =>
          replaced(act, 1, defaultCrypto.curve.publicKey(new Uint8Array(32).fill(0x42))),
      },
    },
    async (context, spoil) => {
      const call = await called(context);
      const { bytes } = (await readActOne(context, call, 'bolt08-act-two-05')).writeAct2();
      await call.link.write(spoil(bytes));
      await call.link.expectClosedSilently();
      await expectServed(context, 'bolt08-act-two-05');
    },
  );

  test(
    'its-own-act-one',
    {
      ...initiating,
      title: 'terminates when its own act one comes back as act two',
      requirements: ['bolt08-handshake-01'],
    },
    async (context) => {
      const { link } = await called(context);
      await link.write(await link.read(ACT_ONE_LENGTH));
      await link.expectClosedSilently();
      await expectServed(context, 'bolt08-handshake-01');
    },
  );

  test(
    'fragmented',
    {
      ...initiating,
      title: 'reads exactly 50 bytes, however act two is cut up',
      requirements: ['bolt08-act-two-02'],
      each: {
        bytewise: bytewise,
        'after-the-version': (act: Uint8Array) => cutAt(act, 1),
        'within-the-key': (act: Uint8Array) => cutAt(act, 17),
        'at-each-field': (act: Uint8Array) => cutAt(act, 1, MAC_AT),
        'before-the-last-byte': (act: Uint8Array) => cutAt(act, ACT_TWO_LENGTH - 1),
      },
    },
    async (context, cut) => {
      const own = 'bolt08-act-two-02';
      const call = await called(context);
      const { bytes, next } = (await readActOne(context, call, own)).writeAct2();
      const pieces = cut(bytes);
      await call.link.write(...pieces.slice(0, -1));
      await expectServed(context, own);
      await call.link.write(...pieces.slice(-1));
      const done = accepted(context, own, await call.link.read(ACT_THREE_LENGTH), (act) =>
        next.readAct3(act),
      );
      await expectServed(context, own, await call.link.peer(done));
    },
  );

  test(
    'byte-after-act-two',
    {
      ...initiating,
      title: 'leaves a byte that follows act two for the first frame',
      requirements: ['bolt08-act-two-02'],
    },
    async (context) => {
      const own = 'bolt08-act-two-02';
      const call = await called(context);
      const { bytes, next } = (await readActOne(context, call, own)).writeAct2();
      await call.link.write(concat(bytes, zeros(1)));
      accepted(context, own, await call.link.read(ACT_THREE_LENGTH), (act) => next.readAct3(act));
    },
  );

  test(
    'abandoned',
    {
      ...initiating,
      title: 'goes on serving others, and connects anew, when we leave within act two',
      requirements: ['bolt08-act-two-02'],
      each: { 'before-it': 0, 'after-the-version': 1, 'before-the-last-byte': ACT_TWO_LENGTH - 1 },
    },
    async (context, length) => {
      const own = 'bolt08-act-two-02';
      const bystander = await context.connect();
      const call = await called(context);
      const { bytes } = (await readActOne(context, call, own)).writeAct2();
      await call.link.write(bytes.subarray(0, length));
      await call.link.close();
      await expectServed(context, own, bystander);
      const again = await context.listen();
      callNode(context.node, again);
      await expectServed(context, own, await again.acceptPeer({ requirement: own }));
    },
  );
});
