import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { concat, fromHex, toHex } from '../../src/core/bytes.ts';
import { curves } from '../../src/crypto/crypto.ts';
import { codeOf } from './code-of.ts';

// SEC 2, 2.4.1.
const ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
const scalar = (value: bigint): Uint8Array => fromHex(value.toString(16).padStart(64, '0'));
const bytes32 = fc.uint8Array({ minLength: 32, maxLength: 32 });
const privateKey = fc.bigInt({ min: 1n, max: ORDER - 1n }).map(scalar);
const hash = new Uint8Array(32).fill(5);

describe.each(curves)('$name', (curve) => {
  // The first example of BOLT 11; and the same with n - s, for which the id is the other.
  it.each([
    [
      '8d3ce9e28357337f62da0162d9454df827f83cfe499aeb1c1db349d4d8112742' +
        '5e434ca29929406c23bba1ae8ac6ca32880b38d4bf6ff874024cac34ba9625f1' +
        '01',
      '03e7156ae33b0a208d0744199163177e909e80176e55d97a2f221ede0f934dd9ad',
    ],
    [
      '8d3ce9e28357337f62da0162d9454df827f83cfe499aeb1c1db349d4d8112742' +
        'a1bcb35d66d6bf93dc445e51753935cc32a3a411efd8a7c7bd85b25815a01b50' +
        '00',
      '03e7156ae33b0a208d0744199163177e909e80176e55d97a2f221ede0f934dd9ad',
    ],
  ])('recovers the key of signature %s', (signature, point) => {
    const signed = fromHex('6daf4d488be41ce7cbb487cab1ef2975e5efcea879b20d421f0ef86b07cbb987');
    expect(toHex(curve.recover(fromHex(signature), signed)!)).toBe(point);
  });

  it('recovers the key of what it signs, which is the signature of `sign`', () => {
    fc.assert(
      fc.property(privateKey, bytes32, (key, message) => {
        const signature = curve.signRecoverable(message, key);
        expect(signature.length).toBe(65);
        expect(signature.slice(0, 64)).toEqual(curve.sign(message, key));
        expect(curve.recover(signature, message)).toEqual(curve.publicKey(key));
      }),
      { numRuns: 25 },
    );
  });

  it('recovers where r + n is the x coordinate', () => {
    // The least x not below n that is on the curve: found by trying, and r is x - n.
    const offset =
      [...Array(50).keys()].find((i) =>
        curve.isPoint(concat(Uint8Array.of(2), scalar(ORDER + BigInt(i + 1)))),
      )! + 1;
    const s = scalar(7n);
    for (const [id, other] of [
      [2, 3],
      [3, 2],
    ] as const) {
      const signature = concat(scalar(BigInt(offset)), s, Uint8Array.of(id));
      const point = curve.recover(signature, hash)!;
      expect(curve.verify(signature.slice(0, 64), hash, point)).toBe(true);
      const swapped = concat(signature.slice(0, 64), Uint8Array.of(other));
      expect(curve.recover(swapped, hash)).not.toEqual(point);
    }
  });

  it('recovers nothing where r or s is out of range, r is no x coordinate, or the id is not 0 to 3', () => {
    const good = curve.signRecoverable(hash, scalar(3n));
    const [r, s, id] = [good.slice(0, 32), good.slice(32, 64), good.slice(64)];
    // x = 5 has no square root of x³ + 7.
    for (const bad of [
      concat(scalar(0n), s, id),
      concat(r, scalar(0n), id),
      concat(scalar(ORDER), s, id),
      concat(r, scalar(ORDER), id),
      concat(scalar(5n), s, id),
      concat(r, s, Uint8Array.of(2)),
      concat(r, s, Uint8Array.of(4)),
      concat(r, s, Uint8Array.of(255)),
    ]) {
      expect(curve.recover(bad, hash)).toBeUndefined();
    }
  });

  it('refuses signatures, hashes and keys of another length', () => {
    expect(codeOf(() => curve.recover(new Uint8Array(64), hash))).toBe('crypto.bad-length');
    expect(codeOf(() => curve.recover(new Uint8Array(65), hash.subarray(1)))).toBe('crypto.bad-length');
    expect(codeOf(() => curve.signRecoverable(hash.subarray(1), hash))).toBe('crypto.bad-length');
    expect(codeOf(() => curve.signRecoverable(hash, scalar(0n)))).toBe('crypto.bad-private-key');
  });

  it('returns plain arrays that own their memory', () => {
    const signature = curve.signRecoverable(hash, hash);
    for (const result of [signature, curve.recover(signature, hash)!]) {
      expect(Object.getPrototypeOf(result)).toBe(Uint8Array.prototype);
      expect(result.buffer.byteLength).toBe(result.length);
    }
  });
});

it('the backends agree on any bytes', () => {
  const r = fc.oneof(bytes32, fc.bigInt({ min: 1n, max: 1000n }).map(scalar));
  fc.assert(
    fc.property(r, bytes32, fc.integer({ min: 0, max: 5 }), bytes32, (rBytes, s, id, message) => {
      const signature = concat(rBytes, s, Uint8Array.of(id));
      expect(new Set(curves.map((curve) => String(curve.recover(signature, message)))).size).toBe(1);
    }),
    { numRuns: 100 },
  );
});
