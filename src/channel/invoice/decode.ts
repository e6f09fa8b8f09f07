import { bech32 } from '@scure/base';
import { BoltgridError, messageOf } from '../../core/error.ts';
import { defaultCrypto } from '../../crypto/crypto.ts';
import { equalBytes } from '../../core/bytes.ts';
import { parseAmount } from './amount.ts';
import { TIMESTAMP_WORDS } from './encode.ts';
import { invoiceFault, type InvoiceFault } from './faults.ts';
import { readField } from './fields.ts';
import { fieldFaults } from './judge.ts';
import { checkSignature, SIGNATURE_WORDS, signedHash } from './signature.ts';
import type {
  FallbackAddress,
  FieldName,
  FieldValues,
  InvoiceField,
  RoutingHintHop,
  UnsignedInvoice,
} from './types.ts';
import { wordsToBytes, wordsToInteger } from './words.ts';

/** What an invoice says. Where a field comes twice, the first counts, as its writer prefers. */
export interface Invoice extends UnsignedInvoice {
  readonly payment_hash?: Uint8Array;
  readonly payment_secret?: Uint8Array;
  readonly description?: string;
  readonly description_hash?: Uint8Array;
  readonly payment_metadata?: Uint8Array;
  /** The `n` field, or the key recovered from the signature. */
  readonly payee?: Uint8Array;
  /** Seconds; 3600 unless stated. */
  readonly expiry: bigint;
  /** Blocks; 18 unless stated. */
  readonly min_final_cltv_expiry_delta: bigint;
  /** Most preferred first. */
  readonly fallback_addresses: readonly FallbackAddress[];
  /** Most preferred first. */
  readonly routing_hints: readonly (readonly RoutingHintHop[])[];
  /** Feature bits, lowest first. */
  readonly features: readonly number[];
  /** r, s and the recovery id: 65 bytes. */
  readonly signature: Uint8Array;
  /** What BOLT 11 does not allow about it. */
  readonly faults: readonly InvoiceFault[];
}

const CURRENCIES: readonly string[] = ['bc', 'tb', 'tbs', 'bcrt'];

const DEFAULT_EXPIRY = 3600n;
const DEFAULT_MIN_FINAL_CLTV_EXPIRY_DELTA = 18n;

/** Far more than fits a QR code or an onion: what is longer is not looked at. */
const MAX_LENGTH = 65_536;

/**
 * Reads an invoice, in lower or upper case, with whatever is wrong about it in `faults`.
 *
 * Throws `channel.invoice-form` (node) where there is nothing to read: no bech32 or a wrong checksum, no prefix `ln`, too short for its
 * parts, or over 65536 characters.
 */
export function decodeInvoice(text: string): Invoice {
  const { prefix, words } = decodeBech32(text);
  const [, currency = '', amount] = /^ln([^\d]*)(\d.*)?$/s.exec(prefix) ?? [];
  if (!prefix.startsWith('ln')) throw unreadable('the human-readable part does not begin with ln', text);
  const read = amount === undefined ? { faults: [] } : parseAmount(amount);
  const signatureAt = words.length - SIGNATURE_WORDS;
  if (signatureAt < TIMESTAMP_WORDS) throw unreadable('too short for a timestamp and a signature', text);
  const data = words.slice(0, signatureAt);
  const { fields, faults } = readFields(data.slice(TIMESTAMP_WORDS), text);
  const signature = wordsToBytes(words.slice(signatureAt)).bytes;
  const values = valuesOf(fields);
  const { payee, faults: signatureFaults } = checkSignature(
    signature,
    signedHash(prefix, data),
    values.payee,
  );
  const { amount_msat } = read;
  return {
    currency,
    ...(amount !== undefined && { amount }),
    ...(amount_msat !== undefined && { amount_msat }),
    timestamp: Number(wordsToInteger(data.slice(0, TIMESTAMP_WORDS))),
    fields,
    ...values,
    ...(payee !== undefined && { payee }),
    signature,
    faults: [
      ...(CURRENCIES.includes(currency)
        ? []
        : [invoiceFault('invoice.prefix', `the prefix is ln${currency}`)]),
      ...read.faults,
      ...faults,
      ...fieldFaults(fields),
      ...signatureFaults,
    ],
  };
}

/**
 * Reads an invoice that can be paid: throws as `decodeInvoice` does, and at the first rule for readers that is broken the code of its
 * fault (`invoice.signature`), charged to the node, with `details` { requirement, faults }.
 */
export function parseInvoice(text: string): Invoice {
  const invoice = decodeInvoice(text);
  const fault = invoice.faults.find(({ party }) => party === 'reader');
  if (fault === undefined) return invoice;
  const { code, message, requirement } = fault;
  throw new BoltgridError(code, 'node', message, { details: { requirement, faults: invoice.faults } });
}

/** Whether a description that came by another way is the one that the invoice's `h` field commits to. */
export const isDescribedBy = ({ description_hash }: Invoice, description: string): boolean =>
  description_hash !== undefined &&
  equalBytes(defaultCrypto.hashes.sha256(new TextEncoder().encode(description)), description_hash);

function decodeBech32(text: string): { readonly prefix: string; readonly words: readonly number[] } {
  if (text.length > MAX_LENGTH) throw unreadable(`${text.length} characters`, text);
  try {
    return bech32.decode(text, false);
  } catch (error) {
    throw unreadable(messageOf(error), text, error);
  }
}

function readFields(
  words: readonly number[],
  text: string,
): { readonly fields: InvoiceField[]; readonly faults: InvoiceFault[] } {
  const fields: InvoiceField[] = [];
  const faults: InvoiceFault[] = [];
  for (let at = 0; at < words.length;) {
    const [type = 0, high = 0, low = 0] = words.slice(at, at + 3);
    const end = at + 3 + high * 32 + low;
    if (end > words.length) throw unreadable(`the field of type ${type} is longer than what is left`, text);
    const read = readField(type, words.slice(at + 3, end));
    fields.push(read.field);
    faults.push(...read.faults);
    at = end;
  }
  return { fields, faults };
}

function valuesOf(fields: readonly InvoiceField[]) {
  const all = <N extends FieldName>(name: N): FieldValues[N][] =>
    fields.flatMap((field) => (field.name === name ? [field.value as FieldValues[N]] : []));
  const first = <N extends FieldName>(name: N): { readonly [K in N]?: FieldValues[K] } => {
    const [value] = all(name);
    return (value === undefined ? {} : { [name]: value }) as { readonly [K in N]?: FieldValues[K] };
  };
  return {
    ...first('payment_hash'),
    ...first('payment_secret'),
    ...first('description'),
    ...first('description_hash'),
    ...first('payment_metadata'),
    ...first('payee'),
    expiry: all('expiry')[0] ?? DEFAULT_EXPIRY,
    min_final_cltv_expiry_delta: all('min_final_cltv_expiry_delta')[0] ?? DEFAULT_MIN_FINAL_CLTV_EXPIRY_DELTA,
    fallback_addresses: all('fallback_address'),
    routing_hints: all('routing_hint'),
    features: all('features')[0] ?? [],
  };
}

function unreadable(why: string, text: string, cause?: unknown): BoltgridError {
  const details = { invoice: text.slice(0, 100), length: text.length };
  return new BoltgridError('channel.invoice-form', 'node', `not an invoice: ${why}`, { details, cause });
}
