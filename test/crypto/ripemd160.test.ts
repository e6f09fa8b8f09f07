import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toHex } from '../../src/core/bytes.ts';
import { hashSuites } from '../../src/crypto/crypto.ts';

describe.each(hashSuites)('$name', (hashes) => {
  // Test vectors of its authors (Dobbertin, Bosselaers, Preneel).
  it.each([
    ['', '9c1185a5c5e9fc54612808977ee8f548b2258d31'],
    ['abc', '8eb208f7e05d987a9b044a8e98c6b087f15a0bfc'],
    ['message digest', '5d0689ef49d2fae572b881b123a85ffa21595f36'],
    [
      '12345678901234567890123456789012345678901234567890123456789012345678901234567890',
      '9b752e45573d4b39f4dbd3323cab82bf63326bfb',
    ],
  ])('RIPEMD-160 of "%s"', (message, digest) => {
    expect(toHex(hashes.ripemd160(Uint8Array.from(Buffer.from(message))))).toBe(digest);
  });
});

it('both give the same RIPEMD-160', () => {
  const [one, other] = hashSuites;
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      expect(one.ripemd160(bytes)).toEqual(other!.ripemd160(bytes));
    }),
  );
});
