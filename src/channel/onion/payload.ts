import { isBoltgridError, type BoltgridError } from '../../core/error.ts';
import { readBigSize } from '../../wire/bigsize.ts';
import { bolt04 } from '../../wire/bolt04.ts';
import { bolts, type Bolts } from '../../wire/bolts.ts';
import { decodeTlvStream, encodeTlvStream } from '../../wire/codec.ts';
import { Reader } from '../../wire/reader.ts';
import type { TlvStream } from '../../wire/types.ts';
import type { Failure } from './failure.ts';

/** The records of BOLT 4's `payload`, by name. */
export type PaymentPayload = TlvStream<Bolts, 'payload'>;

export const encodePayload = (payload: PaymentPayload): Uint8Array =>
  encodeTlvStream(bolts, 'payload', payload);

export type InvalidPayload = Failure<'invalid_onion_payload'>;

/** Found in an onion: `payload` without its length, and how many bytes that length takes. */
export interface PayloadBytes {
  readonly payload: Uint8Array;
  readonly lengthWidth: number;
}

export type DecodedPayload =
  | { readonly kind: 'decoded'; readonly records: PaymentPayload }
  | { readonly kind: 'failed'; readonly failure: InvalidPayload };

/** The records of a payload, or the failure that names the record which cannot be read. */
export function decodePayload(bytes: PayloadBytes): DecodedPayload {
  try {
    return { kind: 'decoded', records: decodeTlvStream(bolts, 'payload', bytes.payload) };
  } catch (error) {
    if (!isBoltgridError(error)) throw error;
    return { kind: 'failed', failure: failureAt(bytes, error) };
  }
}

export type PayloadRecord = keyof typeof bolt04.streams.payload;

export const recordType = (name: PayloadRecord): bigint => BigInt(bolt04.streams.payload[name].type);

/** The failure that names a record which is missing, where the offset is 0, or must not be there. */
export function invalidPayload({ payload, lengthWidth }: PayloadBytes, type: bigint): InvalidPayload {
  const found = recordsOf(payload).find((record) => record.type === type);
  const offset = found === undefined ? 0 : lengthWidth + found.offset;
  return { name: 'invalid_onion_payload', fields: { type, offset } };
}

/** The types of all records, unknown ones last. */
export const typesIn = ({ unknown = [], ...known }: PaymentPayload): bigint[] => [
  ...(Object.keys(known) as PayloadRecord[]).map(recordType),
  ...unknown.map(({ type }) => type),
];

/** `offset` counts from the start of the decrypted bytes, which begin with the payload's length (BOLT 4, Failure Messages). */
function failureAt({ payload, lengthWidth }: PayloadBytes, error: BoltgridError): InvalidPayload {
  const { offset } = error.details as { readonly offset: number };
  const record = recordsOf(payload).findLast((candidate) => candidate.offset <= offset);
  const fields =
    record === undefined
      ? { type: 0n, offset: 0 }
      : { type: record.type, offset: lengthWidth + record.offset };
  return { name: 'invalid_onion_payload', fields };
}

/** Types and offsets of the records, as far as their headers can be read. */
function recordsOf(payload: Uint8Array): { readonly type: bigint; readonly offset: number }[] {
  const reader = Reader.of(payload, 'payload');
  const records: { readonly type: bigint; readonly offset: number }[] = [];
  try {
    while (reader.remaining > 0) {
      const offset = reader.offset;
      records.push({ type: readBigSize(reader), offset });
      reader.bytes(Number(readBigSize(reader)));
    }
  } catch (error) {
    if (!isBoltgridError(error)) throw error;
  }
  return records;
}
