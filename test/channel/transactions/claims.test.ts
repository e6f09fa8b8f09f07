import { describe, expect, it } from 'vitest';
import { p2wsh } from '../../../src/bitcoin/output.ts';
import { makeTransaction, type Transaction } from '../../../src/bitcoin/transaction.ts';
import { verifySpends } from '../../../src/bitcoin/verify.ts';
import { EMPTY } from '../../../src/core/bytes.ts';
import {
  type Claim,
  claimAnchor,
  claimByPreimage,
  claimByTimeout,
  claimCoin,
  claimDelayed,
  claimFreeAnchor,
  claimRevoked,
  claimToRemote,
} from '../../../src/channel/transactions/claims.ts';
import { buildCommitment, type Commitment } from '../../../src/channel/transactions/commitment.ts';
import { feeSat } from '../../../src/channel/transactions/fees.ts';
import {
  type CommitmentOutput,
  type HtlcOutput,
  revealedPreimage,
  secondStageOutputs,
} from '../../../src/channel/transactions/outputs.ts';
import { signHtlcs } from '../../../src/channel/transactions/signatures.ts';
import {
  completeHtlcTransaction,
  fundHtlcTransactions,
  type HtlcSpend,
  sweep,
} from '../../../src/channel/transactions/sweep.ts';
import type { CommitmentFormat } from '../../../src/channel/transactions/types.ts';
import { codeOf } from '../../crypto/code-of.ts';
import { FORMATS, htlc, keys, parametersOf, preimageOf, spentBy, walletScript } from './sides.ts';

const OFFERED = htlc(0, 'owner', 50_000_000n, 700);
const RECEIVED = htlc(1, 'other', 60_000_000n, 800);

const commitmentOf = (format: CommitmentFormat): Commitment =>
  buildCommitment(parametersOf(format, 1_000_000n), {
    feerate_per_kw: 1000,
    ownerBalanceMsat: 500_000_000n,
    otherBalanceMsat: 390_000_000n,
    htlcs: [OFFERED, RECEIVED],
  });

const output = ({ outputs }: Commitment, kind: CommitmentOutput['kind']): CommitmentOutput =>
  outputs.find((each) => each.kind === kind)!;

const htlcOutput = (commitment: Commitment, kind: HtlcOutput['kind']): HtlcOutput =>
  commitment.htlcOutputs.find((each) => each.kind === kind)!;

const feeOf = (weight: number): bigint => feeSat(weight, 1000);

const sweepOf = (...claims: readonly Claim[]): Transaction => sweep({ claims, script: walletScript, feeOf })!;

/** What bitcoind would say of a sweep of `claims`; `undefined` where it is good. */
const failure = (commitment: Commitment, ...claims: readonly Claim[]): string | undefined => {
  const tx = sweepOf(...claims);
  return verifySpends(tx, spentBy(tx, commitment.transaction))?.message;
};

const NULL_FAIL = 'Signature must be zero for failed CHECK(MULTI)SIG operation';
const TOO_EARLY = 'Locktime requirement not satisfied';
const NOT_EQUAL = 'Script failed an OP_EQUALVERIFY operation';

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

  it('take only outputs that have such a branch', () => {
    expect(codeOf(() => claimByPreimage(received, keys.otherHtlc, preimageOf(1), format))).toBe(
      'channel.wrong-output',
    );
    expect(codeOf(() => claimByTimeout(offered, keys.otherHtlc, format))).toBe('channel.wrong-output');
    expect(codeOf(() => claimRevoked(toRemote, keys.revocation))).toBe('channel.wrong-output');
  });

  it('are not made where the rest would be dust', () => {
    const claim = claimToRemote(toRemote, keys.otherPayment);
    const left = (fee: bigint): Transaction | undefined =>
      sweep({ claims: [claim], script: walletScript, feeOf: () => claim.amountSat - fee });
    expect(left(294n)?.outputs).toEqual([{ amountSat: 294n, script: walletScript }]);
    expect(left(293n)).toBeUndefined();
  });

  describe('HTLC transactions', () => {
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
      const coinTx = makeTransaction({
        version: 2,
        inputs: [],
        outputs: [{ amountSat: 30_000n, script: walletScript }],
        lockTime: 0,
      });
      const coins = [claimCoin({ txid: coinTx.txid, vout: 0, amountSat: 30_000n }, keys.coin)];
      const funded = {
        commitment,
        ownerHtlcPrivateKey: keys.ownerHtlc,
        coins,
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
});

describe('anchors', () => {
  const commitment = commitmentOf('option_anchors');
  const coinTx = makeTransaction({
    version: 2,
    inputs: [],
    outputs: [{ amountSat: 20_000n, script: walletScript }],
    lockTime: 0,
  });
  const coin = claimCoin({ txid: coinTx.txid, vout: 0, amountSat: 20_000n }, keys.coin);
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

describe('weights', () => {
  /** BOLT 5, Penalty Transactions Weight Calculation: with its delay of 8 bytes, and the sizes of HTLC scripts without anchors. */
  it.each([
    ['to_local', 324],
    ['offered_htlc', 407],
    ['received_htlc', 413],
  ] as const)('of a penalty input for %s are at most those expected', (kind, expected) => {
    const commitment = commitmentOf('option_static_remotekey');
    const claim = claimRevoked(output(commitment, kind), keys.revocation);
    let weight = 0;
    sweep({
      claims: [claim],
      script: p2wsh(EMPTY),
      feeOf: (of) => {
        weight = of;
        return 0n;
      },
    });
    // BOLT 5: 53 bytes besides the input, and the witness header; a P2WSH output.
    const input = weight - 4 * 53 - 2;
    expect(input).toBeLessThanOrEqual(expected);
    // BOLT 5 reckons with a delay of 8 bytes, which takes 2 here, and with an expiry of 4, which takes 2 here too.
    expect(input).toBeGreaterThanOrEqual(expected - 8);
  });
});
