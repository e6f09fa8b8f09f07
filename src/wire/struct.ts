import { nearest } from '../core/text.ts';
import type { Codec } from './fundamental.ts';
import type { Reader } from './reader.ts';
import type { Writer } from './writer.ts';

export type Values = Readonly<Record<string, unknown>>;

/** A field that is a value of its own. */
interface PlainField {
  readonly kind: 'plain';
  readonly name: string;
  readonly codec: Codec;
  /** Left out of the values when no bytes are left, and written only when given: the extension of a message. */
  readonly optional: boolean;
}

/** A field that says how many elements `target` has. It is not among the values. */
interface LengthField {
  readonly kind: 'length';
  readonly name: string;
  readonly codec: Codec;
  readonly target: CountedField;
}

/** A field whose number of elements an earlier one gives. */
export interface CountedField {
  readonly kind: 'counted';
  readonly name: string;
  /** Name of the length field. */
  readonly length: string;
  readonly read: (reader: Reader, count: number) => unknown;
  readonly write: (writer: Writer, value: unknown) => void;
  /** How many elements a value has; fails when it is no such value. */
  readonly count: (writer: Writer, value: unknown) => number;
}

export type Field = PlainField | LengthField | CountedField;

export interface StructCodec {
  read(reader: Reader): Values;
  write(writer: Writer, value: unknown): void;
}

/** Fields one after the other. */
export function structCodec(fields: readonly Field[]): StructCodec {
  const valueNames = fields.filter((field) => field.kind !== 'length').map((field) => field.name);
  return {
    read: (reader) => readFields(fields, reader),
    write: (writer, value) => {
      writeFields(fields, writer, valuesOf(writer, value, valueNames));
    },
  };
}

function readFields(fields: readonly Field[], reader: Reader): Values {
  const values: Record<string, unknown> = {};
  const lengths: Record<string, number> = {};
  for (const field of fields) {
    reader.path.push(field.name);
    if (field.kind === 'length') {
      lengths[field.name] = Number(field.codec.read(reader));
    } else if (field.kind === 'counted') {
      values[field.name] = field.read(reader, lengths[field.length] ?? 0);
    } else if (!field.optional || reader.remaining > 0) {
      values[field.name] = field.codec.read(reader);
    }
    reader.path.pop();
  }
  return values;
}

function writeFields(fields: readonly Field[], writer: Writer, values: Values): void {
  for (const field of fields) {
    writer.path.push(field.name);
    if (field.kind === 'length') {
      writeLength(field, writer, values[field.target.name]);
    } else {
      const value = values[field.name];
      if (value !== undefined) {
        if (field.kind === 'counted') field.write(writer, value);
        else field.codec.write(writer, value);
      } else if (field.kind === 'counted' || !field.optional) {
        writer.fail('wire.missing-field', 'a value is missing');
      }
    }
    writer.path.pop();
  }
}

function writeLength({ codec, target }: LengthField, writer: Writer, value: unknown): void {
  const key = writer.path.slice(1).join('.');
  const forced = writer.lengths.get(key);
  writer.lengths.delete(key);
  const count = forced ?? (value === undefined ? 0 : target.count(writer, value));
  codec.write(writer, count);
}

/** The value as an object that has no field but those named. */
export function valuesOf(writer: Writer, value: unknown, names: readonly string[]): Values {
  if (typeof value !== 'object' || value === null || Array.isArray(value) || value instanceof Uint8Array) {
    writer.fail('wire.bad-value', 'an object of fields expected');
  }
  for (const name of Object.keys(value)) {
    if (names.includes(name)) continue;
    const meant = nearest(name, names);
    writer.path.push(name);
    writer.fail(
      'wire.unknown-field',
      meant === undefined
        ? `no such field; there are: ${names.join(', ') || 'none'}`
        : `no such field; is ${meant} meant?`,
    );
  }
  return value as Values;
}
