import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromHex, toHex } from '../../src/core/bytes.ts';
import { streams } from '../../src/crypto/crypto.ts';
import { codeOf } from './code-of.ts';

const key = new Uint8Array(32).fill(7);
const nonce = new Uint8Array(12).fill(9);

describe.each(streams)('$name', (stream) => {
  // RFC 8439, A.1, test vectors 1, 4 and 5 without its block counters: zeros encrypted from block 0.
  it.each([
    [
      '00'.repeat(32),
      '00'.repeat(12),
      '76b8e0ada0f13d90405d6ae55386bd28bdd219b8a08ded1aa836efcc8b770dc7' +
        'da41597c5157488d7724e03fb8d84a376a43b8f41518a11cc387b669b2ee6586',
    ],
    [
      '00'.repeat(32),
      '00'.repeat(11) + '02',
      'c2c64d378cd536374ae204b9ef933fcd1a8b2288b3dfa49672ab765b54ee27c7' +
        '8a970e0e955c14f3a88e741b97c286f75f8fc299e8148362fa198a39531bed6d',
    ],
  ])('makes the key stream of key %s and nonce %s', (k, n, expected) => {
    expect(toHex(stream.apply(fromHex(k), fromHex(n), new Uint8Array(64)))).toBe(expected);
  });

  it('gives the data back when it is applied twice', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 3000, size: 'max' }), (data) => {
        const once = stream.apply(key, nonce, data);
        expect(stream.apply(key, nonce, once)).toEqual(Uint8Array.from(data));
      }),
    );
  });

  it('refuses keys and nonces of another length', () => {
    for (const [k, n] of [
      [key.subarray(1), nonce],
      [new Uint8Array(33), nonce],
      [key, new Uint8Array(8)],
      [key, new Uint8Array(16)],
    ] as const) {
      expect(codeOf(() => stream.apply(k, n, key))).toBe('crypto.bad-length');
    }
  });

  it('returns plain arrays that own their memory', () => {
    for (const length of [0, 1, 70, 5000]) {
      const result = stream.apply(key, nonce, new Uint8Array(length));
      expect(Object.getPrototypeOf(result)).toBe(Uint8Array.prototype);
      expect([result.length, result.buffer.byteLength]).toEqual([length, length]);
    }
  });
});

it('the backends agree', () => {
  const bytes = (length: number): fc.Arbitrary<Uint8Array> =>
    fc.uint8Array({ minLength: length, maxLength: length });
  fc.assert(
    fc.property(bytes(32), bytes(12), fc.uint8Array({ maxLength: 3000, size: 'max' }), (k, n, data) => {
      expect(new Set(streams.map((stream) => toHex(stream.apply(k, n, data)))).size).toBe(1);
    }),
  );
});
