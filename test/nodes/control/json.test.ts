import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseAnswer } from '../../../src/nodes/control/json.ts';

describe('JSON of a node', () => {
  it('is read as JSON.parse does, as long as a double holds its integers', () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        const strict: unknown = JSON.parse(text, (_, value: unknown) =>
          typeof value === 'number' && Number.isInteger(value) && !Number.isSafeInteger(value) ? null : value,
        );
        fc.pre(JSON.stringify(strict) === JSON.stringify(JSON.parse(text)));
        expect(parseAnswer(text)).toEqual(JSON.parse(text));
      }),
    );
  });

  it('keeps every digit of integers', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(2n ** 70n), max: 2n ** 70n }), (value) => {
        const safe = value >= BigInt(Number.MIN_SAFE_INTEGER) && value <= BigInt(Number.MAX_SAFE_INTEGER);
        expect(parseAnswer(`{"a":[${value}]}`)).toEqual({ a: [safe ? Number(value) : value.toString()] });
      }),
    );
  });

  it.each([
    ['9007199254740991', 9007199254740991],
    ['9007199254740992', '9007199254740992'],
    ['-9007199254740992', '-9007199254740992'],
    ['0.5000000000000000000001', 0.5],
    ['1e30', 1e30],
    ['"12345678901234567890"', '12345678901234567890'],
    ['{"a":1,"a":2}', { a: 2 }],
  ])('%s', (text, value) => {
    expect(parseAnswer(text)).toEqual(value);
  });

  it('a key __proto__ is a key', () => {
    const value = parseAnswer('{"__proto__":{"polluted":1}}') as object;
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
    expect('polluted' in value).toBe(false);
  });

  it.each(['', '{', '{"a":}', '[1,]', '01', 'nul', '{} x', '"\n"', '['.repeat(100_000)])(
    'refuses %j',
    (text) => {
      expect(() => parseAnswer(text)).toThrow();
    },
  );
});
