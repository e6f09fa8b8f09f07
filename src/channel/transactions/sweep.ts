import { segwitV0Sighasher, SIGHASH_ALL } from '../../bitcoin/sighash.ts';
import {
  makeTransaction,
  type Transaction,
  type TransactionInput,
  type TransactionOutput,
  type TransactionParts,
} from '../../bitcoin/transaction.ts';
import { EMPTY } from '../../core/bytes.ts';
import { BoltgridError } from '../../core/error.ts';
import { defaultCrypto } from '../../crypto/crypto.ts';
import type { Claim } from './claims.ts';
import type { Commitment } from './commitment.ts';
import { dustThresholdSat } from './dust.ts';
import { witnessSignature } from './funding-spend.ts';
import { htlcInput, htlcLockTime, htlcTransactionOutput } from './htlc-transactions.ts';
import type { HtlcOutput } from './outputs.ts';
import { otherHashType } from './signatures.ts';

/** The fee in whole satoshis for a transaction of this weight. */
type FeeOf = (weight: number) => bigint;

export interface Sweep {
  readonly claims: readonly Claim[];
  /** What all is paid to. */
  readonly script: Uint8Array;
  readonly feeOf: FeeOf;
}

/** A transaction with everything claimed, but for the fee. `undefined` where the rest would be dust. */
export const sweep = ({ claims, script, feeOf }: Sweep): Transaction | undefined =>
  withChange([], claims.map(claimInput), sum(claims), { lockTime: 0, outputs: [] }, script, feeOf);

export interface HtlcSpend {
  readonly output: HtlcOutput;
  /** `htlc_signature`, 64 bytes. */
  readonly otherSignature: Uint8Array;
  /** Of a received HTLC. */
  readonly payment_preimage?: Uint8Array;
}

/** The HTLC transaction as its owner broadcasts it: without anchors it pays its own fee, with them it pays none. */
export const completeHtlcTransaction = (
  commitment: Commitment,
  spend: HtlcSpend,
  ownerHtlcPrivateKey: Uint8Array,
): Transaction => {
  const { output } = spend;
  return signAll(
    { lockTime: htlcLockTime(output), outputs: [htlcTransactionOutput(commitment, output)] },
    [htlcSpendInput(commitment, spend, ownerHtlcPrivateKey)],
    sign,
  );
};

export interface FundedHtlcs {
  readonly commitment: Commitment;
  /** All with the same lock time: the other has signed it. */
  readonly spends: readonly HtlcSpend[];
  readonly ownerHtlcPrivateKey: Uint8Array;
  /** Coins of one's own that pay the fee. */
  readonly coins: readonly Claim[];
  readonly changeScript: Uint8Array;
  readonly feeOf: FeeOf;
}

/**
 * HTLC transactions of a commitment with anchors in one, with coins that pay for it (BOLT 5, Generation of HTLC Transactions):
 * each HTLC's input and output are at the same place. `undefined` where the coins do not leave change above dust.
 */
export function fundHtlcTransactions(funded: FundedHtlcs): Transaction | undefined {
  const { commitment, spends, ownerHtlcPrivateKey, coins, changeScript, feeOf } = funded;
  const lockTimes = new Set(spends.map(({ output }) => htlcLockTime(output)));
  const [lockTime = 0] = lockTimes;
  if (commitment.parameters.format !== 'option_anchors' || lockTimes.size > 1) {
    throw new BoltgridError(
      'channel.htlc-transactions',
      'harness',
      'only HTLC transactions with anchors and with one lock time can be combined',
    );
  }
  return withChange(
    spends.map((spend) => htlcSpendInput(commitment, spend, ownerHtlcPrivateKey)),
    coins.map(claimInput),
    sum(coins),
    { lockTime, outputs: spends.map(({ output }) => htlcTransactionOutput(commitment, output)) },
    changeScript,
    feeOf,
  );
}

/** An input that waits for the rest of its transaction. */
interface PendingInput {
  readonly input: TransactionInput;
  readonly amountSat: bigint;
  readonly scriptCode: Uint8Array;
  readonly privateKey: Uint8Array | undefined;
  readonly lockTime: number;
  /** `signature` has its hash type; empty where there is no key. */
  readonly witness: (signature: Uint8Array) => readonly Uint8Array[];
}

function claimInput(claim: Claim): PendingInput {
  const { txid, vout, sequence, witnessScript, privateKey, afterSignature } = claim;
  const last = witnessScript ?? (privateKey && defaultCrypto.curve.publicKey(privateKey)) ?? EMPTY;
  return {
    input: { txid, vout, scriptSig: EMPTY, sequence, witness: [] },
    amountSat: claim.amountSat,
    scriptCode: witnessScript ?? keyHashScriptCode(claim.script),
    privateKey,
    lockTime: claim.lockTime,
    witness: (signature) => [...(privateKey ? [signature] : []), ...afterSignature, last],
  };
}

/** BIP 143: of a P2WPKH output, `OP_0 <20 bytes>`. */
const keyHashScriptCode = (script: Uint8Array): Uint8Array =>
  Uint8Array.of(0x76, 0xa9, 0x14, ...script.subarray(2), 0x88, 0xac);

function htlcSpendInput(
  commitment: Commitment,
  { output, otherSignature, payment_preimage }: HtlcSpend,
  ownerHtlcPrivateKey: Uint8Array,
): PendingInput {
  if ((output.kind === 'received_htlc') !== (payment_preimage !== undefined)) {
    throw new BoltgridError(
      'channel.htlc-transactions',
      'harness',
      'a received HTLC takes a preimage, an offered one does not',
    );
  }
  const other = witnessSignature(otherSignature, otherHashType(commitment.parameters.format));
  return {
    input: htlcInput(commitment, output),
    amountSat: output.amountSat,
    scriptCode: output.witnessScript,
    privateKey: ownerHtlcPrivateKey,
    lockTime: htlcLockTime(output),
    witness: (owner) => [EMPTY, other, owner, payment_preimage ?? EMPTY, output.witnessScript],
  };
}

type Frame = Pick<TransactionParts, 'lockTime' | 'outputs'>;

/** The fixed inputs pay for the frame's outputs; the rest of `availableSat`, from the others, is change. */
function withChange(
  fixed: readonly PendingInput[],
  others: readonly PendingInput[],
  availableSat: bigint,
  frame: Frame,
  script: Uint8Array,
  feeOf: FeeOf,
): Transaction | undefined {
  const inputs = [...fixed, ...others];
  const lockTime = Math.max(frame.lockTime, ...others.map((input) => input.lockTime));
  const paying = (amountSat: bigint): { lockTime: number; outputs: readonly TransactionOutput[] } => ({
    lockTime,
    outputs: [...frame.outputs, { amountSat, script }],
  });
  const { weight } = signAll(paying(0n), inputs, () => LONGEST_SIGNATURE);
  const changeSat = availableSat - feeOf(weight);
  if (changeSat < dustThresholdSat(script)) return undefined;
  return signAll(paying(changeSat), inputs, sign);
}

/** With its hash type, as BOLT 3 reckons; with a low S it has 72 bytes at most. */
const LONGEST_SIGNATURE = new Uint8Array(73);

type Sign = (hash: () => Uint8Array, privateKey: Uint8Array) => Uint8Array;

const sign: Sign = (hash, privateKey) =>
  witnessSignature(defaultCrypto.curve.sign(hash(), privateKey), SIGHASH_ALL);

function signAll(frame: Frame, inputs: readonly PendingInput[], signer: Sign): Transaction {
  const parts: TransactionParts = { version: 2, inputs: inputs.map(({ input }) => input), ...frame };
  const sighash = segwitV0Sighasher(parts);
  return makeTransaction({
    ...parts,
    inputs: inputs.map(({ input, scriptCode, amountSat, privateKey, witness }, i) => ({
      ...input,
      witness: witness(
        privateKey ? signer(() => sighash(i, scriptCode, amountSat, SIGHASH_ALL), privateKey) : EMPTY,
      ),
    })),
  });
}

const sum = (claims: readonly Claim[]): bigint =>
  claims.reduce((total, { amountSat }) => total + amountSat, 0n);
