import { bech32 } from '@scure/base';
import { messageOf } from '../../core/error.ts';
import { defaultCrypto } from '../../crypto/crypto.ts';
import { formatAmount } from './amount.ts';
import { badValue } from './errors.ts';
import { fieldLetter, fieldWords } from './fields.ts';
import { signedHash } from './signature.ts';
import type { InvoiceField, UnsignedInvoice } from './types.ts';
import { bytesToWords, integerToWords } from './words.ts';

/** 35 bits. */
export const TIMESTAMP_WORDS = 7;

const MAX_FIELD_WORDS = 1023;

/** Makes the 65 bytes of a signature: r, s and the recovery id. */
export type InvoiceSigner = (hash: Uint8Array) => Uint8Array;

/** Signs as BOLT 11 wants it, with the key of the payee. */
export const signWith =
  (privateKey: Uint8Array): InvoiceSigner =>
  (hash) =>
    defaultCrypto.curve.signRecoverable(hash, privateKey);

/**
 * A BOLT 11 invoice. Fields are written in their order and are not judged: any invoice that has the form of one can be made.
 *
 * Throws `channel.invoice-value` (harness) where a value has no place in the form, and `wire.bad-value` for a short channel id.
 */
export function encodeInvoice(invoice: UnsignedInvoice, sign: InvoiceSigner): string {
  const prefix = `ln${invoice.currency}${amountText(invoice)}`;
  const { timestamp } = invoice;
  if (!Number.isSafeInteger(timestamp) || timestamp < 0 || timestamp >= 2 ** 35) {
    throw badValue(`a timestamp of ${timestamp} is not within 35 bits`);
  }
  const words = [
    ...integerToWords(BigInt(timestamp), TIMESTAMP_WORDS),
    ...invoice.fields.flatMap(taggedWords),
  ];
  const signature = bytesToWords(sign(signedHash(prefix, words)));
  try {
    return bech32.encode(prefix, [...words, ...signature], false);
  } catch (error) {
    throw badValue(`${prefix.slice(0, 40)} is no human-readable part: ${messageOf(error)}`);
  }
}

function amountText({ amount, amount_msat }: UnsignedInvoice): string {
  if (amount !== undefined) return amount;
  if (amount_msat === undefined) return '';
  if (amount_msat <= 0n) throw badValue(`an amount of ${amount_msat} msat`);
  return formatAmount(amount_msat);
}

function taggedWords(field: InvoiceField): number[] {
  const { type, words } = fieldWords(field);
  const inRange = words.every((word) => Number.isInteger(word) && word >= 0 && word < 32);
  if (!inRange || words.length > MAX_FIELD_WORDS || !Number.isInteger(type) || type < 0 || type > 31) {
    const name = field.name === undefined ? `type ${type}` : `field ${fieldLetter(field.name)}`;
    throw badValue(`${name} has ${words.length} words: at most ${MAX_FIELD_WORDS} of 5 bits fit`);
  }
  return [type, words.length >> 5, words.length & 31, ...words];
}
