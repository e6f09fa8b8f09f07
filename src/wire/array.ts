import { bytesOf, type Codec } from './fundamental.ts';
import type { Reader } from './reader.ts';
import type { CountedField } from './struct.ts';
import type { Writer } from './writer.ts';

/** Several values of one type: what a type like `len*byte` is, whatever gives the number. */
export interface Sequence {
  readonly read: (reader: Reader, count: number) => unknown;
  readonly write: (writer: Writer, value: unknown) => void;
  readonly count: (writer: Writer, value: unknown) => number;
  /** Reads all that is left. */
  readonly readRest: (reader: Reader) => unknown;
}

const DECODER = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const ENCODER = new TextEncoder();

export const BYTES: Sequence = {
  read: (reader, count) => reader.bytes(count),
  readRest: (reader) => reader.bytes(reader.remaining),
  write: (writer, value) => {
    writer.bytes(bytesOf(writer, value));
  },
  count: (writer, value) => bytesOf(writer, value).length,
};

export const TEXT: Sequence = {
  read: readText,
  readRest: (reader) => readText(reader, reader.remaining),
  write: (writer, value) => {
    writer.bytes(encodeText(writer, value));
  },
  count: (writer, value) => encodeText(writer, value).length,
};

/** `element` takes at least one byte, so a count is never more than the bytes that are there. */
export function arrayOf(element: Codec): Sequence {
  const readWhile = (reader: Reader, more: (have: number) => boolean): unknown[] => {
    const values: unknown[] = [];
    while (more(values.length)) {
      reader.path.push(String(values.length));
      values.push(element.read(reader));
      reader.path.pop();
    }
    return values;
  };
  return {
    read: (reader, count) => readWhile(reader, (have) => have < count),
    readRest: (reader) => readWhile(reader, () => reader.remaining > 0),
    write: (writer, value) => {
      elements(writer, value).forEach((item, i) => {
        writer.path.push(String(i));
        element.write(writer, item);
        writer.path.pop();
      });
    },
    count: (writer, value) => elements(writer, value).length,
  };
}

/** `20*u32` */
export function fixedArray(sequence: Sequence, count: number): Codec {
  return {
    read: (reader) => sequence.read(reader, count),
    write: (writer, value) => {
      const got = sequence.count(writer, value);
      if (got !== count) writer.fail('wire.bad-value', `${count} elements expected, got ${got}`);
      sequence.write(writer, value);
    },
  };
}

/** `len*signature` */
export function countedField(name: string, length: string, sequence: Sequence): CountedField {
  return { kind: 'counted', name, length, read: sequence.read, write: sequence.write, count: sequence.count };
}

/** `...*byte` */
export function restOf(sequence: Sequence): Codec {
  return { unbounded: true, read: sequence.readRest, write: sequence.write };
}

function readText(reader: Reader, length: number): string {
  const at = reader.offset;
  const bytes = reader.bytes(length);
  try {
    return DECODER.decode(bytes);
  } catch {
    // BOLT 1: a reader may reject what is no valid UTF-8.
    return reader.fail('wire.bad-value', 'not valid UTF-8', at);
  }
}

function encodeText(writer: Writer, value: unknown): Uint8Array {
  if (typeof value !== 'string') writer.fail('wire.bad-value', `a string expected, got ${typeof value}`);
  // Halves of surrogate pairs have no UTF-8; the encoder would put a replacement character in their place.
  if (/\p{Surrogate}/u.test(value)) writer.fail('wire.bad-value', 'the string has half a surrogate pair');
  return ENCODER.encode(value);
}

function elements(writer: Writer, value: unknown): readonly unknown[] {
  if (!Array.isArray(value)) writer.fail('wire.bad-value', `an array expected, got ${typeof value}`);
  return value as readonly unknown[];
}
