import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { amount, shortChannelId, signedAmount } from '../../src/nodes/operation-values.ts';
import { isOperation, OPERATION_NAMES, OPERATIONS } from '../../src/nodes/operations.ts';

describe('amounts', () => {
  test('go over the wire as decimal strings, and come back', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 21_000_000n * 100_000_000_000n }), (msat) => {
        const wire = z.encode(amount, msat);
        expect(wire).toBe(String(msat));
        expect(z.decode(amount, wire)).toBe(msat);
      }),
    );
  });

  test.each(['-1', '01', '1.5', '1e3', '', ' 1', '0x1', '1'.repeat(30)])('refuses %j', (text) => {
    expect(amount.safeParse(text).success).toBe(false);
  });

  test('only a signed one may be negative', () => {
    expect(z.decode(signedAmount, '-5')).toBe(-5n);
  });
});

test.each(['539268x845x1', '1x0x0'])('short channel id %s', (text) => {
  expect(shortChannelId.parse(text)).toBe(text);
});

describe('the table', () => {
  test('refuses keys that it does not know, in params and in results', () => {
    for (const name of OPERATION_NAMES) {
      expect(OPERATIONS[name].params.safeParse({ noSuchKey: 1 }).success, name).toBe(false);
      expect(OPERATIONS[name].result.safeParse({ noSuchKey: 1 }).success, name).toBe(false);
    }
  });

  test('names every operation that the design lists', () => {
    const listed =
      'info logs sync stop start snapshot restore newAddress balance utxos sendOnchain setFeerate connect disconnect peers ' +
      'customMessage setIdentity open channels setPolicy close forceClose splice bumpFee invoice invoiceStatus holdInvoice ' +
      'settle cancel pay payRoute keysend offer fetchInvoice payOffer refund decode payments forwards graph';
    expect(listed.split(' ').filter((name) => !isOperation(name))).toEqual([]);
  });

  test('knows no inherited name', () => {
    expect(isOperation('constructor')).toBe(false);
  });
});
