import { writeBigSize, type BigSizeWidth } from './bigsize.ts';
import { messageCodec } from './codec.ts';
import { MAX_MESSAGE_BYTES } from './errors.ts';
import type { MessageFields, MessageLengths, MessageName, MessageTable } from './types.ts';
import { Writer } from './writer.ts';

/** A TLV record as it is written, right or wrong. */
export interface RawRecord {
  readonly type: bigint;
  readonly value: Uint8Array;
  /** What its length says, where that is not the length of `value`. */
  readonly length?: bigint;
  /** Bytes that the type takes, where that is not the least. */
  readonly typeWidth?: BigSizeWidth;
  /** Bytes that the length takes, where that is not the least. */
  readonly lengthWidth?: BigSizeWidth;
}

/** What is wrong with a message. All that is given is done, in this order. */
export interface Malformation<M extends MessageTable, N extends MessageName<M>> {
  /** Another type number. */
  readonly type?: number;
  /**
   * Length fields that say something else than what follows, by name; those of subtypes and TLV records by path
   * (`witnesses.0.len`).
   */
  readonly lengths?: Readonly<
    Partial<Record<MessageLengths<M, N>, number>> & Record<`${string}.${string}`, number>
  >;
  /**
   * Records written after those of the fields, in the order given: unknown ones, odd or even; the type of an earlier one again; a
   * lower one; not minimal; longer than what is left.
   */
  readonly records?: readonly RawRecord[];
  /** Bytes after all of that. */
  readonly append?: Uint8Array;
  /** Only this many bytes are kept, the two of the type included. */
  readonly truncateTo?: number;
}

/**
 * A message with something wrong in its form.
 *
 *     malformed(bolts, 'ping', fields, { lengths: { byteslen: 9 } })
 *     malformed(bolts, 'init', fields, { records: [{ type: 200n, value: EMPTY }] })
 *
 * Throws as `encodeMessage` does, and `wire.bad-value` (harness) where the change itself cannot be made.
 */
export function malformed<M extends MessageTable, N extends MessageName<M>>(
  table: M,
  name: N,
  fields: MessageFields<M, N>,
  { type, lengths, records = [], append, truncateTo }: Malformation<M, N>,
): Uint8Array {
  const codec = messageCodec(table, name);
  const forced = Object.entries((lengths ?? {}) as Readonly<Record<string, number>>);
  const writer = new Writer([name], new Map(forced));
  writer.uint(2, wholeNumber(writer, 'type', type ?? codec.type, 0xffff));
  codec.fields.write(writer, fields);
  const [unused] = writer.lengths.keys();
  if (unused !== undefined) writer.fail('wire.unknown-field', `no length field ${unused} was written`);
  for (const record of records) writeRaw(writer, record);
  if (append !== undefined) writer.bytes(append);
  const message = writer.finish();
  if (message.length > MAX_MESSAGE_BYTES)
    writer.fail('wire.too-long', `${message.length} bytes cannot be sent`);
  if (truncateTo === undefined) return message;
  return message.slice(0, wholeNumber(writer, 'truncateTo', truncateTo, message.length - 1));
}

function wholeNumber(writer: Writer, what: string, value: number, largest: number): number {
  if (Number.isInteger(value) && value >= 0 && value <= largest) return value;
  return writer.fail('wire.bad-value', `${what} is ${value}, and must be within 0 to ${largest}`);
}

function writeRaw(writer: Writer, { type, value, length, typeWidth, lengthWidth }: RawRecord): void {
  writeBigSize(writer, type, typeWidth);
  writeBigSize(writer, length ?? BigInt(value.length), lengthWidth);
  writer.bytes(value);
}
