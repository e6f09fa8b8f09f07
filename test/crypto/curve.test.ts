import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { concat, fromHex, toHex } from '../../src/core/bytes.ts';
import {
  curves,
  defaultCrypto,
  randomPrivateKey,
  scalarAdd,
  scalarMultiply,
} from '../../src/crypto/crypto.ts';
import { codeOf } from './code-of.ts';

const sha256 = (data: Uint8Array): Uint8Array => defaultCrypto.hashes.sha256(data);
const scalar = (value: bigint): Uint8Array => fromHex(value.toString(16).padStart(64, '0'));
const text = (value: string): Uint8Array => Uint8Array.from(Buffer.from(value));

// SEC 2, 2.4.1.
const FIELD = 0xfffffffffffffffffffffffffffffffffffffffffffffffffffffffefffffc2fn;
const ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
const G = '0279be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798';
const MINUS_G = `03${G.slice(2)}`;

const BAD_SCALARS: readonly Uint8Array[] = [
  scalar(0n),
  scalar(ORDER),
  scalar(ORDER + 1n),
  new Uint8Array(32).fill(0xff),
  new Uint8Array(0),
  scalar(1n).subarray(1),
  concat(scalar(1n), Uint8Array.of(0)),
];

const BAD_POINTS: Readonly<Record<string, Uint8Array>> = {
  // x = 5 has no square root of x³ + 7; the others break the encoding (SEC 1, 2.3.4).
  'off the curve': concat(Uint8Array.of(2), scalar(5n)),
  'x not below the field': concat(Uint8Array.of(2), scalar(FIELD + 1n)),
  'prefix 4': fromHex(`04${G.slice(2)}`),
  'prefix 0': fromHex(`00${G.slice(2)}`),
  truncated: fromHex(G).subarray(0, 32),
  oversized: fromHex(`${G}00`),
  empty: new Uint8Array(0),
  infinity: Uint8Array.of(0),
  uncompressed: fromHex(`04${G.slice(2)}483ada7726a3c4655da4fbfc0e1108a8fd17b448a68554199c47d08ffb10d4b8`),
};

const privateKey = fc.bigInt({ min: 1n, max: ORDER - 1n }).map(scalar);

it('has both backends here', () => {
  expect(curves.map(({ name }) => name)).toEqual(['tiny-secp256k1', '@noble/secp256k1']);
});

describe.each(curves)('$name', (curve) => {
  // Multiples of G as in SEC 2 and the tables derived from it.
  it.each([
    [1n, G],
    [2n, '02c6047f9441ed7d6d3045406e95c07cd85c778e4b8cef3ca7abac09b95c709ee5'],
    [3n, '02f9308a019258c31049344f85f89d5229b531c845836f99b08601f113bce036f9'],
    [ORDER - 1n, MINUS_G],
  ])('multiplies G by %d', (factor, point) => {
    expect(toHex(curve.publicKey(scalar(factor)))).toBe(point);
    expect(toHex(curve.pointMultiply(fromHex(G), scalar(factor)))).toBe(point);
  });

  it('derives the shared secret of BOLT 8, appendix A, act one', () => {
    const rs = fromHex('028d7500dd4c12685d1f568b4c2b5048e8534b873319f3a8daa612b469132ec7f7');
    expect(toHex(curve.ecdh(new Uint8Array(32).fill(0x12), rs))).toBe(
      '1e2fb3c8fe8fb9f262f649f64d26ecf0f2c0a805a767cf02dc2d77a6ef1fdcc3',
    );
  });

  // RFC 6979 nonces with low S: the vectors that libraries of secp256k1 share.
  it.each([
    [
      1n,
      'Satoshi Nakamoto',
      '934b1ea10a4b3c1757e2b0c017d0b6143ce3c9a7e6a4a49860d7a6ab210ee3d8' +
        '2442ce9d2b916064108014783e923ec36b49743e2ffa1c4496f01a512aafd9e5',
    ],
    [
      1n,
      'All those moments will be lost in time, like tears in rain. Time to die...',
      '8600dbd41e348fe5c9465ab92d23e3db8b98b873beecd930736488696438cb6b' +
        '547fe64427496db33bf66019dacbf0039c04199abb0122918601db38a72cfc21',
    ],
    [
      ORDER - 1n,
      'Satoshi Nakamoto',
      'fd567d121db66e382991534ada77a6bd3106f0a1098c231e47993447cd6af2d0' +
        '6b39cd0eb1bc8603e159ef5c20a5c8ad685a45b06ce9bebed3f153d10d93bed5',
    ],
  ])('signs with key %d: "%s"', (key, message, signature) => {
    const hash = sha256(text(message));
    expect(toHex(curve.sign(hash, scalar(key)))).toBe(signature);
    expect(curve.verify(fromHex(signature), hash, curve.publicKey(scalar(key)))).toBe(true);
  });

  it('verifies nothing else: high S, r or s out of range, another hash or key', () => {
    const hash = sha256(text('message'));
    const point = curve.publicKey(scalar(7n));
    const signature = curve.sign(hash, scalar(7n));
    const [r, s] = [signature.slice(0, 32), signature.slice(32)];
    const highS = scalar(ORDER - BigInt(`0x${toHex(s)}`));
    for (const wrong of [
      concat(r, highS),
      concat(s, r),
      concat(scalar(0n), s),
      concat(r, scalar(0n)),
      concat(scalar(ORDER), s),
      concat(r, scalar(ORDER)),
      new Uint8Array(64).fill(0xff),
    ]) {
      expect(curve.verify(wrong, hash, point)).toBe(false);
    }
    expect(curve.verify(signature, sha256(hash), point)).toBe(false);
    expect(curve.verify(signature, hash, fromHex(G))).toBe(false);
  });

  it.each(Object.entries(BAD_POINTS))('refuses a point: %s', (_, bad) => {
    const one = scalar(1n);
    expect(curve.isPoint(bad)).toBe(false);
    for (const use of [
      () => curve.ecdh(one, bad),
      () => curve.pointMultiply(bad, one),
      () => curve.pointAdd(bad, fromHex(G)),
      () => curve.pointAdd(fromHex(G), bad),
      () => curve.verify(new Uint8Array(64).fill(1), one, bad),
    ]) {
      expect(codeOf(use)).toBe('crypto.bad-point');
    }
  });

  it.each(BAD_SCALARS.map((bad) => [toHex(bad), bad] as const))('refuses a private key: %s', (_, bad) => {
    expect(curve.isPrivateKey(bad)).toBe(false);
    expect(codeOf(() => curve.publicKey(bad))).toBe('crypto.bad-private-key');
    expect(codeOf(() => curve.ecdh(bad, fromHex(G)))).toBe('crypto.bad-private-key');
    expect(codeOf(() => curve.sign(scalar(1n), bad))).toBe('crypto.bad-private-key');
    expect(codeOf(() => curve.pointMultiply(fromHex(G), bad))).toBe('crypto.bad-scalar');
  });

  it('refuses hashes and signatures of another length', () => {
    const [one, g] = [scalar(1n), fromHex(G)];
    expect(codeOf(() => curve.sign(one.subarray(1), one))).toBe('crypto.bad-length');
    expect(codeOf(() => curve.verify(new Uint8Array(63), one, g))).toBe('crypto.bad-length');
    expect(codeOf(() => curve.verify(new Uint8Array(65), one, g))).toBe('crypto.bad-length');
    expect(codeOf(() => curve.verify(new Uint8Array(64), one.subarray(1), g))).toBe('crypto.bad-length');
  });

  it('refuses a sum that is the point at infinity', () => {
    expect(codeOf(() => curve.pointAdd(fromHex(G), fromHex(MINUS_G)))).toBe('crypto.bad-point');
  });

  it('adds a point to itself', () => {
    expect(curve.pointAdd(fromHex(G), fromHex(G))).toEqual(curve.publicKey(scalar(2n)));
  });

  it('returns plain arrays that own their memory', () => {
    const one = scalar(1n);
    for (const result of [
      curve.publicKey(one),
      curve.ecdh(one, fromHex(G)),
      curve.sign(one, one),
      curve.pointMultiply(fromHex(G), one),
    ]) {
      expect(Object.getPrototypeOf(result)).toBe(Uint8Array.prototype);
      expect(result.buffer.byteLength).toBe(result.length);
    }
  });

  it('derives the keys of BOLT 3, appendix E', () => {
    const baseSecret = fromHex('000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f');
    const perCommitmentSecret = fromHex('1f1e1d1c1b1a191817161514131211100f0e0d0c0b0a09080706050403020100');
    const [basePoint, perCommitmentPoint] = [
      curve.publicKey(baseSecret),
      curve.publicKey(perCommitmentSecret),
    ];
    expect(toHex(basePoint)).toBe('036d6caac248af96f6afa7f904f550253a0f3ef3f5aa2fe6838a95b216691468e2');

    const tweak = sha256(concat(perCommitmentPoint, basePoint));
    expect(toHex(curve.pointAdd(basePoint, curve.publicKey(tweak)))).toBe(
      '0235f2dbfaa89b57ec7b055afe29849ef7ddfeb1cefdb9ebdc43f5494984db29e5',
    );
    expect(toHex(scalarAdd(baseSecret, tweak))).toBe(
      'cbced912d3b21bf196a766651e436aff192362621ce317704ea2f75d87e7be0f',
    );

    const baseTweak = sha256(concat(basePoint, perCommitmentPoint));
    const revocationPoint = curve.pointAdd(
      curve.pointMultiply(basePoint, baseTweak),
      curve.pointMultiply(perCommitmentPoint, tweak),
    );
    expect(toHex(revocationPoint)).toBe('02916e326636d19c33f13e8c0c3a03dd157f332f3e99c317c141dd865eb01f8ff0');
    const revocationKey = scalarAdd(
      scalarMultiply(baseSecret, baseTweak),
      scalarMultiply(perCommitmentSecret, tweak),
    );
    expect(toHex(revocationKey)).toBe('d09ffff62ddb2297ab000cc85bcb4283fdeb6aa052affbc9dddcf33b61078110');
  });
});

describe('scalars', () => {
  it.each(BAD_SCALARS.map((bad) => [toHex(bad), bad] as const))('refuses %s', (_, bad) => {
    for (const operation of [scalarAdd, scalarMultiply]) {
      expect(codeOf(() => operation(bad, scalar(2n)))).toBe('crypto.bad-scalar');
      expect(codeOf(() => operation(scalar(2n), bad))).toBe('crypto.bad-scalar');
    }
  });

  it('refuses a sum of zero', () => {
    expect(codeOf(() => scalarAdd(scalar(1n), scalar(ORDER - 1n)))).toBe('crypto.bad-scalar');
  });
});

describe('the backends agree', () => {
  const same = (values: readonly unknown[]): void => {
    expect(new Set(values.map(String)).size).toBe(1);
  };

  it('on keys, shared secrets, signatures and sums', () => {
    fc.assert(
      fc.property(privateKey, privateKey, fc.uint8Array({ minLength: 32, maxLength: 32 }), (a, b, hash) => {
        const point = curves[0].publicKey(b);
        same(curves.map((curve) => curve.publicKey(a)));
        same(curves.map((curve) => curve.ecdh(a, point)));
        same(curves.map((curve) => curve.sign(hash, a)));
        same(curves.map((curve) => curve.verify(curves[0].sign(hash, b), hash, point)));
        same([
          ...curves.map((curve) => curve.pointMultiply(point, a)),
          curves[0].publicKey(scalarMultiply(a, b)),
        ]);
        fc.pre(toHex(curves[0].publicKey(a)).slice(2) !== toHex(point).slice(2));
        same([
          ...curves.map((curve) => curve.pointAdd(curve.publicKey(a), point)),
          curves[0].publicKey(scalarAdd(a, b)),
        ]);
      }),
      { numRuns: 25 },
    );
  });

  it('on which bytes are a point, a private key, a signature', () => {
    const prefixed = fc.tuple(
      fc.integer({ min: 0, max: 7 }),
      fc.uint8Array({ minLength: 32, maxLength: 32 }),
    );
    const bytes = fc.oneof(
      prefixed.map(([prefix, x]) => concat(Uint8Array.of(prefix), x)),
      fc.uint8Array({ maxLength: 70 }),
    );
    const hash = sha256(text('message'));
    fc.assert(
      fc.property(bytes, fc.uint8Array({ minLength: 64, maxLength: 64 }), (candidate, signature) => {
        same(curves.map((curve) => curve.isPoint(candidate)));
        same(curves.map((curve) => curve.isPrivateKey(candidate)));
        same(curves.map((curve) => codeOf(() => curve.ecdh(scalar(2n), candidate))));
        same(curves.map((curve) => curve.verify(signature, hash, fromHex(G))));
      }),
      { numRuns: 50 },
    );
  });
});

it('draws private keys that are valid and differ', () => {
  const keys = Array.from({ length: 5 }, randomPrivateKey);
  expect(keys.every((key) => defaultCrypto.curve.isPrivateKey(key))).toBe(true);
  expect(new Set(keys.map(toHex)).size).toBe(5);
});
