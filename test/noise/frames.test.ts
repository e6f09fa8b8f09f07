import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { concat, toHex } from '../../src/core/bytes.ts';
import { isBoltgridError } from '../../src/core/error.ts';
import type { BoltgridError } from '../../src/core/error.ts';
import { defaultCrypto } from '../../src/crypto/crypto.ts';
import { CipherState, encryptFrame } from '../../src/noise/cipher.ts';
import { FrameDecoder } from '../../src/noise/frame-decoder.ts';
import { initiator, responder } from '../../src/noise/handshake.ts';
import { withBadTag, withFlippedBit } from '../../src/noise/malformed.ts';
import { codeOf } from '../crypto/code-of.ts';

const key = (byte: number): Uint8Array => new Uint8Array(32).fill(byte);
const cipher = (): CipherState => new CipherState(key(1), key(2), defaultCrypto);

function encryptAll(messages: readonly Uint8Array[]): Uint8Array {
  const sender = cipher();
  return concat(...messages.map((message) => encryptFrame(sender, message)));
}

/** Cuts a stream at the given places (taken modulo its length). */
function cut(stream: Uint8Array, places: readonly number[]): Uint8Array[] {
  const at = [...places.map((place) => place % (stream.length + 1)), 0, stream.length].sort((a, b) => a - b);
  return at.slice(1).map((end, i) => stream.slice(at[i], end));
}

function drain(decoder: FrameDecoder): Uint8Array[] {
  const messages: Uint8Array[] = [];
  for (let message = decoder.next(); message; message = decoder.next()) messages.push(message);
  return messages;
}

function decodeUntilError(chunks: readonly Uint8Array[]): { messages: Uint8Array[]; error?: BoltgridError } {
  const decoder = new FrameDecoder(cipher());
  const messages: Uint8Array[] = [];
  try {
    for (const chunk of chunks) {
      decoder.push(chunk);
      for (let message = decoder.next(); message; message = decoder.next()) messages.push(message);
    }
  } catch (error) {
    if (!isBoltgridError(error)) throw error;
    return { messages, error };
  }
  return { messages };
}

const messageList = fc.array(fc.uint8Array({ maxLength: 300, size: 'max' }), { minLength: 1, maxLength: 12 });
const places = fc.array(fc.nat(), { maxLength: 60 });

describe('the frame decoder', () => {
  it('gives the same messages however the stream is cut or joined', () => {
    fc.assert(
      fc.property(messageList, places, (messages, at) => {
        const decoder = new FrameDecoder(cipher());
        const decoded = cut(encryptAll(messages), at).flatMap((chunk) => {
          decoder.push(chunk);
          return drain(decoder);
        });
        expect(decoded).toEqual(messages);
        expect(decoder.midFrame).toBe(false);
      }),
    );
  });

  it('gives them also when asked only now and then', () => {
    fc.assert(
      fc.property(messageList, places, fc.array(fc.boolean(), { maxLength: 60 }), (messages, at, asked) => {
        const decoder = new FrameDecoder(cipher());
        const decoded: Uint8Array[] = [];
        for (const [i, chunk] of cut(encryptAll(messages), at).entries()) {
          decoder.push(chunk);
          const message = asked[i] ? decoder.next() : undefined;
          if (message) decoded.push(message);
        }
        expect([...decoded, ...drain(decoder)]).toEqual(messages);
      }),
    );
  });

  it('reads byte by byte, also the longest message', () => {
    const messages = [new Uint8Array(0), new Uint8Array(65535).fill(5), Uint8Array.of(1)];
    const decoder = new FrameDecoder(cipher());
    const decoded: Uint8Array[] = [];
    for (const byte of encryptAll(messages)) {
      decoder.push(Uint8Array.of(byte));
      decoded.push(...drain(decoder));
    }
    expect(decoded).toEqual(messages);
  });

  it('knows whether the stream stops within a frame', () => {
    const frame = encryptAll([key(1)]);
    for (let length = 0; length <= frame.length; length++) {
      const decoder = new FrameDecoder(cipher());
      decoder.push(frame.slice(0, length));
      expect(drain(decoder)).toHaveLength(length === frame.length ? 1 : 0);
      expect(decoder.midFrame).toBe(length > 0 && length < frame.length);
    }
  });

  it('delivers what came before a corruption, then a typed error, wherever it is', () => {
    fc.assert(
      fc.property(
        messageList,
        places,
        fc.nat(),
        fc.integer({ min: 1, max: 255 }),
        (messages, at, place, mask) => {
          const stream = encryptAll(messages);
          const spoiledAt = place % stream.length;
          stream[spoiledAt]! ^= mask;
          const ends = messages.map((_, i) => encryptAll(messages.slice(0, i + 1)).length);
          const whole = ends.filter((end) => end <= spoiledAt).length;
          const { messages: decoded, error } = decodeUntilError(cut(stream, at));
          expect(decoded).toEqual(messages.slice(0, whole));
          expect(error).toMatchObject({
            code: 'noise.frame.bad-tag',
            blame: 'node',
            details: { frame: whole },
          });
        },
      ),
    );
  });

  it('gives arbitrary bytes back as an error, once there are 18 of them', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 10 }), (chunks) => {
        const { messages, error } = decodeUntilError(chunks);
        expect(messages).toEqual([]);
        expect(error?.code).toBe(concat(...chunks).length >= 18 ? 'noise.frame.bad-tag' : undefined);
      }),
    );
  });

  it('says which part was wrong, with the raw bytes, and stays broken', () => {
    const [first, second] = [encryptAll([key(1)]), encryptAll([key(1), key(2)])];
    const frame = second.slice(first.length);
    for (const [spoiled, part, raw] of [
      [withFlippedBit(frame, 17), 'length', frame.slice(0, 18)],
      [withBadTag(frame), 'body', frame.slice(18)],
    ] as const) {
      const decoder = new FrameDecoder(cipher());
      decoder.push(concat(first, spoiled));
      expect(decoder.next()).toEqual(key(1));
      const details = { part, frame: 1, raw: toHex(withBadTag(raw)), length: raw.length };
      expect(() => decoder.next()).toThrow(expect.objectContaining({ code: 'noise.frame.bad-tag' }));
      decoder.push(first);
      expect(() => decoder.next()).toThrow(
        expect.objectContaining({ details: expect.objectContaining(details) as unknown }),
      );
    }
  });

  it('caps the raw bytes', () => {
    const { error } = decodeUntilError([withBadTag(encryptAll([new Uint8Array(65535)]))]);
    expect(error?.details).toMatchObject({ part: 'body', length: 65551 });
    expect(String(error?.details.raw)).toHaveLength(1024);
  });
});

describe('encryption', () => {
  it('takes up to 65535 bytes', () => {
    expect(encryptFrame(cipher(), new Uint8Array(65535))).toHaveLength(65569);
    const sender = cipher();
    expect(codeOf(() => encryptFrame(sender, new Uint8Array(65536)))).toBe('noise.message-too-long');
    expect(sender.nonce).toBe(0);
  });

  it('takes a stand-in for the cipher that returns arrays of its own', () => {
    const standIn = cipher();
    const frame = encryptFrame({ encrypt: (plaintext) => standIn.encrypt(plaintext) }, key(5));
    expect(frame).toEqual(encryptFrame(cipher(), key(5)));
  });

  it('rotates each direction by itself, over 2500 messages', () => {
    const act1 = initiator({
      localPrivateKey: key(1),
      remotePublicKey: defaultCrypto.curve.publicKey(key(2)),
    }).writeAct1();
    const act2 = responder({ localPrivateKey: key(2) })
      .readAct1(act1.bytes)
      .writeAct2();
    const act3 = act1.next.readAct2(act2.bytes).writeAct3();
    const [i, r] = [act3.next.ciphers, act2.next.readAct3(act3.bytes).ciphers];
    const pass = (sender: CipherState, decoder: FrameDecoder, index: number): void => {
      const message = Uint8Array.of(index >> 8, index & 0xff);
      decoder.push(encryptFrame(sender, message));
      expect(decoder.next()).toEqual(message);
    };

    const [atResponder, atInitiator] = [new FrameDecoder(r.receive), new FrameDecoder(i.receive)];
    const [sk, rk] = [toHex(i.send.key), toHex(i.receive.key)];
    const keysUsed = new Set<string>();
    for (let index = 0; index < 2500; index++) {
      pass(i.send, atResponder, index);
      keysUsed.add(toHex(i.send.key));
      // Twice a message: a key serves 500 of them, and the nonce that would be 1000 is 0.
      expect(i.send.nonce).toBe((2 * (index + 1)) % 1000);
      if (index === 498) expect(toHex(i.send.key)).toBe(sk);
      if (index === 499) expect(toHex(i.send.key)).not.toBe(sk);
    }
    expect(keysUsed.size).toBe(6);
    expect(toHex(i.receive.key)).toBe(rk);
    for (let index = 0; index < 2500; index++) pass(r.send, atInitiator, index);
    expect(toHex(i.receive.key)).not.toBe(rk);
    expect(toHex(i.receive.key)).toBe(toHex(r.send.key));
  });

  it('keeps the nonce when a piece cannot be decrypted', () => {
    const receiver = cipher();
    const sealed = cipher().encrypt(key(9));
    expect(codeOf(() => receiver.decrypt(withBadTag(sealed)))).toBe('crypto.bad-tag');
    expect(receiver.decrypt(sealed)).toEqual(key(9));
  });
});
