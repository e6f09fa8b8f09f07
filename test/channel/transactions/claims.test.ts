import { describe, expect, it } from 'vitest';
import type { Transaction } from '../../../src/bitcoin/transaction.ts';
import { verifySpends } from '../../../src/bitcoin/verify.ts';
import { EMPTY } from '../../../src/core/bytes.ts';
import {
  type Claim,
  claimAnchor,
  claimByPreimage,
  claimByTimeout,
  claimDelayed,
  claimFreeAnchor,
  claimRevoked,
  claimToRemote,
} from '../../../src/channel/transactions/claims.ts';
import { feeSat } from '../../../src/channel/transactions/fees.ts';
import { revealedPreimage } from '../../../src/channel/transactions/outputs.ts';
import { sweep } from '../../../src/channel/transactions/sweep.ts';
import { codeOf } from '../../crypto/code-of.ts';
import { FORMATS, keys, preimageOf, spentBy, walletScript } from './sides.ts';
import {
  coin,
  coinTx,
  commitmentOf,
  failure,
  htlcOutput,
  NOT_EQUAL,
  NULL_FAIL,
  OFFERED,
  output,
  RECEIVED,
  sweepOf,
  TOO_EARLY,
} from './spends.ts';

/** BOLT 3 and BOLT 5: who may take what, and when. */
describe.each(FORMATS)('claims of a commitment with %s', (format) => {
  const commitment = commitmentOf(format);
  const anchors = format === 'option_anchors';
  const toLocal = output(commitment, 'to_local');
  const toRemote = output(commitment, 'to_remote');
  const offered = htlcOutput(commitment, 'offered_htlc');
  const received = htlcOutput(commitment, 'received_htlc');

  it('to_local: its owner, after the delay', () => {
    const claim = claimDelayed(toLocal, keys.ownerDelayed, 144);
    expect(failure(commitment, claim)).toBeUndefined();
    expect(failure(commitment, { ...claim, sequence: 143 })).toBe(TOO_EARLY);
    expect(failure(commitment, { ...claim, privateKey: keys.ownerHtlc })).toBe(NULL_FAIL);
    expect(failure(commitment, { ...claim, afterSignature: [Uint8Array.of(1)] })).toBe(NULL_FAIL);
  });

  it('to_local: the other, once it is revoked', () => {
    const claim = claimRevoked(toLocal, keys.revocation);
    expect(failure(commitment, claim)).toBeUndefined();
    expect(failure(commitment, { ...claim, privateKey: keys.ownerDelayed })).toBe(NULL_FAIL);
    expect(failure(commitment, { ...claim, afterSignature: [EMPTY] })).toBe(TOO_EARLY);
  });

  it('to_remote: the other, with anchors a block later', () => {
    const claim = claimToRemote(toRemote, keys.otherPayment);
    expect(failure(commitment, claim)).toBeUndefined();
    expect(failure(commitment, claimToRemote(toRemote, keys.ownerDelayed))).toBe(
      anchors ? NULL_FAIL : NOT_EQUAL,
    );
    if (anchors) expect(failure(commitment, { ...claim, sequence: 0 })).toBe(TOO_EARLY);
  });

  it('an offered HTLC: the other, with the preimage', () => {
    const claim = claimByPreimage(offered, keys.otherHtlc, preimageOf(0), format);
    expect(failure(commitment, claim)).toBeUndefined();
    expect(failure(commitment, claimByPreimage(offered, keys.otherHtlc, preimageOf(1), format))).toBe(
      NOT_EQUAL,
    );
    expect(failure(commitment, claimByPreimage(offered, keys.ownerHtlc, preimageOf(0), format))).toBe(
      NULL_FAIL,
    );
    if (anchors) expect(failure(commitment, { ...claim, sequence: 0 })).toBe(TOO_EARLY);
    const [input] = sweepOf(claim).inputs;
    expect(revealedPreimage(input!.witness, OFFERED.payment_hash)).toEqual(preimageOf(0));
    expect(revealedPreimage(input!.witness, RECEIVED.payment_hash)).toBeUndefined();
  });

  it('a received HTLC: the other, once it expired', () => {
    const claim = claimByTimeout(received, keys.otherHtlc, format);
    expect(sweepOf(claim).lockTime).toBe(800);
    expect(failure(commitment, claim)).toBeUndefined();
    expect(failure(commitment, { ...claim, lockTime: 799 })).toBe(TOO_EARLY);
    expect(failure(commitment, { ...claim, sequence: 0xffff_ffff })).toBe(TOO_EARLY);
    expect(failure(commitment, claimByTimeout(received, keys.ownerHtlc, format))).toBe(NULL_FAIL);
    if (anchors) expect(failure(commitment, { ...claim, sequence: 0 })).toBe(TOO_EARLY);
    expect(revealedPreimage(sweepOf(claim).inputs[0]!.witness, RECEIVED.payment_hash)).toBeUndefined();
  });

  it('HTLCs: the other, once they are revoked', () => {
    for (const each of [offered, received]) {
      const claim = claimRevoked(each, keys.revocation);
      expect(failure(commitment, claim)).toBeUndefined();
      // Another key is not the one of the script's hash: it is taken for a witness of the HTLC's own branches.
      expect(failure(commitment, claimRevoked(each, keys.ownerHtlc))).toBeDefined();
      expect(failure(commitment, { ...claim, privateKey: keys.ownerHtlc })).toBe(NULL_FAIL);
    }
  });

  it('all at once: one penalty', () => {
    const claims = [toLocal, offered, received].map((each) => claimRevoked(each, keys.revocation));
    claims.push(claimToRemote(toRemote, keys.otherPayment));
    const tx = sweepOf(...claims);
    expect(failure(commitment, ...claims)).toBeUndefined();
    const inSat = claims.reduce((sum, { amountSat }) => sum + amountSat, 0n);
    const feeHere = inSat - tx.outputs[0]!.amountSat;
    // Signatures are at most as long as reckoned: 73 bytes each.
    expect(feeHere).toBeGreaterThanOrEqual(feeSat(tx.weight, 1000));
    expect(feeHere).toBeLessThanOrEqual(feeSat(tx.weight + 4 * claims.length, 1000) + 1n);
    const [first, ...rest] = claims;
    expect(failure(commitment, { ...first!, amountSat: first!.amountSat - 1n }, ...rest)).toBe(NULL_FAIL);
  });

  it.each<[string, () => Claim]>([
    ['claimByPreimage', () => claimByPreimage(received, keys.otherHtlc, preimageOf(1), format)],
    ['claimByTimeout', () => claimByTimeout(offered, keys.otherHtlc, format)],
    ['claimRevoked', () => claimRevoked(toRemote, keys.revocation)],
    ['claimDelayed', () => claimDelayed(toRemote, keys.ownerDelayed, 144)],
    ['claimToRemote', () => claimToRemote(toLocal, keys.otherPayment)],
    ['claimAnchor', () => claimAnchor(toLocal, keys.ownerFunding)],
    ['claimFreeAnchor', () => claimFreeAnchor(toLocal)],
  ])('%s takes only outputs that have such a branch', (_, make) => {
    expect(codeOf(make)).toBe('channel.wrong-output');
  });

  it('are not made where the rest would be dust', () => {
    const claim = claimToRemote(toRemote, keys.otherPayment);
    const left = (fee: bigint): Transaction | undefined =>
      sweep({ claims: [claim], script: walletScript, feeOf: () => claim.amountSat - fee });
    expect(left(294n)?.outputs).toEqual([{ amountSat: 294n, script: walletScript }]);
    expect(left(293n)).toBeUndefined();
  });
});

describe('anchors', () => {
  const commitment = commitmentOf('option_anchors');
  const failureWithCoin = (claim: Claim): string | undefined => {
    const tx = sweepOf(claim, coin);
    return verifySpends(tx, spentBy(tx, commitment.transaction, coinTx))?.message;
  };

  it.each([
    ['to_local_anchor', keys.ownerFunding, keys.otherFunding],
    ['to_remote_anchor', keys.otherFunding, keys.ownerFunding],
  ] as const)('%s: its side, at once', (kind, key, wrongKey) => {
    const anchor = output(commitment, kind);
    expect(failureWithCoin(claimAnchor(anchor, key))).toBeUndefined();
    expect(failureWithCoin(claimAnchor(anchor, wrongKey))).toBeDefined();
    expect(failureWithCoin({ ...coin, ...claimAnchor(anchor, key), amountSat: 331n })).toBeDefined();
  });

  it.each(['to_local_anchor', 'to_remote_anchor'] as const)('%s: anyone, 16 blocks later', (kind) => {
    const claim = claimFreeAnchor(output(commitment, kind));
    expect(failureWithCoin(claim)).toBeUndefined();
    expect(failureWithCoin({ ...claim, sequence: 15 })).toBe(TOO_EARLY);
  });
});
