import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { p2tr, p2wpkh, p2wsh } from '../../../src/bitcoin/output.ts';
import type { Transaction, TransactionOutput } from '../../../src/bitcoin/transaction.ts';
import { verifySpends } from '../../../src/bitcoin/verify.ts';
import { concat, fromHex } from '../../../src/core/bytes.ts';
import {
  closeeVariant,
  closerVariants,
  type Closing,
  type ClosingParties,
  type ClosingVariant,
  leavesOnlyDust,
  legacyClosing,
  simpleClosing,
} from '../../../src/channel/transactions/closing.ts';
import {
  completeFundingSpend,
  signFundingSpend,
  verifyFundingSpend,
} from '../../../src/channel/transactions/funding-spend.ts';
import { fundingScript } from '../../../src/channel/transactions/scripts.ts';
import { fundingPubkeys, keys, publicKey } from './sides.ts';

const CAPACITY_SAT = 1_000_000n;
const funding = {
  txid: 'cd'.repeat(32),
  output_index: 0,
  funding_satoshis: CAPACITY_SAT,
  funding_pubkeys: fundingPubkeys,
};
const a = p2wpkh(publicKey(keys.ownerFunding));
const b = p2wsh(fromHex('51'));
const opReturn = concat(fromHex('6a06'), new Uint8Array(6));

const transactionOf = (closing: Closing): Transaction => {
  if (!('transaction' in closing)) throw new Error(closing.impossible);
  return closing.transaction;
};
const outputsOf = (closing: Closing): readonly TransactionOutput[] => transactionOf(closing).outputs;

describe('a closing transaction for closing_signed', () => {
  const closing = (changes: Partial<Parameters<typeof legacyClosing>[0]> = {}): Closing =>
    legacyClosing({
      funding,
      funder: { balanceMsat: 600_000_999n, scriptpubkey: a },
      fundee: { balanceMsat: 399_999_001n, scriptpubkey: b },
      fee_satoshis: 1000n,
      dust_limit_satoshis: 354n,
      ...changes,
    });

  it('pays both balances, rounded down; the funder the fee', () => {
    const tx = transactionOf(closing());
    expect(tx).toMatchObject({
      version: 2,
      lockTime: 0,
      inputs: [{ txid: funding.txid, vout: 0, sequence: 0xffff_ffff }],
    });
    expect(tx.outputs).toEqual([
      { amountSat: 399_999n, script: b },
      { amountSat: 599_000n, script: a },
    ]);
  });

  it('is signed by both', () => {
    const tx = transactionOf(closing());
    const [owner, other] = [keys.ownerFunding, keys.otherFunding].map((key) =>
      signFundingSpend(tx, funding, key),
    );
    const spent = [{ amountSat: CAPACITY_SAT, script: fundingScript(fundingPubkeys) }];
    expect(verifyFundingSpend(tx, funding, publicKey(keys.otherFunding), other!)).toBe(true);
    expect(verifyFundingSpend(tx, funding, publicKey(keys.otherFunding), owner!)).toBe(false);
    expect(verifySpends(completeFundingSpend(tx, funding, [owner!, other!]), spent)).toBeUndefined();
    expect(verifySpends(completeFundingSpend(tx, funding, [other!, owner!]), spent)).toBeDefined();
  });

  it('leaves out dust, and what a node wants to leave out', () => {
    const little = { balanceMsat: 353_999n, scriptpubkey: b };
    expect(outputsOf(closing({ fundee: little }))).toEqual([{ amountSat: 599_000n, script: a }]);
    expect(outputsOf(closing({ fundee: { ...little, balanceMsat: 354_000n } }))).toHaveLength(2);
    expect(outputsOf(closing({ fee_satoshis: 599_647n }))).toEqual([{ amountSat: 399_999n, script: b }]);
    expect(outputsOf(closing({ without: 'funder' }))).toEqual([{ amountSat: 399_999n, script: b }]);
    expect(outputsOf(closing({ without: 'fundee' }))).toEqual([{ amountSat: 599_000n, script: a }]);
  });

  it('is impossible with a fee above the balance, or without outputs', () => {
    expect(closing({ fee_satoshis: 600_001n })).toEqual({ impossible: 'fee-above-balance' });
    expect(closing({ fee_satoshis: 600_000n, without: 'fundee' })).toEqual({ impossible: 'no-outputs' });
  });

  it('is in order also where amounts are alike', () => {
    const even = {
      funder: { balanceMsat: 500_000_000n, scriptpubkey: b },
      fundee: { balanceMsat: 500_000_000n, scriptpubkey: a },
    };
    expect(outputsOf(closing({ ...even, fee_satoshis: 0n })).map(({ script }) => script)).toEqual([a, b]);
  });
});

const parties = (
  closerMsat: bigint,
  closeeMsat: bigint,
  fee_satoshis = 1000n,
  closer = a,
  closee = b,
): ClosingParties => ({
  closer: { balanceMsat: closerMsat, scriptpubkey: closer },
  closee: { balanceMsat: closeeMsat, scriptpubkey: closee },
  fee_satoshis,
});

describe('a closing transaction for closing_complete', () => {
  const closing = (variant: ClosingVariant, each = parties(600_000_999n, 399_999_001n)): Closing =>
    simpleClosing({ funding, locktime: 800_000, variant, ...each });

  it('has the outputs of its variant; the closer pays', () => {
    const closer = { amountSat: 599_000n, script: a };
    const closee = { amountSat: 399_999n, script: b };
    expect(transactionOf(closing('closer_and_closee_outputs'))).toMatchObject({
      version: 2,
      lockTime: 800_000,
      inputs: [{ txid: funding.txid, vout: 0, sequence: 0xffff_fffd }],
      outputs: [closee, closer],
    });
    expect(outputsOf(closing('closer_output_only'))).toEqual([closer]);
    expect(outputsOf(closing('closee_output_only'))).toEqual([closee]);
  });

  it('pays nothing to OP_RETURN', () => {
    const each = parties(600_000_000n, 400_000_000n, 1000n, opReturn, b);
    expect(outputsOf(closing('closer_and_closee_outputs', each))).toEqual([
      { amountSat: 0n, script: opReturn },
      { amountSat: 400_000n, script: b },
    ]);
    const both = parties(600_000_000n, 400_000_000n, 1000n, a, opReturn);
    expect(outputsOf(closing('closee_output_only', both))).toEqual([{ amountSat: 0n, script: opReturn }]);
  });

  it('is impossible with a fee above the balance', () => {
    expect(closing('closee_output_only', parties(999_999n, 5_000_000n))).toEqual({
      impossible: 'fee-above-balance',
    });
    expect(outputsOf(closing('closer_and_closee_outputs', parties(1_000_000n, 5_000_000n)))).toHaveLength(2);
  });
});

/** BOLT 2, Closing Negotiation: `closing_complete` and `closing_sig`. The closer's script has a dust limit of 294, the closee's of 330. */
describe('variants', () => {
  it.each<[string, ClosingParties, ClosingVariant[], ClosingVariant[]]>([
    ['less than the other, not dust', parties(1_294_000n, 2_000_000n), [], ['closer_output_only']],
    [
      'less than the other, dust',
      parties(1_293_999n, 2_000_000n),
      ['closee_output_only'],
      ['closer_output_only'],
    ],
    ['less by a millisatoshi', parties(1_999_999n, 2_000_000n), [], ['closer_output_only']],
    [
      'as much as the other',
      parties(2_000_000n, 2_000_000n),
      ['closer_output_only', 'closer_and_closee_outputs'],
      ['closee_output_only'],
    ],
    [
      'more, and the other not dust',
      parties(2_000_000n, 330_000n),
      ['closer_output_only', 'closer_and_closee_outputs'],
      ['closee_output_only'],
    ],
    [
      'more, and the other dust',
      parties(2_000_000n, 329_999n),
      ['closer_output_only'],
      ['closee_output_only', 'closer_and_closee_outputs'],
    ],
    [
      'more, and the other OP_RETURN',
      parties(2_000_000n, 0n, 1000n, a, opReturn),
      ['closer_output_only', 'closer_and_closee_outputs'],
      ['closee_output_only'],
    ],
  ])('of a closer that has %s', (_, each, required, forbidden) => {
    const variants = closerVariants(each);
    expect(variants.required).toEqual(required);
    expect([...variants.forbidden].sort()).toEqual([...forbidden].sort());
  });

  it.each<[string, ClosingParties, ClosingVariant[], boolean, ClosingVariant]>([
    [
      'dust',
      parties(2_000_000n, 329_999n),
      ['closer_output_only', 'closer_and_closee_outputs'],
      false,
      'closer_output_only',
    ],
    [
      'not worth its cost',
      parties(2_000_000n, 330_000n),
      ['closer_output_only', 'closer_and_closee_outputs'],
      true,
      'closer_output_only',
    ],
    [
      'OP_RETURN, not worth its cost',
      parties(2_000_000n, 0n, 1000n, a, opReturn),
      ['closer_output_only', 'closer_and_closee_outputs'],
      true,
      'closer_and_closee_outputs',
    ],
    [
      'in both',
      parties(2_000_000n, 330_000n),
      ['closer_and_closee_outputs', 'closee_output_only'],
      false,
      'closer_and_closee_outputs',
    ],
    ['alone', parties(1_000_000n, 2_000_000n), ['closee_output_only'], false, 'closee_output_only'],
    ['in none', parties(1_000_000n, 2_000_000n), ['closer_output_only'], false, 'closee_output_only'],
  ])('a closee takes where its output is %s', (_, each, present, uneconomical, taken) => {
    expect(closeeVariant(each, new Set(present), uneconomical)).toBe(taken);
  });

  it('that a closer usually sends are such that a closee finds its own, unless all is dust', () => {
    const msat = fc.bigInt(1_000_000n, 3_000_000n);
    const script = fc.constantFrom(a, b, opReturn, p2tr(new Uint8Array(32)));
    fc.assert(
      fc.property(msat, msat, script, script, (closer, closee, closerScript, closeeScript) => {
        const each = parties(closer, closee, 1000n, closerScript, closeeScript);
        fc.pre(!leavesOnlyDust(each));
        const { usual, required, forbidden } = closerVariants(each);
        expect(usual).toEqual(expect.arrayContaining([...required]));
        expect(usual.filter((variant) => forbidden.includes(variant))).toEqual([]);
        expect(usual).toContain(closeeVariant(each, new Set(usual)));
      }),
    );
  });

  it('leave only dust where the fee takes the rest', () => {
    expect(leavesOnlyDust(parties(1_293_000n, 329_000n))).toBe(true);
    expect(leavesOnlyDust(parties(1_294_000n, 329_000n))).toBe(false);
    expect(leavesOnlyDust(parties(1_293_000n, 330_000n))).toBe(false);
    expect(leavesOnlyDust(parties(1_293_000n, 329_000n, 1000n, opReturn))).toBe(false);
  });
});
