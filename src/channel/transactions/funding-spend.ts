import { derSignature } from '../../bitcoin/der.ts';
import { segwitV0Sighash, SIGHASH_ALL } from '../../bitcoin/sighash.ts';
import {
  makeTransaction,
  type Transaction,
  type TransactionInput,
  type TransactionParts,
} from '../../bitcoin/transaction.ts';
import { concat, EMPTY, equalBytes } from '../../core/bytes.ts';
import { defaultCrypto } from '../../crypto/crypto.ts';
import { fundingWitnessScript, sortPubkeys } from './scripts.ts';
import type { Funding } from './types.ts';

/** Commitment and closing transactions alike spend a funding output alone, with both sides' signatures. */

export const fundingInput = ({ txid, output_index }: Funding, sequence: number): TransactionInput => ({
  txid,
  vout: output_index,
  scriptSig: EMPTY,
  sequence,
  witness: [],
});

/** 64 bytes r || s, as messages carry it. */
export const signFundingSpend = (
  tx: TransactionParts,
  funding: Funding,
  fundingPrivateKey: Uint8Array,
): Uint8Array => defaultCrypto.curve.sign(fundingSighash(tx, funding), fundingPrivateKey);

/** Whether `signature`, 64 bytes, is `funding_pubkey`'s and has a low S. */
export const verifyFundingSpend = (
  tx: TransactionParts,
  funding: Funding,
  funding_pubkey: Uint8Array,
  signature: Uint8Array,
): boolean => defaultCrypto.curve.verify(signature, fundingSighash(tx, funding), funding_pubkey);

/** The transaction with its witness. `signatures` are in the order of `funding_pubkeys`. */
export function completeFundingSpend(
  tx: TransactionParts,
  funding: Funding,
  signatures: readonly [Uint8Array, Uint8Array],
): Transaction {
  const [first] = sortPubkeys(funding.funding_pubkeys);
  const ordered = equalBytes(first, funding.funding_pubkeys[0]) ? signatures : [...signatures].reverse();
  const witness = [
    EMPTY,
    ...ordered.map((signature) => witnessSignature(signature, SIGHASH_ALL)),
    fundingWitnessScript(funding.funding_pubkeys),
  ];
  return makeTransaction({ ...tx, inputs: tx.inputs.map((input) => ({ ...input, witness })) });
}

/** A compact signature as a witness has it: DER, and the hash type. */
export const witnessSignature = (compact: Uint8Array, hashType: number): Uint8Array =>
  concat(derSignature(compact), Uint8Array.of(hashType));

const fundingSighash = (tx: TransactionParts, { funding_pubkeys, funding_satoshis }: Funding): Uint8Array =>
  segwitV0Sighash(tx, 0, fundingWitnessScript(funding_pubkeys), funding_satoshis, SIGHASH_ALL);
