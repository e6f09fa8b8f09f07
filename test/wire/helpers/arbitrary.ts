import fc from 'fast-check';
import { formatShortChannelId } from '../../../src/wire/short-channel-id.ts';
import type { FieldDefinitions, Fundamental, MessageTable } from '../../../src/wire/types.ts';

/** Ordinary objects, as the decoder gives. */
const PLAIN = { noNullPrototype: true } as const;

/** Random values of a list of fields, made from the definitions alone and not by way of the codec. */
export function fieldsArbitrary(
  data: FieldDefinitions,
  table: MessageTable,
): fc.Arbitrary<Record<string, unknown>> {
  const lengths = new Set(Object.values(data).map((type) => /^(.+)\*/.exec(type)?.[1]));
  const values = Object.entries(data).filter(([name]) => !lengths.has(name));
  return fc.record(
    Object.fromEntries(values.map(([name, type]) => [name, typeArbitrary(type, table)])),
    PLAIN,
  );
}

/** The fields of a message, with an extension now and then where the BOLT defines no stream. */
export function messageArbitrary(name: string, table: MessageTable): fc.Arbitrary<Record<string, unknown>> {
  const data = table.messages[name]?.data ?? {};
  const fields = fieldsArbitrary(data, table);
  if (Object.hasOwn(data, 'tlvs')) return fields;
  const extension = fc.record({ unknown: unknownRecords(new Set(), 1) }, PLAIN);
  return fc
    .tuple(fields, fc.option(extension, { nil: undefined }))
    .map(([values, tlvs]) => (tlvs === undefined ? values : { ...values, tlvs }));
}

/** The records of a stream, each there or not, and unknown odd ones. */
export function streamArbitrary(name: string, table: MessageTable): fc.Arbitrary<Record<string, unknown>> {
  const records = table.streams[name] ?? {};
  const known = fc.record(
    Object.fromEntries(
      Object.entries(records).map(([record, { data }]) => [record, fieldsArbitrary(data, table)]),
    ),
    { requiredKeys: [], ...PLAIN },
  );
  const types = new Set(Object.values(records).map(({ type }) => BigInt(type)));
  return fc
    .tuple(known, unknownRecords(types, 0))
    .map(([values, unknown]) => (unknown.length === 0 ? { ...values } : { ...values, unknown }));
}

function unknownRecords(
  known: ReadonlySet<bigint>,
  minLength: number,
): fc.Arbitrary<{ type: bigint; value: Uint8Array }[]> {
  const type = fc
    .oneof(fc.bigInt(0n, 200n), fc.bigInt(0n, (1n << 63n) - 1n))
    .map((half) => 2n * half + 1n)
    .filter((odd) => !known.has(odd));
  return fc
    .uniqueArray(fc.record({ type, value: bytes(0, 300) }, PLAIN), {
      minLength,
      maxLength: 3,
      selector: (r) => r.type,
    })
    .map((records) => records.sort((a, b) => (a.type < b.type ? -1 : 1)));
}

function typeArbitrary(type: string, table: MessageTable): fc.Arbitrary<unknown> {
  const [count, element] = type.split('*');
  if (count === undefined || element === undefined) return singleArbitrary(type, table);
  const fixed = /^\d+$/.test(count) ? Number(count) : undefined;
  const [least, most] = fixed === undefined ? [0, 40] : [fixed, fixed];
  if (element === 'byte') return bytes(least, most);
  if (element === 'utf8') return fc.string({ unit: 'binary', maxLength: most });
  return fc.array(singleArbitrary(element, table), {
    minLength: least,
    maxLength: Math.min(most, fixed ?? 4),
  });
}

function singleArbitrary(type: string, table: MessageTable): fc.Arbitrary<unknown> {
  const subtype = table.subtypes[type];
  if (subtype) return fieldsArbitrary(subtype, table);
  if (Object.hasOwn(FUNDAMENTAL, type)) return FUNDAMENTAL[type as keyof Fundamental];
  return streamArbitrary(Object.hasOwn(table.streams, type) ? type : type.replace(/^tlv_/, ''), table);
}

const bytes = (minLength: number, maxLength: number): fc.Arbitrary<Uint8Array> =>
  // fast-check's arrays have another prototype in a test's realm; a copy has ours.
  fc.uint8Array({ minLength, maxLength }).map((value) => Uint8Array.from(value));

const u64 = fc.oneof(fc.bigInt(0n, 300n), fc.bigInt(0n, (1n << 64n) - 1n));
const scid = u64.map(formatShortChannelId);
const point = fc.tuple(fc.constantFrom(2, 3), bytes(32, 32)).map(([sign, x]) => Uint8Array.of(sign, ...x));

const FUNDAMENTAL: { readonly [K in keyof Fundamental]: fc.Arbitrary<Fundamental[K]> } = {
  byte: fc.integer({ min: 0, max: 0xff }),
  u8: fc.integer({ min: 0, max: 0xff }),
  u16: fc.integer({ min: 0, max: 0xffff }),
  u32: fc.integer({ min: 0, max: 0xffff_ffff }),
  u64,
  s8: fc.integer({ min: -0x80, max: 0x7f }),
  s16: fc.integer({ min: -0x8000, max: 0x7fff }),
  s32: fc.integer({ min: -0x8000_0000, max: 0x7fff_ffff }),
  s64: fc.bigInt(-(1n << 63n), (1n << 63n) - 1n),
  tu16: fc.integer({ min: 0, max: 0xffff }),
  tu32: fc.integer({ min: 0, max: 0xffff_ffff }),
  tu64: u64,
  bigsize: u64,
  chain_hash: bytes(32, 32),
  channel_id: bytes(32, 32),
  sha256: bytes(32, 32),
  'sha256[..4]': bytes(4, 4),
  signature: bytes(64, 64),
  bip340sig: bytes(64, 64),
  point,
  short_channel_id: scid,
  sciddir_or_pubkey: fc.oneof(
    point,
    fc.record({ direction: fc.constantFrom<0 | 1>(0, 1), short_channel_id: scid }, PLAIN),
  ),
};
