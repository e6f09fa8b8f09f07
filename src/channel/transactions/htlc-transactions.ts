import type { TransactionInput, TransactionOutput, TransactionParts } from '../../bitcoin/transaction.ts';
import { EMPTY } from '../../core/bytes.ts';
import type { Commitment } from './commitment.ts';
import { htlcTransactionFeeSat } from './fees.ts';
import type { HtlcOutput } from './outputs.ts';

/**
 * HTLC-timeout for an HTLC that the owner offered, HTLC-success for one that it received (BOLT 3), without witness and, with
 * anchors, without a fee.
 */
export const htlcTransaction = (commitment: Commitment, output: HtlcOutput): TransactionParts => ({
  version: 2,
  inputs: [htlcInput(commitment, output)],
  outputs: [htlcTransactionOutput(commitment, output)],
  lockTime: htlcLockTime(output),
});

export const htlcInput = ({ parameters }: Commitment, { txid, vout }: HtlcOutput): TransactionInput => ({
  txid,
  vout,
  scriptSig: EMPTY,
  sequence: parameters.format === 'option_anchors' ? 1 : 0,
  witness: [],
});

export const htlcTransactionOutput = (
  { parameters, specification, delayedScript }: Commitment,
  { htlc, amountSat }: HtlcOutput,
): TransactionOutput => ({
  amountSat: amountSat - htlcTransactionFeeSat(parameters.format, htlc, specification.feerate_per_kw),
  script: delayedScript,
});

export const htlcLockTime = ({ kind, htlc }: HtlcOutput): number =>
  kind === 'offered_htlc' ? htlc.cltv_expiry : 0;
