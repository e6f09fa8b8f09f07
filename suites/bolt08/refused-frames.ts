import {
  BoltgridError,
  concat,
  defaultCrypto,
  encryptFrame,
  suite,
  withFlippedBit,
  type Peer,
} from 'boltgrid';
import { expectServed, shakeHands, upToActTwo, zeros } from './_acts.ts';
import {
  BY_HAND,
  endOf,
  framesOf,
  LARGEST_MESSAGE,
  MAC_LENGTH,
  ping,
  PREFIX_LENGTH,
  sealFrame,
  unknownOdd,
  usualInit,
} from './_frames.ts';

/** Frames that were changed, repeated, left out or made under another key: BOLT 8, "Receiving and Decrypting Messages". */
export default suite('bolt08/refused-frames', { title: 'frames that must not be taken' }, ({ test }) => {
  test(
    'changed',
    {
      title: 'takes no frame of which a bit was changed, and nothing after it',
      chain: 'none',
      requirements: ['bolt08-noise-01'],
      each: {
        'first-byte-of-length': 0,
        'second-byte-of-length': 1,
        'first-byte-of-length-mac': 2,
        'last-byte-of-length-mac': PREFIX_LENGTH - 1,
        'first-byte-of-message': PREFIX_LENGTH,
        'last-byte-of-message': -MAC_LENGTH - 1,
        'first-byte-of-message-mac': -MAC_LENGTH,
        'last-byte-of-message-mac': -1,
      },
    },
    async (context, index) => {
      const peer = await context.connect(BY_HAND);
      const frame = peer.transport.encrypt(ping(9, 20));
      await peer.writeFrames(
        concat(withFlippedBit(frame, index < 0 ? frame.length + index : index), pings(peer)),
      );
      await peer.expectConnectionClosed();
      await expectServed(context, 'bolt08-noise-01');
    },
  );

  test(
    'repeated',
    {
      title: 'takes no frame a second time',
      chain: 'none',
      requirements: ['bolt08-decrypting-05'],
      each: { 'at-once': 0, 'after-others': 5 },
    },
    async (context, between) => {
      const peer = await context.connect(BY_HAND);
      const frame = peer.transport.encrypt(unknownOdd(20));
      await peer.writeFrames(frame, framesOf(peer, unknownOdd(2), between));
      await peer.barrier();
      // An eavesdropper's copy of an answered ping would be answered again; a long run of them, to be read on with whatever comes.
      await peer.writeFrames(frame, pings(peer));
      await peer.expectConnectionClosed();
    },
  );

  test(
    'repeated-prefix',
    {
      title: 'takes no length prefix a second time',
      chain: 'none',
      requirements: ['bolt08-decrypting-03'],
    },
    async (context) => {
      const peer = await context.connect(BY_HAND);
      const first = peer.transport.encrypt(ping(9, 20));
      const second = peer.transport.encrypt(ping(9, 20));
      await peer.writeFrames(first);
      await peer.expect('pong');
      // The prefix of the frame before, of the same length, in front of the right body.
      await peer.writeFrames(first.subarray(0, PREFIX_LENGTH), second.subarray(PREFIX_LENGTH), pings(peer));
      await peer.expectConnectionClosed();
    },
  );

  test(
    'left-out',
    {
      title: 'takes no frame that comes too early, because one before it was left out or overtaken',
      chain: 'none',
      requirements: ['bolt08-decrypting-05'],
      each: { 'one-missing': 1, 'three-missing': 3, overtaken: 0 },
    },
    async (context, missing) => {
      const peer = await context.connect(BY_HAND);
      const first = framesOf(peer, unknownOdd(20), Math.max(1, missing));
      const later = peer.transport.encrypt(ping(9, 20));
      await peer.writeFrames(later, missing > 0 ? pings(peer) : concat(first, pings(peer)));
      await peer.expectConnectionClosed();
    },
  );

  test(
    'wrong-length',
    {
      title: 'takes no message whose announced length is not its own',
      chain: 'none',
      requirements: ['bolt08-decrypting-04'],
      each: { shorter: -1, longer: 1, 'much-longer': 500, zero: -26 },
    },
    async (context, by) => {
      const peer = await context.connect(BY_HAND);
      const message = ping(9, 20);
      const announced = message.length + by;
      const prefix = peer.transport.encryptPiece(Uint8Array.of(announced >> 8, announced & 0xff));
      await peer.writeFrames(concat(prefix, peer.transport.encryptPiece(message), pings(peer)));
      await peer.expectConnectionClosed();
      await expectServed(context, 'bolt08-decrypting-04');
    },
  );

  test(
    'too-short-for-a-type',
    {
      title: 'takes a frame without room for a message type without harm: it closes or goes on',
      chain: 'none',
      requirements: ['bolt08-decrypting-04'],
      each: { empty: 0, 'one-byte': 1 },
    },
    async (context, length) => {
      const bystander = await context.connect(BY_HAND);
      const peer = await context.connect(BY_HAND);
      await peer.sendRaw(zeros(length));
      await expectServedOrClosed(peer, 'bolt08-decrypting-04');
      await expectServed(context, 'bolt08-decrypting-04', bystander);
      await expectServed(context, 'bolt08-decrypting-04');
    },
  );

  test(
    'own-frames-returned',
    {
      title: 'takes no frame of its own that is sent back to it',
      chain: 'none',
      requirements: ['bolt08-decrypting-02'],
    },
    async (context) => {
      const link = await context.dial();
      const { bytes, next } = (await upToActTwo(context, link, 'bolt08-decrypting-02')).writeAct3();
      await link.write(concat(bytes, encryptFrame(next.ciphers.send, usualInit())));
      const prefix = await link.read(PREFIX_LENGTH);
      const [high = 0, low = 0] = next.ciphers.receive.decrypt(prefix);
      const body = await link.read((high << 8) + low + MAC_LENGTH);
      next.ciphers.receive.decrypt(body);
      const peer = await link.peer(next, { init: false, awaitInit: false, ...BY_HAND });
      await peer.writeFrames(prefix, body, concat(prefix, body));
      await peer.expectConnectionClosed();
    },
  );

  test(
    'associated-data',
    {
      title: 'takes no frame that was encrypted with associated data',
      chain: 'none',
      requirements: ['bolt08-decrypting-02'],
    },
    async (context) => {
      const { peer, done } = await shakeHands(context, 'bolt08-decrypting-02');
      const { key, nonce } = done.ciphers.send;
      await peer.writeFrames(sealFrame(key, nonce, ping(9, 20), Buffer.from('lightning')));
      await peer.expectConnectionClosed();
    },
  );

  test(
    'other-session',
    {
      title: 'takes no frame of another session with the same peer',
      chain: 'none',
      requirements: ['bolt08-decrypting-02'],
    },
    async (context) => {
      const earlier = await context.connect(BY_HAND);
      const recorded = earlier.transport.encrypt(ping(9, 20));
      await earlier.writeFrames(recorded);
      await earlier.expect('pong');
      await earlier.disconnect();
      const peer = await context.connect({ key: earlier.key, ...BY_HAND });
      await peer.writeFrames(recorded, zeros(recorded.length));
      await peer.expectConnectionClosed();
    },
  );

  test(
    'garbage',
    {
      title: 'ends a connection on which garbage comes after the handshake',
      chain: 'none',
      requirements: ['bolt08-decrypting-01'],
      each: {
        'a-prefix': PREFIX_LENGTH,
        'a-kilobyte': 1_000,
        'more-than-the-largest-frame': LARGEST_MESSAGE + 100,
      },
    },
    async (context, length) => {
      const bystander = await context.connect(BY_HAND);
      const peer = await context.connect(BY_HAND);
      await peer.writeFrames(garbage(context.secret('garbage'), length));
      await peer.expectConnectionClosed();
      await expectServed(context, 'bolt08-decrypting-01', bystander);
    },
  );

  test(
    'plain-text',
    {
      title: 'takes no message in plain text after the handshake',
      chain: 'none',
      requirements: ['bolt08-overview-01'],
    },
    async (context) => {
      const peer = await context.connect(BY_HAND);
      await peer.writeFrames(ping(9, 20));
      await peer.expectConnectionClosed();
    },
  );

  test(
    'cut-off',
    {
      title: 'serves a peer anew, and others, whose connection ended within a frame',
      chain: 'none',
      requirements: ['bolt08-decrypting-04'],
      each: {
        'within-the-prefix': 9,
        'after-the-prefix': PREFIX_LENGTH,
        'within-the-message': 30,
        'before-the-last-byte': -1,
      },
    },
    async (context, length) => {
      const bystander = await context.connect(BY_HAND);
      const peer = await context.connect(BY_HAND);
      await peer.writeFrames(peer.transport.encrypt(ping(9, 20)).subarray(0, length));
      await peer.disconnect();
      await expectServed(context, 'bolt08-decrypting-04', bystander);
      const again = await context.connect({ key: peer.key, ...BY_HAND });
      await expectServed(context, 'bolt08-decrypting-04', again);
    },
  );
});

/** Right frames to follow a wrong one: enough bytes for whatever length the node may have read from it, and none may be answered. */
const pings = (peer: Peer): Uint8Array => framesOf(peer, ping(1), 20);

/** Bytes without a pattern that depend only on `key`. */
const garbage = (key: Uint8Array, length: number): Uint8Array =>
  defaultCrypto.aead.seal(key, zeros(12), zeros(0), zeros(length)).subarray(0, length);

/** BOLT 1 asks for a close where a known message is too short; without a type it is no known message. */
async function expectServedOrClosed(peer: Peer, requirement: string): Promise<void> {
  try {
    await peer.barrier({ requirement });
  } catch (error) {
    const end = await endOf(peer);
    if (!(error instanceof BoltgridError) || end?.by !== 'remote') throw error;
  }
}
