import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { toHex } from '../../src/core/bytes.ts';
import { isBoltgridError } from '../../src/core/error.ts';
import { bolt04Failures } from '../../src/wire/bolt04-failures.ts';
import { bolts } from '../../src/wire/bolts.ts';
import { decodeMessage, decodeTlvStream, encodeMessage, encodeTlvStream } from '../../src/wire/codec.ts';
import { WIRE_RULES } from '../../src/wire/errors.ts';
import type { MessageTable } from '../../src/wire/types.ts';
import { messageArbitrary, streamArbitrary } from './helpers/arbitrary.ts';

const tables: readonly (readonly [string, MessageTable])[] = [
  ['bolts', bolts],
  ['failures', bolt04Failures],
];
const messages = tables.flatMap(([, table]) =>
  Object.entries(table.messages).map(([name, { type }]) => ({ table, name, type })),
);
const streams = Object.keys(bolts.streams);
// The definitions are walked here as data, so without their types.
const anyBolts: MessageTable = bolts;

describe.each(messages)('$name', ({ table, name, type }) => {
  const arbitrary = messageArbitrary(name, table);

  test('values come back as they were given', () => {
    fc.assert(
      fc.property(arbitrary, (fields) => {
        const raw = encodeMessage(table, name, fields);
        expect(decodeMessage(table, raw)).toStrictEqual({ name, type, fields, raw });
      }),
      { numRuns: 40 },
    );
  });

  test('changed bytes are either refused as the node’s fault or come back as they were', () => {
    fc.assert(
      fc.property(arbitrary, edits, (fields, changes) => {
        const changed = changes.reduce(applyEdit, [...encodeMessage(table, name, fields)]);
        expectExactOrRefused(table, Uint8Array.from(changed));
      }),
      { numRuns: 60 },
    );
  });

  test('any bytes are either refused as the node’s fault or come back as they were', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 600 }), (bytes) => {
        expectExactOrRefused(table, Uint8Array.of(type >> 8, type & 0xff, ...bytes));
      }),
      { numRuns: 60 },
    );
  });
});

describe.each(streams)('stream %s', (name) => {
  test('records come back as they were given', () => {
    fc.assert(
      fc.property(streamArbitrary(name, bolts), (records) => {
        const bytes = encodeTlvStream(anyBolts, name, records);
        expect(decodeTlvStream(anyBolts, name, bytes)).toStrictEqual(records);
      }),
      { numRuns: 40 },
    );
  });

  test('changed bytes are either refused or come back as they were', () => {
    fc.assert(
      fc.property(streamArbitrary(name, bolts), edits, (records, changes) => {
        const changed = Uint8Array.from(
          changes.reduce(applyEdit, [...encodeTlvStream(anyBolts, name, records)]),
        );
        const decoded = unlessRefused(changed, () => decodeTlvStream(anyBolts, name, changed));
        if (decoded) expect(toHex(encodeTlvStream(anyBolts, name, decoded))).toBe(toHex(changed));
      }),
      { numRuns: 60 },
    );
  });
});

/** A byte overwritten, inserted or taken out, or the rest cut off. */
type Edit = readonly [kind: 'set' | 'insert' | 'remove' | 'cut', at: number, byte: number];

const edits = fc.array(
  fc.tuple(
    fc.constantFrom<Edit[0]>('set', 'insert', 'remove', 'cut'),
    fc.nat(2000),
    fc.oneof(fc.constantFrom(0, 1, 2, 0xfc, 0xfd, 0xfe, 0xff), fc.nat(255)),
  ),
  { minLength: 1, maxLength: 4 },
);

function applyEdit(bytes: number[], [kind, place, byte]: Edit): number[] {
  // The type stays, so that it is this message that is read.
  const at = 2 + (place % Math.max(1, bytes.length - 2));
  if (kind === 'set') return bytes.toSpliced(at, 1, byte);
  if (kind === 'insert') return bytes.toSpliced(at, 0, byte);
  return kind === 'remove' ? bytes.toSpliced(at, 1) : bytes.slice(0, at);
}

function expectExactOrRefused(table: MessageTable, bytes: Uint8Array): void {
  const decoded = unlessRefused(bytes, () => decodeMessage(table, bytes));
  if (decoded === undefined) return;
  if (decoded.name === undefined) {
    expect(decoded.payload).toStrictEqual(bytes.slice(2));
  } else {
    expect(toHex(encodeMessage(table, decoded.name, decoded.fields))).toBe(toHex(bytes));
  }
}

function unlessRefused<T>(bytes: Uint8Array, decode: () => T): T | undefined {
  try {
    return decode();
  } catch (error) {
    if (!isBoltgridError(error)) throw error;
    expect(error.blame).toBe('node');
    expect(Object.keys(WIRE_RULES)).toContain(error.code);
    const { path, offset, rule } = error.details;
    expect(path).toMatch(/^\w+/);
    expect(offset).toBeLessThanOrEqual(bytes.length);
    expect(rule).toMatch(/^BOLT \d/);
    return undefined;
  }
}
