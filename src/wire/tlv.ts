import { readBigSize, writeBigSize } from './bigsize.ts';
import { bytesOf, type Codec } from './fundamental.ts';
import type { Reader } from './reader.ts';
import { valuesOf, type StructCodec, type Values } from './struct.ts';
import type { TlvRecord } from './types.ts';
import { Writer } from './writer.ts';

/** A record that the table knows. */
export interface KnownRecord {
  readonly name: string;
  readonly type: bigint;
  readonly struct: StructCodec;
}

/** A TLV stream (BOLT 1, Type-Length-Value Format); it takes all bytes that are left. */
export function streamCodec(known: readonly KnownRecord[]): Codec {
  const byType = new Map(known.map((record) => [record.type, record]));
  return {
    unbounded: true,
    read: (reader) => readStream(byType, reader),
    write: (writer, value) => {
      writeStream(known, byType, writer, value);
    },
  };
}

function readStream(byType: ReadonlyMap<bigint, KnownRecord>, reader: Reader): Values {
  const values: Record<string, unknown> = {};
  const unknown: TlvRecord[] = [];
  let last = -1n;
  while (reader.remaining > 0) {
    const at = reader.offset;
    const type = readBigSize(reader);
    if (type <= last) {
      reader.fail('wire.tlv-order', `record type ${type.toString()} comes after ${last.toString()}`, at);
    }
    last = type;
    const record = byType.get(type);
    reader.path.push(record?.name ?? type.toString());
    const length = readBigSize(reader);
    if (length > reader.remaining) {
      reader.fail(
        'wire.truncated',
        `a length of ${length.toString()}, ${reader.remaining} bytes are left`,
        at,
      );
    }
    if (record !== undefined) values[record.name] = readRecord(record, reader.record(Number(length)));
    else if (type % 2n === 0n)
      reader.fail('wire.unknown-even-tlv', `unknown even record type ${type.toString()}`, at);
    else unknown.push({ type, value: reader.bytes(Number(length)) });
    reader.path.pop();
  }
  if (unknown.length > 0) values.unknown = unknown;
  return values;
}

function readRecord({ struct }: KnownRecord, reader: Reader): Values {
  const values = struct.read(reader);
  if (reader.remaining > 0)
    reader.fail('wire.tlv-length', `${reader.remaining} bytes more than this record has`);
  return values;
}

function writeStream(
  known: readonly KnownRecord[],
  byType: ReadonlyMap<bigint, KnownRecord>,
  writer: Writer,
  value: unknown,
): void {
  const values = valuesOf(writer, value, [...known.map(({ name }) => name), 'unknown']);
  const records = [...knownRecords(known, writer, values), ...unknownRecords(byType, writer, values.unknown)];
  records.sort((a, b) => (a.type < b.type ? -1 : 1));
  for (const { type, value: content } of records) {
    writeBigSize(writer, type);
    writeBigSize(writer, BigInt(content.length));
    writer.bytes(content);
  }
}

function knownRecords(known: readonly KnownRecord[], writer: Writer, values: Values): TlvRecord[] {
  return known
    .filter(({ name }) => values[name] !== undefined)
    .map(({ name, type, struct }) => {
      writer.path.push(name);
      const content = new Writer(writer.path, writer.lengths);
      struct.write(content, values[name]);
      writer.path.pop();
      return { type, value: content.finish() };
    });
}

function unknownRecords(
  byType: ReadonlyMap<bigint, KnownRecord>,
  writer: Writer,
  given: unknown,
): readonly TlvRecord[] {
  if (given === undefined) return [];
  writer.path.push('unknown');
  if (!Array.isArray(given)) writer.fail('wire.bad-value', 'an array of { type, value } expected');
  const seen = new Set<bigint>();
  for (const record of given as readonly unknown[]) {
    const { type, value } = valuesOf(writer, record, ['type', 'value']);
    if (typeof type !== 'bigint') writer.fail('wire.bad-value', 'the type of an unknown record is a bigint');
    bytesOf(writer, value);
    const name = byType.get(type)?.name;
    if (name !== undefined)
      writer.fail('wire.bad-value', `type ${type.toString()} is known: give it as ${name}`);
    if (seen.has(type)) writer.fail('wire.tlv-order', `type ${type.toString()} twice`, BY_MALFORMED);
    if (type % 2n === 0n)
      writer.fail('wire.unknown-even-tlv', `type ${type.toString()} is even`, BY_MALFORMED);
    seen.add(type);
  }
  writer.path.pop();
  return given as readonly TlvRecord[];
}

const BY_MALFORMED = 'What a BOLT forbids is built with malformed().';
