import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { bolt04Failures } from '../../src/wire/bolt04-failures.ts';
import { bolts } from '../../src/wire/bolts.ts';
import { FEATURES } from '../../src/wire/features.ts';
import type { MessageTable } from '../../src/wire/types.ts';
import { readFeatureTable, readSpec } from './helpers/spec-definitions.ts';
import { appendixB } from './helpers/vectors.ts';

const folder = fileURLToPath(new URL('../../../shared/spec/bolts', import.meta.url));
const present = existsSync(folder);
if (!present) console.warn(`skipped: no checkout of the BOLTs at ${folder}`);

describe.skipIf(!present)('the definitions are those of the BOLTs', () => {
  const spec = present ? readSpec(folder) : undefined;
  if (spec === undefined) return;

  test('every message: name, type number, fields in order, field types', () => {
    const numbered = [...spec.messages].filter((message) => !isFailure(message));
    expect(listed(bolts.messages)).toEqual(
      sorted(numbered.map(([name, m]) => [name, Number(m.type), m.data])),
    );
  });

  test('every failure message of BOLT 4', () => {
    const failures = [...spec.messages].filter(isFailure);
    expect(listed(bolt04Failures.messages)).toEqual(
      sorted(failures.map(([name, m]) => [name, failureCode(m.type), m.data])),
    );
  });

  test('every TLV stream: records in order, type numbers, fields in order, field types', () => {
    const streams: MessageTable['streams'] = { ...bolts.streams, ...appendixB.streams };
    const defined = Object.entries(streams).map(([name, records]) => [
      name,
      Object.entries(records).map(([record, { type, data }]) => [record, type, Object.entries(data)]),
    ]);
    const written = [...spec.streams].map(([name, records]) => [
      name,
      [...records].map(([record, { type, data }]) => [record, Number(type), data]),
    ]);
    expect(sorted(defined)).toEqual(sorted(written));
  });

  test('every subtype', () => {
    const defined = Object.entries(bolts.subtypes).map(([name, data]) => [name, Object.entries(data)]);
    expect(sorted(defined)).toEqual(sorted([...spec.subtypes]));
  });

  test('nothing else in the text looks like a definition', () => {
    // Structures within onions, and the packet of a returned error, which has no name.
    expect(spec.unnumbered).toEqual([
      'onion_packet',
      'hop_payloads',
      '',
      'onion_message_packet',
      'onionmsg_payloads',
    ]);
    // The form of a TLV record itself.
    expect(spec.stray).toEqual(['* [`bigsize`: `type`]', '* [`bigsize`: `length`]', '* [`length`: `value`]']);
  });

  test('every feature of BOLT 9', () => {
    const defined = Object.entries(FEATURES).map(([name, { even, contexts, dependencies, assumed }]) => ({
      name,
      bits: `${even}/${even + 1}`,
      assumed,
      contexts,
      dependencies,
    }));
    const written = readFeatureTable(folder).map(({ description, ...feature }) => ({
      ...feature,
      assumed: description === 'ASSUMED',
    }));
    expect(defined).toEqual(written);
  });
});

/** Failure codes are written with flags, save these. */
const FAILURES_WITHOUT_FLAGS = [
  'final_incorrect_cltv_expiry',
  'final_incorrect_htlc_amount',
  'expiry_too_far',
  'mpp_timeout',
];

function isFailure([name, { type }]: readonly [string, { type: string }]): boolean {
  return type.includes('|') || FAILURES_WITHOUT_FLAGS.includes(name);
}

function failureCode(type: string): number {
  const flags: Record<string, number> = { BADONION: 0x8000, PERM: 0x4000, NODE: 0x2000, UPDATE: 0x1000 };
  return type.split('|').reduce((code, part) => code | (flags[part] ?? Number(part)), 0);
}

function listed(messages: MessageTable['messages']): unknown[] {
  return sorted(Object.entries(messages).map(([name, { type, data }]) => [name, type, Object.entries(data)]));
}

function sorted<T>(rows: readonly T[]): T[] {
  return [...rows].sort((a, b) => (String(a) < String(b) ? -1 : 1));
}
