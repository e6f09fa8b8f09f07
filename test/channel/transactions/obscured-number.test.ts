import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  obscureCommitmentNumber,
  readCommitmentNumber,
} from '../../../src/channel/transactions/obscured-number.ts';

describe('the commitment number', () => {
  const number48 = fc.bigInt(0n, 2n ** 48n - 1n);

  it('is read back', () => {
    fc.assert(
      fc.property(number48, number48, (commitmentNumber, factor) => {
        const { lockTime, sequence } = obscureCommitmentNumber(commitmentNumber, factor);
        expect([lockTime >>> 24, sequence >>> 24]).toEqual([0x20, 0x80]);
        expect(readCommitmentNumber({ lockTime, inputs: [{ sequence }] }, factor)).toBe(commitmentNumber);
      }),
    );
  });

  it('is in no other transaction', () => {
    const { lockTime, sequence } = obscureCommitmentNumber(5n, 0n);
    expect(readCommitmentNumber({ lockTime: 0, inputs: [{ sequence }] }, 0n)).toBeUndefined();
    expect(readCommitmentNumber({ lockTime, inputs: [{ sequence: 0xffff_ffff }] }, 0n)).toBeUndefined();
    expect(readCommitmentNumber({ lockTime, inputs: [] }, 0n)).toBeUndefined();
    expect(readCommitmentNumber({ lockTime, inputs: [{ sequence }, { sequence }] }, 0n)).toBeUndefined();
  });
});
