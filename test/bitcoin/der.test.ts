import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compactSignature, derSignature } from '../../src/bitcoin/der.ts';
import { fromHex, toHex } from '../../src/core/bytes.ts';
import { der } from './keys.ts';

const HALF_ORDER = 0x7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0n;
const bytes32 = (value: bigint): Uint8Array => fromHex(value.toString(16).padStart(64, '0'));

describe('a signature as DER', () => {
  /** BOLT 3, appendix C: the first vector, whose r has its highest bit set, and the second, whose integers have not. */
  it.each([
    '3045022100c3127b33dcc741dd6b05b1e63cbd1a9a7d816f37af9b6756fa2376b056f032370220408b96279808fe57eb7e463710804cdf4f108388bc5cf722d8c848d2c7f9f3b0',
    '3044022009b048187705a8cbc9ad73adbe5af148c3d012e1f067961486c822c7af08158c022006d66f3704cfab3eb2dc49dae24e4aa22a6910fc9b424007583204e3621af2e5',
  ])('%s is read and written', (hex) => {
    expect(toHex(derSignature(compactSignature(fromHex(hex))))).toBe(hex);
  });

  it('is read back, however short its numbers', () => {
    const number = (max: bigint): fc.Arbitrary<bigint> =>
      fc.tuple(fc.bigInt(1n, max), fc.nat(255)).map(([value, shift]) => value >> BigInt(shift));
    fc.assert(
      fc.property(number(2n ** 256n - 1n), number(HALF_ORDER), (r, s) => {
        const compact = new Uint8Array([...bytes32(r), ...bytes32(s)]);
        expect(compactSignature(derSignature(compact))).toEqual(compact);
        if (r > 0n && s > 0n) expect(derSignature(compact)).toEqual(der(compact));
      }),
    );
  });

  it('has one byte for zero', () => {
    expect(toHex(derSignature(new Uint8Array(64)))).toBe('3006020100020100');
  });
});
