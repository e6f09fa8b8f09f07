import { concat, suite, type HandshakeDone, type Peer, type SubjectContext } from 'boltgrid';
import {
  called,
  expectServed,
  readActOne,
  shakeHands,
  ACT_THREE_LENGTH,
  accepted,
  bytewise,
} from './_acts.ts';
import {
  BY_HAND,
  converse,
  count,
  expectPong,
  getAhead,
  messagesAndPing,
  ping,
  rotated,
  sealFrame,
  sendMany,
} from './_frames.ts';

const OWN = 'bolt08-key-rotation-01';
/** A key is used 1000 times, twice a message. */
const MESSAGES_PER_KEY = 500;
/** On a busy machine a node may take 50 ms for one. */
const MANY_PINGS_MS = 120_000;

/** BOLT 8, "Lightning Message Key Rotation". Our init is the first message under our first key. */
export default suite('bolt08/rotation', { title: 'key rotation' }, ({ test }) => {
  test(
    'our-key',
    {
      title: 'follows our key through two rotations while its own stays',
      chain: 'none',
      requirements: [OWN],
    },
    async (context) => {
      const peer = await context.connect(BY_HAND);
      // Next to nothing of this is answered, so only one key moves on. Looked at just before, at and just after each rotation.
      let sent = 1;
      for (const rotation of [1, 2]) {
        await sendMany(context, peer, OWN, rotation * MESSAGES_PER_KEY - sent - 2);
        for (let message = 0; message < 4; message++) await expectServed(context, OWN, peer);
        sent = rotation * MESSAGES_PER_KEY + 2;
      }
    },
  );

  test(
    'both-keys',
    {
      title: 'goes through two rotations of both keys',
      chain: 'none',
      pings: 2 * MESSAGES_PER_KEY,
      deadlineMs: MANY_PINGS_MS,
      requirements: [OWN],
    },
    async (context) => {
      const peer = await context.connect(BY_HAND);
      await conversation(context, peer, 2 * MESSAGES_PER_KEY + 10);
    },
  );

  test(
    'each-on-its-own',
    {
      title: 'rotates each key by its own count',
      chain: 'none',
      pings: MESSAGES_PER_KEY,
      deadlineMs: MANY_PINGS_MS,
      requirements: [OWN],
      each: {
        'ours-a-little-ahead': 1,
        'ours-half-a-key-ahead': MESSAGES_PER_KEY / 2,
        'ours-a-key-ahead': MESSAGES_PER_KEY,
      },
    },
    async (context, ahead) => {
      const peer = await context.connect(BY_HAND);
      await getAhead(context, peer, OWN, ahead);
      await conversation(context, peer, MESSAGES_PER_KEY + 10);
    },
  );

  test(
    'as-initiator',
    {
      title: 'goes through two rotations of both keys where it was the initiator',
      chain: 'none',
      pings: 2 * MESSAGES_PER_KEY,
      deadlineMs: MANY_PINGS_MS,
      requirements: [OWN],
      ops: ['connect'],
    },
    async (context) => {
      const call = await called(context);
      const { bytes, next } = (await readActOne(context, call, OWN)).writeAct2();
      await call.link.write(bytes);
      const done = accepted(context, OWN, await call.link.read(ACT_THREE_LENGTH), (act) =>
        next.readAct3(act),
      );
      const peer = await call.link.peer(done, BY_HAND);
      await conversation(context, peer, 2 * MESSAGES_PER_KEY + 10);
    },
  );

  test(
    'cut-up',
    {
      title: 'rotates its receiving key at the right piece when the frames around it come byte by byte',
      chain: 'none',
      requirements: [OWN],
    },
    async (context) => {
      const peer = await context.connect(BY_HAND);
      await sendMany(context, peer, OWN, MESSAGES_PER_KEY - 2);
      await peer.writeFrames(
        ...bytewise(concat(...messagesAndPing(1, 4).map((message) => peer.transport.encrypt(message)))),
      );
      await expectPong(context, peer, OWN, 4);
    },
  );

  test(
    'wrong-key',
    {
      title: 'takes no frame under another key than the one that is due',
      chain: 'none',
      requirements: [OWN],
      each: {
        'old-key-kept': { after: MESSAGES_PER_KEY, key: ({ first }: Keys) => first.k, nonce: 1000 },
        'old-key-from-nonce-zero': { after: MESSAGES_PER_KEY, key: ({ first }: Keys) => first.k, nonce: 0 },
        'nonce-not-reset': { after: MESSAGES_PER_KEY, key: ({ second }: Keys) => second.k, nonce: 1000 },
        'one-message-early': { after: MESSAGES_PER_KEY - 1, key: ({ second }: Keys) => second.k, nonce: 0 },
        'chaining-key-kept': {
          after: 2 * MESSAGES_PER_KEY,
          key: ({ first, second }: Keys) => rotated(first.ck, second.k).k,
          nonce: 0,
        },
      },
    },
    async (context, { after, key, nonce }) => {
      const { peer, done } = await shakeHands(context, OWN);
      const keys = keysOf(done);
      // Our init came first.
      await sendMany(context, peer, OWN, after - 1);
      await peer.writeFrames(concat(sealFrame(key(keys), nonce, ping(1)), new Uint8Array(100)));
      await peer.expectConnectionClosed();
    },
  );
});

interface Keys {
  readonly first: { readonly ck: Uint8Array; readonly k: Uint8Array };
  readonly second: { readonly ck: Uint8Array; readonly k: Uint8Array };
}

/** Our first two sending keys; to be asked for before the first rotation. */
function keysOf({ ciphers: { send } }: HandshakeDone): Keys {
  const first = { ck: send.chainingKey, k: send.key };
  return { first, second: rotated(first.ck, first.k) };
}

/** So many pings and their pongs. */
const conversation = (context: SubjectContext, peer: Peer, pings: number): Promise<void> =>
  converse(
    context,
    peer,
    OWN,
    count(pings).map((n) => ({ pong: n % 50 })),
  );
