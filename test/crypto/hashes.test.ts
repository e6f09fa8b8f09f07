import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromHex, toHex } from '../../src/core/bytes.ts';
import { hashSuites } from '../../src/crypto/crypto.ts';

const text = (value: string): Uint8Array => Uint8Array.from(Buffer.from(value));
const none = new Uint8Array(0);

describe.each(hashSuites)('$name', (hashes) => {
  // FIPS 180-4 examples.
  it.each([
    ['', 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'],
    ['abc', 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'],
    [
      'abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq',
      '248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1',
    ],
  ])('SHA-256 of "%s"', (message, digest) => {
    expect(toHex(hashes.sha256(text(message)))).toBe(digest);
  });

  // RFC 4231, cases 1, 2 and 6 (a key longer than a block).
  it.each([
    [
      '0b'.repeat(20),
      toHex(text('Hi There')),
      'b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7',
    ],
    [
      toHex(text('Jefe')),
      toHex(text('what do ya want for nothing?')),
      '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843',
    ],
    [
      'aa'.repeat(131),
      toHex(text('Test Using Larger Than Block-Size Key - Hash Key First')),
      '60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54',
    ],
  ])('HMAC with key %s', (key, data, mac) => {
    expect(toHex(hashes.hmac(fromHex(key), fromHex(data)))).toBe(mac);
  });

  // RFC 5869, A.1 and A.3.
  it.each([
    [
      '000102030405060708090a0b0c',
      'f0f1f2f3f4f5f6f7f8f9',
      '3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865',
    ],
    ['', '', '8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8'],
  ])('HKDF with salt "%s" and info "%s"', (salt, info, okm) => {
    expect(toHex(hashes.hkdf(fromHex(salt), fromHex('0b'.repeat(22)), fromHex(info), 42))).toBe(okm);
  });

  it('returns plain arrays that own their memory', () => {
    const results = [hashes.sha256(none), hashes.hmac(none, none), hashes.hkdf(none, none, none, 64)];
    for (const result of results) {
      expect(Object.getPrototypeOf(result)).toBe(Uint8Array.prototype);
      expect(result.buffer.byteLength).toBe(result.length);
    }
  });
});

it('the backends agree', () => {
  const bytes = fc.uint8Array({ maxLength: 200 });
  fc.assert(
    fc.property(bytes, bytes, bytes, fc.integer({ min: 1, max: 200 }), (a, b, c, length) => {
      const results = hashSuites.map((hashes) => [
        toHex(hashes.sha256(a)),
        toHex(hashes.hmac(a, b)),
        toHex(hashes.hkdf(a, b, c, length)),
      ]);
      expect(new Set(results.map(String)).size).toBe(1);
    }),
  );
});
