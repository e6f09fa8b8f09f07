import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Amount, parseJson, satOf, toJson } from '../../src/chain/json.ts';
import { codeOf } from '../crypto/code-of.ts';

describe('amounts', () => {
  it.each([
    [0n, '0.00000000'],
    [1n, '0.00000001'],
    [100_000_000n, '1.00000000'],
    [2_099_999_997_690_000n, '20999999.97690000'],
    [-254n, '-0.00000254'],
  ])('%d is written as %s', (sat, text) => {
    expect(new Amount(sat).toString()).toBe(text);
    expect(satOf(text)).toBe(sat);
  });

  it.each([['1', 100_000_000n] as const, ['0.1', 10_000_000n] as const, [21, 2_100_000_000n] as const])(
    '%s is read as %d',
    (text, sat) => {
      expect(satOf(text)).toBe(sat);
    },
  );

  it.each(['', '.1', '1.', '0.000000001', '1e8', ' 1', '1 ', '0x1', '--1', '123456789', 0.1, null, true, {}])(
    '%j is no amount',
    (value) => {
      expect(codeOf(() => satOf(value))).toBe('chain.bad-amount');
    },
  );

  it('survive the way through JSON as numbers', () => {
    const most = 21_000_000n * 100_000_000n;
    fc.assert(
      fc.property(fc.bigInt({ min: -most, max: most }), (sat) => {
        const json = toJson({ amount: new Amount(sat) });
        expect(json).toMatch(/^\{"amount":-?\d+\.\d{8}\}$/);
        expect(satOf((parseJson(json) as { amount: unknown }).amount)).toBe(sat);
      }),
    );
  });
});

describe('parseJson', () => {
  it('reads what JSON.parse reads, when no number has a point or exponent', () => {
    const value = fc.jsonValue({ maxDepth: 4 }).filter((each) => !/\d[.eE]/.test(JSON.stringify(each)));
    fc.assert(
      fc.property(value, (each) => {
        expect(parseJson(JSON.stringify(each))).toEqual(JSON.parse(JSON.stringify(each)));
      }),
    );
  });

  it('leaves every string as it is, also one that looks like a decimal', () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(fc.string(), fc.constantFrom('1.5', '"1.5', '\\1.5', '\\"1.5\\', '1e5'))),
        (strings) => {
          expect(parseJson(JSON.stringify(strings))).toEqual(strings);
        },
      ),
    );
  });

  it('keeps decimals as text and whole numbers as numbers', () => {
    expect(parseJson('[1, -2, 0.10000000, -0.5, 1e3, 4.65e-10, {"a":0.1}]')).toEqual([
      1,
      -2,
      '0.10000000',
      '-0.5',
      '1e3',
      '4.65e-10',
      { a: '0.1' },
    ]);
  });

  it.each(['', '{', '[1,]', '"', '"\\"', '1.', '01', '{"a":1.5.5}', 'NaN', '\u0000'])(
    'refuses %j',
    (text) => {
      expect(codeOf(() => parseJson(text))).toBe('chain.bad-json');
    },
  );

  it('reads a block in hexadecimal', () => {
    const hex = 'ab'.repeat(4_000_000);
    expect(parseJson(`{"result":"${hex}"}`)).toEqual({ result: hex });
  });
});

describe('toJson', () => {
  it('writes what JSON.stringify writes, where there is no amount', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 4 }), (value) => {
        expect(JSON.parse(toJson(value as never))).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });

  it('leaves out members without a value', () => {
    expect(toJson({ a: undefined, b: null })).toBe('{"b":null}');
  });
});
