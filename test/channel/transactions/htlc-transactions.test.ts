import { describe, expect, it } from 'vitest';
import { makeTransaction, type Transaction } from '../../../src/bitcoin/transaction.ts';
import { verifySpends } from '../../../src/bitcoin/verify.ts';
import { type Claim, claimDelayed, claimRevoked } from '../../../src/channel/transactions/claims.ts';
import { buildCommitment } from '../../../src/channel/transactions/commitment.ts';
import { feeSat } from '../../../src/channel/transactions/fees.ts';
import {
  type HtlcOutput,
  revealedPreimage,
  secondStageOutputs,
} from '../../../src/channel/transactions/outputs.ts';
import { paymentHash } from '../../../src/channel/transactions/scripts.ts';
import { signHtlcs } from '../../../src/channel/transactions/signatures.ts';
import {
  completeHtlcTransaction,
  fundHtlcTransactions,
  type HtlcSpend,
} from '../../../src/channel/transactions/sweep.ts';
import { codeOf } from '../../crypto/code-of.ts';
import { FORMATS, htlc, keys, parametersOf, preimageOf, spentBy, walletScript } from './sides.ts';
import {
  coin,
  coinTx,
  commitmentOf,
  feeOf,
  htlcOutput,
  NOT_EQUAL,
  NULL_FAIL,
  RECEIVED,
  sweepOf,
  TOO_EARLY,
} from './spends.ts';

describe.each(FORMATS)('HTLC transactions with %s', (format) => {
  const commitment = commitmentOf(format);
  const anchors = format === 'option_anchors';
  const offered = htlcOutput(commitment, 'offered_htlc');
  const received = htlcOutput(commitment, 'received_htlc');
  const signatures = signHtlcs(commitment, keys.otherHtlc);
  const spendOf = (each: HtlcOutput): HtlcSpend => ({
    output: each,
    otherSignature: signatures[commitment.htlcOutputs.indexOf(each)]!,
    ...(each.kind === 'received_htlc' && { payment_preimage: preimageOf(each.htlc.id) }),
  });
  const failureOf = (tx: Transaction): string | undefined =>
    verifySpends(tx, spentBy(tx, commitment.transaction))?.message;

  it('of the owner, with the signature of the other', () => {
    for (const each of [offered, received]) {
      const tx = completeHtlcTransaction(commitment, spendOf(each), keys.ownerHtlc);
      expect(failureOf(tx)).toBeUndefined();
      const wrongOwner = completeHtlcTransaction(commitment, spendOf(each), keys.ownerDelayed);
      expect(failureOf(wrongOwner)).toBe(NULL_FAIL);
      const [a, b] = signatures;
      const spend = spendOf(each);
      const wrongOther = { ...spend, otherSignature: spend.otherSignature === a ? b! : a! };
      expect(failureOf(completeHtlcTransaction(commitment, wrongOther, keys.ownerHtlc))).toBe(NULL_FAIL);
      // Signed with the lock time.
      const early = makeTransaction({ ...tx, lockTime: tx.lockTime === 0 ? 1 : tx.lockTime - 1 });
      expect(failureOf(early)).toBe(NULL_FAIL);
    }
  });

  it('reveal and need the preimage', () => {
    const tx = completeHtlcTransaction(commitment, spendOf(received), keys.ownerHtlc);
    expect(revealedPreimage(tx.inputs[0]!.witness, RECEIVED.payment_hash)).toEqual(preimageOf(1));
    const wrong = { ...spendOf(received), payment_preimage: preimageOf(2) };
    expect(failureOf(completeHtlcTransaction(commitment, wrong, keys.ownerHtlc))).toBe(NOT_EQUAL);
    const { payment_preimage, ...without } = spendOf(received);
    expect(payment_preimage).toBeDefined();
    expect(codeOf(() => completeHtlcTransaction(commitment, without, keys.ownerHtlc))).toBe(
      'channel.htlc-transactions',
    );
  });

  it('have an output for their owner after the delay, and for the other by penalty', () => {
    for (const each of [offered, received]) {
      const tx = completeHtlcTransaction(commitment, spendOf(each), keys.ownerHtlc);
      const [second, ...more] = secondStageOutputs(commitment.parameters, tx);
      expect(more).toEqual([]);
      const failureHere = (claim: Claim): string | undefined => {
        const spend = sweepOf(claim);
        return verifySpends(spend, spentBy(spend, tx))?.message;
      };
      const delayed = claimDelayed(second!, keys.ownerDelayed, 144);
      expect(failureHere(delayed)).toBeUndefined();
      expect(failureHere({ ...delayed, sequence: 143 })).toBe(TOO_EARLY);
      const penalty = claimRevoked(second!, keys.revocation);
      expect(failureHere(penalty)).toBeUndefined();
      expect(failureHere({ ...penalty, privateKey: keys.otherHtlc })).toBe(NULL_FAIL);
    }
  });

  it('are combined with coins where the format has them pay nothing', () => {
    const funded = {
      commitment,
      ownerHtlcPrivateKey: keys.ownerHtlc,
      coins: [coin],
      changeScript: walletScript,
      feeOf,
    };
    if (!anchors) {
      expect(codeOf(() => fundHtlcTransactions({ ...funded, spends: [spendOf(offered)] }))).toBe(
        'channel.htlc-transactions',
      );
      return;
    }
    for (const each of [offered, received]) {
      const tx = fundHtlcTransactions({ ...funded, spends: [spendOf(each)] })!;
      const spent = spentBy(tx, commitment.transaction, coinTx);
      expect(verifySpends(tx, spent)).toBeUndefined();
      // The owner's signature is over all: nobody can attach anything.
      const attached = makeTransaction({
        ...tx,
        outputs: [...tx.outputs, { amountSat: 1n, script: walletScript }],
      });
      expect(verifySpends(attached, spent)?.message).toBe(NULL_FAIL);
      expect(tx.outputs[0]!.amountSat).toBe(each.amountSat);
      expect(30_000n - tx.outputs[1]!.amountSat).toBeGreaterThanOrEqual(feeSat(tx.weight, 1000));
    }
    const both = { ...funded, spends: [spendOf(offered), spendOf(received)] };
    expect(codeOf(() => fundHtlcTransactions(both))).toBe('channel.htlc-transactions');
    const short = { ...funded, spends: [spendOf(offered)], feeOf: () => 30_000n - 293n };
    expect(fundHtlcTransactions(short)).toBeUndefined();
  });
});

it('a preimage has 32 bytes', () => {
  const preimage = new Uint8Array(31);
  expect(revealedPreimage([preimage], paymentHash(preimage))).toBeUndefined();
  const padded = new Uint8Array(32);
  expect(revealedPreimage([preimage, padded], paymentHash(padded))).toEqual(padded);
});

it('HTLC transactions of one lock time, in one transaction, are revoked each by its own output', () => {
  const commitment = buildCommitment(parametersOf('option_anchors', 1_000_000n), {
    feerate_per_kw: 1000,
    ownerBalanceMsat: 500_000_000n,
    otherBalanceMsat: 390_000_000n,
    htlcs: [htlc(0, 'owner', 50_000_000n, 700), htlc(1, 'owner', 60_000_000n, 700)],
  });
  const signatures = signHtlcs(commitment, keys.otherHtlc);
  const tx = fundHtlcTransactions({
    commitment,
    spends: commitment.htlcOutputs.map((output, i) => ({ output, otherSignature: signatures[i]! })),
    ownerHtlcPrivateKey: keys.ownerHtlc,
    coins: [coin],
    changeScript: walletScript,
    feeOf,
  })!;
  expect(tx.lockTime).toBe(700);
  expect(verifySpends(tx, spentBy(tx, commitment.transaction, coinTx))).toBeUndefined();
  const seconds = secondStageOutputs(commitment.parameters, tx);
  expect(seconds.map(({ vout, amountSat }) => ({ vout, amountSat }))).toEqual([
    { vout: 0, amountSat: 50_000n },
    { vout: 1, amountSat: 60_000n },
  ]);
  const penalty = sweepOf(...seconds.map((output) => claimRevoked(output, keys.revocation)));
  expect(verifySpends(penalty, spentBy(penalty, tx))).toBeUndefined();
});
