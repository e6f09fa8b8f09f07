import { describe, expect, it } from 'vitest';
import { buildCommitment } from '../../../src/channel/transactions/commitment.ts';
import {
  baseFeeSat,
  dustExposureMsat,
  feePayerAffords,
  feePayerCostSat,
  isTrimmed,
} from '../../../src/channel/transactions/fees.ts';
import type { CommitmentSide } from '../../../src/channel/transactions/types.ts';
import { htlc, parametersOf } from './sides.ts';

describe('fees', () => {
  /** The example of BOLT 3, Fee Calculation. */
  const example = {
    feerate_per_kw: 5000,
    htlcs: [
      htlc(0, 'owner', 5_000_000n),
      htlc(1, 'owner', 1_000_000n),
      htlc(2, 'other', 7_000_000n),
      htlc(3, 'other', 800_000n),
    ],
  };
  const terms = { format: 'option_static_remotekey', feePayer: 'owner', dust_limit_satoshis: 546n } as const;

  it("are those of BOLT 3's example", () => {
    expect(example.htlcs.map((each) => isTrimmed(terms, each, 5000))).toEqual([false, true, false, true]);
    expect(baseFeeSat(terms, example)).toBe(5340n);
    const specification = { ...example, ownerBalanceMsat: 50_000_000n, otherBalanceMsat: 50_000_000n };
    const parameters = { ...parametersOf('option_static_remotekey', 113_800n), ...terms };
    expect(buildCommitment(parameters, specification).feeSat).toBe(7140n);
    expect(dustExposureMsat(terms, example)).toBe(1_800_000n);
  });

  it('trim at the dust limit plus the fee of the HTLC transaction', () => {
    // 546 + 663 * 5 = 3861 and 546 + 703 * 5 = 4061.
    const trimmed = (offeredBy: CommitmentSide, amount: bigint): boolean =>
      isTrimmed(terms, htlc(0, offeredBy, amount), 5000);
    expect([trimmed('owner', 3_861_000n), trimmed('owner', 3_860_999n)]).toEqual([false, true]);
    expect([trimmed('other', 4_061_000n), trimmed('other', 4_060_999n)]).toEqual([false, true]);
    const anchors = { ...terms, format: 'option_anchors' } as const;
    expect([546_000n, 545_999n].map((amount) => isTrimmed(anchors, htlc(0, 'owner', amount), 5000))).toEqual([
      false,
      true,
    ]);
  });

  it('are affordable to the satoshi: base fee, anchors and reserve', () => {
    // (1124 + 172) * 1000 / 1000 + 2 * 330 + 10000
    const costMsat = 11_956_000n;
    const specification = {
      feerate_per_kw: 1000,
      ownerBalanceMsat: costMsat,
      otherBalanceMsat: costMsat - 1n,
      htlcs: [htlc(0, 'owner', 600_000n)],
    };
    const anchors = { ...terms, format: 'option_anchors' } as const;
    expect(feePayerCostSat(anchors, specification)).toBe(1956n);
    expect(feePayerAffords(anchors, specification, 10_000n)).toBe(true);
    expect(feePayerAffords({ ...anchors, feePayer: 'other' }, specification, 10_000n)).toBe(false);
  });
});
