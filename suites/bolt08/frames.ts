import { concat, suite } from 'boltgrid';
import { bytewise, cutAt, expectServed } from './_acts.ts';
import {
  BY_HAND,
  converse,
  count,
  expectPong,
  framesOf,
  LARGEST_MESSAGE,
  MAC_LENGTH,
  messagesAndPing,
  ping,
  PING_OVERHEAD,
  PONG_OVERHEAD,
  PREFIX_LENGTH,
  unknownOdd,
  unreadablePart,
} from './_frames.ts';

/** Around the 64-byte blocks of ChaCha20 and the 16-byte blocks of Poly1305. */
const AROUND_BLOCKS = [
  6, 7, 15, 16, 17, 31, 32, 33, 47, 48, 49, 63, 64, 65, 127, 128, 129, 191, 192, 193, 255, 256, 257,
];
/** Long enough for a nonce that is kept in one byte, signed or not, to fail. */
const MANY = 300;

/** Right frames: BOLT 8, "Lightning Message Specification". */
export default suite('bolt08/frames', { title: 'frames, however cut up and however large' }, ({ test }) => {
  test(
    'cut-prefix',
    {
      title: 'reads exactly 18 bytes of a length prefix, however it is cut up',
      chain: 'none',
      requirements: ['bolt08-decrypting-01'],
      each: {
        bytewise: (frame: Uint8Array) => bytewise(frame),
        'within-the-length': (frame: Uint8Array) => cutAt(frame, 1),
        'before-its-mac': (frame: Uint8Array) => cutAt(frame, 2),
        'before-its-last-byte': (frame: Uint8Array) => cutAt(frame, PREFIX_LENGTH - 1),
      },
    },
    async (context, cut) => {
      const peer = await context.connect(BY_HAND);
      const pieces = cut(peer.transport.encrypt(ping(9, 20)));
      await peer.writeFrames(...pieces.slice(0, 1));
      await expectServed(context, 'bolt08-decrypting-01');
      await peer.writeFrames(...pieces.slice(1));
      await expectPong(context, peer, 'bolt08-decrypting-01', 9);
    },
  );

  test(
    'cut-body',
    {
      title: 'reads exactly the announced length and a MAC, however the body is cut up',
      chain: 'none',
      requirements: ['bolt08-decrypting-04'],
      each: {
        'before-it': (frame: Uint8Array) => cutAt(frame, PREFIX_LENGTH),
        'after-the-type': (frame: Uint8Array) => cutAt(frame, PREFIX_LENGTH + 2),
        'before-its-mac': (frame: Uint8Array) => cutAt(frame, frame.length - MAC_LENGTH),
        'before-its-last-byte': (frame: Uint8Array) => cutAt(frame, frame.length - 1),
      },
    },
    async (context, cut) => {
      const peer = await context.connect(BY_HAND);
      const pieces = cut(peer.transport.encrypt(ping(9, 20)));
      await peer.writeFrames(...pieces.slice(0, 1));
      await expectServed(context, 'bolt08-decrypting-04');
      await peer.writeFrames(...pieces.slice(1));
      await expectPong(context, peer, 'bolt08-decrypting-04', 9);
    },
  );

  test(
    'in-one-segment',
    {
      title: 'reads each of many messages that come in one segment',
      chain: 'none',
      requirements: ['bolt08-decrypting-04'],
    },
    async (context) => {
      const peer = await context.connect(BY_HAND);
      await peer.writeFrames(
        concat(...messagesAndPing(99, 9).map((message) => peer.transport.encrypt(message))),
      );
      await expectPong(context, peer, 'bolt08-decrypting-04', 9);
    },
  );

  test(
    'cut-across',
    {
      title: 'reads each of many messages when the cuts fall anywhere',
      chain: 'none',
      requirements: ['bolt08-decrypting-01'],
      each: { sevens: 7, '41s': 41, '97s': 97 },
    },
    async (context, step) => {
      const peer = await context.connect(BY_HAND);
      const frames = concat(...messagesAndPing(23, 9).map((message) => peer.transport.encrypt(message)));
      await peer.writeFrames(
        ...cutAt(frames, ...count(Math.floor((frames.length - 1) / step), 1).map((n) => n * step)),
      );
      await expectPong(context, peer, 'bolt08-decrypting-01', 9);
    },
  );

  test(
    'largest-received',
    {
      title: 'takes messages of 65535 bytes: answers a ping, ignores one of an unknown odd type',
      chain: 'none',
      requirements: ['bolt08-message-01'],
      each: {
        ping: { message: ping(5, LARGEST_MESSAGE - PING_OVERHEAD), pong: 5 },
        'unknown-odd': { message: unknownOdd(LARGEST_MESSAGE), pong: undefined },
      },
    },
    async (context, { message, pong }) => {
      const peer = await context.connect(BY_HAND);
      await peer.sendRaw(message);
      if (pong !== undefined) await expectPong(context, peer, 'bolt08-message-01', pong);
      await peer.expectIgnored({ requirement: 'bolt08-message-01' });
    },
  );

  test(
    'largest-sent',
    {
      title: 'sends a message of 65535 bytes where that is what was asked for',
      chain: 'none',
      requirements: ['bolt08-message-01'],
    },
    async (context) => {
      const peer = await context.connect(BY_HAND);
      const largest = LARGEST_MESSAGE - PONG_OVERHEAD;
      await converse(context, peer, 'bolt08-message-01', [
        { pong: largest },
        { pong: 0 },
        { pong: largest - 1 },
      ]);
    },
  );

  test(
    'many-large',
    {
      title: 'takes and sends large messages one after another',
      chain: 'none',
      requirements: ['bolt08-encrypting-02'],
    },
    async (context) => {
      const peer = await context.connect(BY_HAND);
      const lengths = [1, 1_000, 16_384, 32_764, 40_000, 50_000, 65_000];
      await converse(
        context,
        peer,
        'bolt08-encrypting-02',
        lengths.map((length) => ({ pong: length, length })),
      );
    },
  );

  test(
    'around-blocks',
    {
      title: 'encrypts and decrypts messages whose lengths lie around the ciphers’ block sizes',
      chain: 'none',
      requirements: ['bolt08-noise-01'],
    },
    async (context) => {
      const peer = await context.connect(BY_HAND);
      await converse(
        context,
        peer,
        'bolt08-noise-01',
        AROUND_BLOCKS.map((n) => ({ pong: n - PONG_OVERHEAD, length: n - PING_OVERHEAD })),
      );
    },
  );

  test(
    'many-sent',
    {
      title: 'moves its sending nonce on after each length and after each message',
      chain: 'none',
      pings: MANY,
      requirements: ['bolt08-encrypting-03', 'bolt08-encrypting-01'],
    },
    async (context) => {
      const peer = await context.connect(BY_HAND);
      try {
        await converse(
          context,
          peer,
          'bolt08-encrypting-03',
          count(MANY).map((pong) => ({ pong })),
        );
      } catch (error) {
        // Which nonce was wrong shows in the part of the frame that cannot be decrypted.
        context.check('bolt08-encrypting-01', (await unreadablePart(peer)) !== 'body', {
          note: 'a message can be decrypted where its length could',
        });
        throw error;
      }
      context.check('bolt08-encrypting-01', true);
    },
  );

  test(
    'many-received',
    {
      title: 'moves its receiving nonce on after each length and after each message',
      chain: 'none',
      requirements: ['bolt08-decrypting-03', 'bolt08-decrypting-05'],
    },
    async (context) => {
      const peer = await context.connect(BY_HAND);
      await peer.writeFrames(framesOf(peer, unknownOdd(2), MANY));
      await expectServed(context, 'bolt08-decrypting-03', peer);
      await peer.writeFrames(framesOf(peer, unknownOdd(40), MANY / 2));
      await expectServed(context, 'bolt08-decrypting-05', peer);
    },
  );
});
