import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { EMPTY, fromHex, toHex } from '../../src/core/bytes.ts';
import {
  combineFeatures,
  encodeFeatures,
  featureBits,
  featureOfBit,
  FEATURE_NAMES,
  FEATURES,
  hasFeature,
  missingDependencies,
  pairsWithBothBits,
  unknownBits,
} from '../../src/wire/features.ts';
import { errorOf } from './helpers/vectors.ts';

describe('bitmaps', () => {
  test.each<[string, number[]]>([
    ['', []],
    ['01', [0]],
    ['80', [7]],
    ['0100', [8]],
    // 0x8a and 0xa2 by hand: bits 7, 3, 1 of the upper and 7, 5, 1 of the lower byte.
    ['8aa2', [1, 5, 7, 9, 11, 15]],
    ['1000000000000000', [60]],
  ])('%s', (hex, bits) => {
    expect([...featureBits(fromHex(hex))]).toEqual(bits);
    expect(toHex(encodeFeatures(bits))).toBe(hex);
  });

  test('leading zeros are read and not written', () => {
    expect([...featureBits(fromHex('000002'))]).toEqual([1]);
    expect(toHex(encodeFeatures(featureBits(fromHex('000002'))))).toBe('02');
  });

  test('any set of bits comes back, in the fewest bytes', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.nat(2000)), (bits) => {
        const bitmap = encodeFeatures(bits);
        expect([...featureBits(bitmap)]).toEqual([...bits].sort((a, b) => a - b));
        expect(bitmap[0]).not.toBe(0);
      }),
    );
  });

  test.each([-1, 0.5, 524280, Number.NaN])('%d is no bit', (bit) => {
    expect(errorOf(() => encodeFeatures([bit]))).toMatchObject({ code: 'wire.bad-value', blame: 'harness' });
  });

  test('both bitmaps of an init are combined', () => {
    expect([...combineFeatures(fromHex('0100'), fromHex('02'))]).toEqual([1, 8]);
    expect([...combineFeatures(EMPTY, EMPTY)]).toEqual([]);
  });
});

describe('what bits say', () => {
  test('a feature is offered by either bit', () => {
    expect(hasFeature(new Set([62]), 'option_splice')).toBe(true);
    expect(hasFeature(new Set([63]), 'option_splice')).toBe(true);
    expect(hasFeature(new Set([61, 64]), 'option_splice')).toBe(false);
    expect(featureOfBit(63)).toBe('option_splice');
    expect(featureOfBit(64)).toBeUndefined();
  });

  test('dependencies that are not offered are named, save ASSUMED ones', () => {
    expect(missingDependencies(new Set([51]))).toEqual([
      { feature: 'option_zeroconf', dependency: 'option_scid_alias' },
    ]);
    expect(missingDependencies(new Set([51, 46]))).toEqual([]);
    // basic_mpp depends on payment_secret, which is ASSUMED.
    expect(missingDependencies(new Set([17]))).toEqual([]);
  });

  test('both bits of a pair', () => {
    expect(pairsWithBothBits(new Set([7, 6, 8, 11, 201, 200]))).toEqual([6, 200]);
    // 1 and 2 are neighbours and no pair.
    expect(pairsWithBothBits(new Set([1, 2]))).toEqual([]);
  });

  test('bits that BOLT 9 does not assign', () => {
    expect(unknownBits(new Set([300, 0, 1, 2, 62, 63, 64]))).toEqual([2, 64, 300]);
  });

  test('no two features share a pair, and dependencies are features', () => {
    const evens = FEATURE_NAMES.map((name) => FEATURES[name].even);
    expect(new Set(evens).size).toBe(evens.length);
    expect(evens.every((bit) => bit % 2 === 0)).toBe(true);
    expect(FEATURE_NAMES).toEqual(
      expect.arrayContaining(FEATURE_NAMES.flatMap((name) => FEATURES[name].dependencies)),
    );
  });
});
