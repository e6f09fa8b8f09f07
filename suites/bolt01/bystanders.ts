import { EMPTY, encodeFeatures, fromHex, suite, type Peer, type SubjectContext } from 'boltgrid';
import { expectPong, greetWith, initWith, messageOfType, pingOf, USUAL_FEATURES } from './_peers.ts';

/** Offends, and leaves the connection as the node leaves it. */
type Offence = (context: SubjectContext) => Promise<Peer>;

const says =
  (...messages: readonly Uint8Array[]): Offence =>
  async ({ connect }) => {
    const peer = await connect();
    for (const message of messages) await peer.sendRaw(message);
    return peer;
  };

const saysFirst =
  (...messages: readonly Uint8Array[]): Offence =>
  async ({ connect }) => {
    const peer = await connect({ init: false });
    for (const message of messages) await peer.sendRaw(message);
    return peer;
  };

const many = (message: Uint8Array, times = 300): Uint8Array[] => Array.from({ length: times }, () => message);

const OFFENCES = {
  'unknown-even-type': says(messageOfType(33_334)),
  'truncated-message': says(pingOf(1).subarray(0, 3)),
  'half-a-type': says(Uint8Array.of(0)),
  'empty-message': says(EMPTY),
  'flood-of-errors': says(...many(messageOfType(17, new Uint8Array(36)))),
  'flood-of-pings': says(...many(pingOf(65_531), 20)),
  'flood-of-unknown-odd': says(...many(messageOfType(33_333, new Uint8Array(1_000)))),
  'message-before-init': saysFirst(pingOf(1), messageOfType(33_333)),
  'no-init': saysFirst(),
  'empty-init': saysFirst(messageOfType(16)),
  'init-of-nothing': saysFirst(fromHex('001000000000')),
  'unknown-even-feature': (context: SubjectContext) =>
    greetWith(context, { features: encodeFeatures([...USUAL_FEATURES, 98]) }),
  'invalid-records-in-init': async ({ connect }: SubjectContext) => {
    const peer = await connect({ init: false });
    await peer.sendMalformed('init', initWith(), { append: fromHex('ca012a') });
    return peer;
  },
  'leaves-at-once': async ({ connect }: SubjectContext) => {
    const peer = await connect({ awaitInit: false });
    await peer.disconnect();
    return peer;
  },
} satisfies Record<string, Offence>;

/** What one peer does wrong, another must not feel. */
export default suite(
  'bolt01/bystanders',
  { title: 'others are served while one peer offends' },
  ({ test }) => {
    test(
      'offence',
      {
        title: 'serves another peer, a new one, and then the offender itself on a new connection',
        chain: 'none',
        requirements: ['bolt01-ping-08'],
        each: OFFENCES,
      },
      async (context, offend: Offence) => {
        const bystander = await context.connect();
        const offender = await offend(context);
        await expectPong(context, bystander, 'bolt01-ping-08');
        await expectPong(context, await context.connect(), 'bolt01-ping-08');
        await offender.disconnect();
        const again = await servedAgain(context, offender.key);
        if (again) await expectPong(context, again, 'bolt01-ping-08');
      },
    );

    test(
      'second-connection-before-init',
      {
        title: 'serves others while a peer that has not sent its init connects a second time',
        // By itself: a node that waits here keeps every other case waiting.
        chain: 'owns',
        requirements: ['bolt01-ping-08'],
      },
      async (context) => {
        const bystander = await context.connect();
        const silent = await context.connect({ init: false });
        const again = await context.connect({ key: silent.key, awaitInit: false });
        try {
          await expectPong(context, bystander, 'bolt01-ping-08');
          await expectPong(context, await context.connect(), 'bolt01-ping-08');
        } finally {
          await Promise.all([silent.disconnect(), again.disconnect()]);
        }
      },
    );

    test(
      'second-init',
      {
        title: 'serves everybody after a second init on one connection, unless it closes that connection',
        chain: 'none',
        requirements: ['bolt01-ping-08'],
        each: {
          'the-same': USUAL_FEATURES,
          fewer: [1, 9, 13, 15, 45],
          more: [...USUAL_FEATURES, 29, 35, 43, 63],
          'unknown-even': [...USUAL_FEATURES, 98],
        },
      },
      async (context, bits) => {
        const bystander = await context.connect();
        const offender = await context.connect();
        await offender.send('init', initWith({ features: encodeFeatures(bits) }));
        const closed = await offender.expectPongOrClose();
        if (!closed) await expectPong(context, offender, 'bolt01-ping-08');
        await expectPong(context, bystander, 'bolt01-ping-08');
      },
    );
  },
);

/**
 * A node reads what came before the end of a connection, and may keep to that one until then: "a single connection per peer".
 */
const servedAgain = ({ connect, eventually }: SubjectContext, key: Uint8Array): Promise<Peer | undefined> =>
  eventually(
    'the offender is served on a new connection',
    async () => {
      const peer = await connect({ key, awaitInit: false });
      return (await peer.expectPongOrClose()) ? undefined : peer;
    },
    (peer) => peer !== undefined,
  );
