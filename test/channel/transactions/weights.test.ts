import { describe, expect, it } from 'vitest';
import { p2wsh } from '../../../src/bitcoin/output.ts';
import { EMPTY } from '../../../src/core/bytes.ts';
import { type Claim, claimRevoked, claimToRemote } from '../../../src/channel/transactions/claims.ts';
import { buildCommitment } from '../../../src/channel/transactions/commitment.ts';
import { commitmentWeight, htlcTransactionWeight } from '../../../src/channel/transactions/fees.ts';
import {
  completeCommitment,
  signCommitment,
  signHtlcs,
} from '../../../src/channel/transactions/signatures.ts';
import { completeHtlcTransaction, sweep } from '../../../src/channel/transactions/sweep.ts';
import type { CommitmentFormat } from '../../../src/channel/transactions/types.ts';
import { FORMATS, htlc, keys, parametersOf, preimageOf } from './sides.ts';
import { commitmentOf, output } from './spends.ts';

/** Of a sweep, signatures as long as can be, with a P2WSH output: the largest that is standard. */
function sweepWeight(...claims: readonly Claim[]): number {
  let weight = 0;
  sweep({
    claims,
    script: p2wsh(EMPTY),
    feeOf: (of) => {
      weight = of;
      return 0n;
    },
  });
  return weight;
}

describe('weights', () => {
  /** BOLT 5, Penalty Transactions Weight Calculation: with its delay of 8 bytes, and the sizes of HTLC scripts without anchors. */
  it.each([
    ['to_local', 324],
    ['offered_htlc', 407],
    ['received_htlc', 413],
  ] as const)('of a penalty input for %s are at most those expected', (kind, expected) => {
    const commitment = commitmentOf('option_static_remotekey');
    const claim = claimRevoked(output(commitment, kind), keys.revocation);
    const weight = sweepWeight(claim);
    // BOLT 5: 53 bytes besides the input, and the witness header; a P2WSH output.
    const input = weight - 4 * 53 - 2;
    expect(input).toBeLessThanOrEqual(expected);
    // BOLT 5 reckons with a delay of 8 bytes, which takes 2 here; the expiry takes 2 of its 3.
    expect(input).toBeGreaterThanOrEqual(expected - 8);
  });

  it('of a penalty for 966 received HTLCs are standard', () => {
    const htlcs = Array.from({ length: 966 }, (_, id) => htlc(id % 200, 'other', 1_000_000n, 0x7f_ffff));
    const commitment = buildCommitment(parametersOf('option_static_remotekey', 2_000_000n), {
      feerate_per_kw: 253,
      ownerBalanceMsat: 534_000_000n,
      otherBalanceMsat: 500_000_000n,
      htlcs,
    });
    const claims = commitment.outputs.map((each) =>
      each.kind === 'to_remote'
        ? claimToRemote(each, keys.otherPayment)
        : claimRevoked(each, keys.revocation),
    );
    expect(claims).toHaveLength(968);
    // BOLT 5: 966 of 413, to_local and to_remote; its expiry, too, has 3 bytes.
    expect(sweepWeight(...claims)).toBeLessThanOrEqual(400_000);
  });

  it.each<[CommitmentFormat, number, number, number]>([
    ['option_static_remotekey', 724, 663, 703],
    ['option_anchors', 1124, 666, 706],
  ])('of BOLT 3 for %s', (format, commitment, timeout, success) => {
    expect([0, 1, 2].map((count) => commitmentWeight(format, count))).toEqual([
      commitment,
      commitment + 172,
      commitment + 344,
    ]);
    expect(htlcTransactionWeight(format, { offeredBy: 'owner' })).toBe(timeout);
    expect(htlcTransactionWeight(format, { offeredBy: 'other' })).toBe(success);
  });

  it.each(FORMATS)('of actual transactions with %s are at most those expected', (format) => {
    const commitment = commitmentOf(format);
    const complete = completeCommitment(commitment, {
      owner: signCommitment(commitment, keys.ownerFunding),
      other: signCommitment(commitment, keys.otherFunding),
    });
    const close = (actual: number, expected: number): void => {
      expect(actual).toBeLessThanOrEqual(expected);
      // Two signatures of 70 to 72 bytes, not 73; BOLT 3 counts HTLC-success one too many, and an expiry two bytes too long.
      expect(actual).toBeGreaterThan(expected - 12);
    };
    close(complete.weight, commitmentWeight(format, 2));
    const signatures = signHtlcs(commitment, keys.otherHtlc);
    for (const [i, each] of commitment.htlcOutputs.entries()) {
      const preimage = each.kind === 'received_htlc' ? { payment_preimage: preimageOf(each.htlc.id) } : {};
      const spend = { output: each, otherSignature: signatures[i]!, ...preimage };
      close(
        completeHtlcTransaction(commitment, spend, keys.ownerHtlc).weight,
        htlcTransactionWeight(format, each.htlc),
      );
    }
  });
});
