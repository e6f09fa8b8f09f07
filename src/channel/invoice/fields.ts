import { concat, EMPTY } from '../../core/bytes.ts';
import { defaultCrypto } from '../../crypto/crypto.ts';
import { formatShortChannelId, parseShortChannelId } from '../../wire/short-channel-id.ts';
import { badValue } from './errors.ts';
import { isFallbackProgram } from './fallback.ts';
import { invoiceFault, type InvoiceFault } from './faults.ts';
import type { FieldName, FieldValues, InvoiceField, KnownField, RawField, RoutingHintHop } from './types.ts';
import {
  bitsToWords,
  bytesToWords,
  integerToWords,
  wordsToBits,
  wordsToBytes,
  wordsToInteger,
} from './words.ts';

/** What a field's data is read as: no value where it is to be skipped. */
interface Reading<V> {
  readonly value?: V;
  readonly faults: readonly InvoiceFault[];
}

interface FieldFormat<V> {
  readonly type: number;
  readonly letter: string;
  readonly read: (words: readonly number[]) => Reading<V>;
  readonly write: (value: V) => number[];
}

/** 1023 words. */
const MAX_FEATURE_BITS = 5 * 1023;

/** BOLT 11, Tagged Fields. */
const FORMATS: { readonly [N in FieldName]: FieldFormat<FieldValues[N]> } = {
  payment_hash: { type: 1, letter: 'p', ...fixedBytes('p', 52) },
  routing_hint: {
    type: 3,
    letter: 'r',
    read: readRoutingHint,
    write: (hops) => bytesToWords(concat(...hops.map(hintBytes))),
  },
  features: {
    type: 5,
    letter: '9',
    read: (words) => ({ value: wordsToBits(words), faults: minimal('9', words) }),
    write: (bits) => {
      if (!bits.every((bit) => Number.isInteger(bit) && bit >= 0 && bit < MAX_FEATURE_BITS)) {
        throw badValue(`feature bits are 0 to ${MAX_FEATURE_BITS - 1}`);
      }
      return bitsToWords(bits);
    },
  },
  expiry: { type: 6, letter: 'x', ...integer('x') },
  fallback_address: {
    type: 9,
    letter: 'f',
    read: readFallback,
    write: ({ version, program }) => [version, ...bytesToWords(program)],
  },
  description: {
    type: 13,
    letter: 'd',
    read: readDescription,
    write: (text) => bytesToWords(new TextEncoder().encode(text)),
  },
  payment_secret: { type: 16, letter: 's', ...fixedBytes('s', 52) },
  payee: { type: 19, letter: 'n', read: readPayee, write: bytesToWords },
  description_hash: { type: 23, letter: 'h', ...fixedBytes('h', 52) },
  min_final_cltv_expiry_delta: { type: 24, letter: 'c', ...integer('c') },
  payment_metadata: { type: 27, letter: 'm', read: (words) => readBytes('m', words), write: bytesToWords },
};

const NAMES = Object.keys(FORMATS) as FieldName[];
const NAME_OF_TYPE = new Map(NAMES.map((name) => [FORMATS[name].type, name]));

/** The letter that BOLT 11 calls a field by. */
export const fieldLetter = (name: FieldName): string => FORMATS[name].letter;

/** Type and data of a field as it is written. */
export function fieldWords(field: InvoiceField): {
  readonly type: number;
  readonly words: readonly number[];
} {
  if (field.name === undefined) return field;
  const { type, write } = FORMATS[field.name] as FieldFormat<unknown>;
  return { type, words: field.words ?? write(field.value) };
}

/** One field, known or raw. It writes the same words again. */
export function readField(
  type: number,
  words: readonly number[],
): { readonly field: InvoiceField; readonly faults: readonly InvoiceFault[] } {
  const raw: RawField = { name: undefined, type, words };
  const name = NAME_OF_TYPE.get(type);
  if (name === undefined) return { field: raw, faults: [] };
  const { read, write } = FORMATS[name] as FieldFormat<unknown>;
  const { value, faults } = read(words);
  if (value === undefined) return { field: raw, faults };
  const canonical = write(value);
  const same = canonical.length === words.length && canonical.every((word, i) => word === words[i]);
  return { field: { name, value, ...(same ? {} : { words }) } as KnownField, faults };
}

function readBytes(letter: string, words: readonly number[]): Reading<Uint8Array> {
  const { bytes, padded } = wordsToBytes(words);
  return {
    value: bytes,
    faults: padded ? [] : [invoiceFault('invoice.padding', `the padding of field ${letter}`)],
  };
}

function fixedBytes(letter: string, length: number): Pick<FieldFormat<Uint8Array>, 'read' | 'write'> {
  return {
    read: (words) =>
      words.length === length
        ? readBytes(letter, words)
        : {
            faults: [
              invoiceFault('invoice.field-length', `field ${letter} has a data_length of ${words.length}`),
            ],
          },
    write: bytesToWords,
  };
}

/** A key that is no point is no valid field: the payee is recovered then. */
function readPayee(words: readonly number[]): Reading<Uint8Array> {
  const reading = fixedBytes('n', 53).read(words);
  return reading.value !== undefined && defaultCrypto.curve.isPoint(reading.value)
    ? reading
    : { faults: reading.faults };
}

function integer(letter: string): Pick<FieldFormat<bigint>, 'read' | 'write'> {
  return {
    read: (words) => ({ value: wordsToInteger(words), faults: minimal(letter, words) }),
    write: (value) => {
      if (value < 0n) throw badValue(`field ${letter} is ${value}`);
      return integerToWords(value);
    },
  };
}

const minimal = (letter: string, words: readonly number[]): InvoiceFault[] =>
  words[0] === 0 ? [invoiceFault('invoice.non-minimal', `field ${letter} begins with 0`)] : [];

function readDescription(words: readonly number[]): Reading<string> {
  const { value = EMPTY, faults } = readBytes('d', words);
  const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(value);
  if (Buffer.from(text).equals(value)) return { value: text, faults };
  return { value: text, faults: [...faults, invoiceFault('invoice.utf8', 'the d field is no UTF-8')] };
}

/** `f` fields of unknown version are skipped. */
function readFallback(words: readonly number[]): Reading<FieldValues['fallback_address']> {
  const [version, ...data] = words;
  if (version === undefined || version > 18) return { faults: [] };
  const { value: program = EMPTY, faults } = readBytes('f', data);
  if (isFallbackProgram(version, program)) return { value: { version, program }, faults };
  const message = `version ${version} with ${program.length} bytes`;
  return { faults: [...faults, invoiceFault('invoice.fallback-address', message)] };
}

const HINT_LENGTH = 51;

function readRoutingHint(words: readonly number[]): Reading<RoutingHintHop[]> {
  const { value: bytes = EMPTY, faults } = readBytes('r', words);
  const count = bytes.length / HINT_LENGTH;
  if (count < 1 || !Number.isInteger(count)) {
    return {
      faults: [...faults, invoiceFault('invoice.routing-hint', `an r field of ${bytes.length} bytes`)],
    };
  }
  const value = Array.from({ length: count }, (_, i) =>
    hintOf(bytes.slice(i * HINT_LENGTH, (i + 1) * HINT_LENGTH)),
  );
  return { value, faults };
}

function hintOf(bytes: Uint8Array): RoutingHintHop {
  const view = new DataView(bytes.buffer);
  return {
    pubkey: bytes.slice(0, 33),
    short_channel_id: formatShortChannelId(view.getBigUint64(33)),
    fee_base_msat: view.getUint32(41),
    fee_proportional_millionths: view.getUint32(45),
    cltv_expiry_delta: view.getUint16(49),
  };
}

function hintBytes(hop: RoutingHintHop): Uint8Array {
  const { pubkey, fee_base_msat, fee_proportional_millionths, cltv_expiry_delta } = hop;
  const fits = (value: number, bits: number): boolean =>
    Number.isInteger(value) && value >= 0 && value < 2 ** bits;
  if (
    pubkey.length !== 33 ||
    !fits(fee_base_msat, 32) ||
    !fits(fee_proportional_millionths, 32) ||
    !fits(cltv_expiry_delta, 16)
  ) {
    throw badValue(`an entry of a routing hint does not fit its ${HINT_LENGTH} bytes`);
  }
  const bytes = new Uint8Array(HINT_LENGTH);
  const view = new DataView(bytes.buffer);
  bytes.set(pubkey);
  view.setBigUint64(33, parseShortChannelId(hop.short_channel_id));
  view.setUint32(41, fee_base_msat);
  view.setUint32(45, fee_proportional_millionths);
  view.setUint16(49, cltv_expiry_delta);
  return bytes;
}
