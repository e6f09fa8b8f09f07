import { segwitV0Sighash, SIGHASH_ALL, SIGHASH_ANYONECANPAY, SIGHASH_SINGLE } from '../../bitcoin/sighash.ts';
import type { Transaction } from '../../bitcoin/transaction.ts';
import { equalBytes } from '../../core/bytes.ts';
import { defaultCrypto } from '../../crypto/crypto.ts';
import type { Commitment } from './commitment.ts';
import { completeFundingSpend, signFundingSpend, verifyFundingSpend } from './funding-spend.ts';
import { htlcTransaction } from './htlc-transactions.ts';
import type { HtlcOutput } from './outputs.ts';
import type { CommitmentFormat } from './types.ts';

/** `signature` of `commitment_signed`, `funding_created` or `funding_signed`: 64 bytes. */
export const signCommitment = (
  { transaction, parameters }: Commitment,
  fundingPrivateKey: Uint8Array,
): Uint8Array => signFundingSpend(transaction, parameters.funding, fundingPrivateKey);

/** Whether `signature`, 64 bytes, is `funding_pubkey`'s and has a low S. */
export const verifyCommitment = (
  { transaction, parameters }: Commitment,
  funding_pubkey: Uint8Array,
  signature: Uint8Array,
): boolean => verifyFundingSpend(transaction, parameters.funding, funding_pubkey, signature);

/** What its owner broadcasts. */
export function completeCommitment(
  { transaction, parameters: { funding, owner_funding_pubkey } }: Commitment,
  signatures: { readonly owner: Uint8Array; readonly other: Uint8Array },
): Transaction {
  const { owner, other } = signatures;
  const ownerFirst = equalBytes(funding.funding_pubkeys[0], owner_funding_pubkey);
  return completeFundingSpend(transaction, funding, ownerFirst ? [owner, other] : [other, owner]);
}

/**
 * `htlc_signature` of `commitment_signed`: the other's for every HTLC transaction, in order. `otherHtlcPrivateKey` is the one of
 * `other_htlcpubkey`.
 */
export const signHtlcs = (commitment: Commitment, otherHtlcPrivateKey: Uint8Array): readonly Uint8Array[] =>
  commitment.htlcOutputs.map((output) =>
    defaultCrypto.curve.sign(otherSighash(commitment, output), otherHtlcPrivateKey),
  );

/**
 * Which HTLC outputs have no good signature of the other: 64 bytes each, in order. More or fewer signatures than HTLCs is for
 * the caller to see.
 */
export const unsignedHtlcs = (
  commitment: Commitment,
  signatures: readonly Uint8Array[],
): readonly HtlcOutput[] =>
  commitment.htlcOutputs.filter((output, i) => {
    const signature = signatures[i];
    const { other_htlcpubkey } = commitment.parameters.keys;
    return (
      !signature || !defaultCrypto.curve.verify(signature, otherSighash(commitment, output), other_htlcpubkey)
    );
  });

/** BOLT 5, Generation of HTLC Transactions: with anchors others may add inputs and outputs, the owner's signature closes it. */
export const otherHashType = (format: CommitmentFormat): number =>
  format === 'option_anchors' ? SIGHASH_SINGLE | SIGHASH_ANYONECANPAY : SIGHASH_ALL;

const otherSighash = (commitment: Commitment, output: HtlcOutput): Uint8Array =>
  segwitV0Sighash(
    htlcTransaction(commitment, output),
    0,
    output.witnessScript,
    output.amountSat,
    otherHashType(commitment.parameters.format),
  );
