import type { Transaction } from '../../../src/bitcoin/transaction.ts';
import { makeTransaction } from '../../../src/bitcoin/transaction.ts';
import { verifySpends } from '../../../src/bitcoin/verify.ts';
import { type Claim, claimCoin } from '../../../src/channel/transactions/claims.ts';
import { buildCommitment, type Commitment } from '../../../src/channel/transactions/commitment.ts';
import { feeSat } from '../../../src/channel/transactions/fees.ts';
import type { CommitmentOutput, HtlcOutput } from '../../../src/channel/transactions/outputs.ts';
import { sweep } from '../../../src/channel/transactions/sweep.ts';
import type { CommitmentFormat } from '../../../src/channel/transactions/types.ts';
import { htlc, keys, parametersOf, spentBy, walletScript } from './sides.ts';

export const OFFERED = htlc(0, 'owner', 50_000_000n, 700);
export const RECEIVED = htlc(1, 'other', 60_000_000n, 800);

export const commitmentOf = (format: CommitmentFormat): Commitment =>
  buildCommitment(parametersOf(format, 1_000_000n), {
    feerate_per_kw: 1000,
    ownerBalanceMsat: 500_000_000n,
    otherBalanceMsat: 390_000_000n,
    htlcs: [OFFERED, RECEIVED],
  });

export const output = ({ outputs }: Commitment, kind: CommitmentOutput['kind']): CommitmentOutput =>
  outputs.find((each) => each.kind === kind)!;

export const htlcOutput = (commitment: Commitment, kind: HtlcOutput['kind']): HtlcOutput =>
  commitment.htlcOutputs.find((each) => each.kind === kind)!;

export const feeOf = (weight: number): bigint => feeSat(weight, 1000);

export const sweepOf = (...claims: readonly Claim[]): Transaction =>
  sweep({ claims, script: walletScript, feeOf })!;

/** What bitcoind would say of a sweep of `claims`; `undefined` where it is good. */
export const failure = (commitment: Commitment, ...claims: readonly Claim[]): string | undefined => {
  const tx = sweepOf(...claims);
  return verifySpends(tx, spentBy(tx, commitment.transaction))?.message;
};

export const NULL_FAIL = 'Signature must be zero for failed CHECK(MULTI)SIG operation';
export const TOO_EARLY = 'Locktime requirement not satisfied';
export const NOT_EQUAL = 'Script failed an OP_EQUALVERIFY operation';

/** A transaction with a coin of the wallet's. */
export const coinTx = makeTransaction({
  version: 2,
  inputs: [],
  outputs: [{ amountSat: 30_000n, script: walletScript }],
  lockTime: 0,
});
export const coin = claimCoin({ txid: coinTx.txid, vout: 0, amountSat: 30_000n }, keys.coin);
