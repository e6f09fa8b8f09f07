import { describe, expect, test } from 'vitest';
import { fromHex, toHex } from '../../src/core/bytes.ts';
import { bolts } from '../../src/wire/bolts.ts';
import { decodeMessage, decodeTlvStream, encodeMessage, encodeTlvStream } from '../../src/wire/codec.ts';
import type { WireErrorCode } from '../../src/wire/errors.ts';
import { appendixB, errorOf, fixture, integers } from './helpers/vectors.ts';

interface Vectors {
  bigsize: Record<'decode' | 'encode', { name: string; value: string; bytes: string; exp_error?: string }[]>;
  tlv: {
    namespaces: ('n1' | 'n2')[];
    stream: string;
    valid: boolean;
    reason?: string;
    values?: string;
    explanation?: string;
  }[];
  extension: Record<'valid' | 'invalid', { message: string; comment: string }[]>;
  signed: { value: string; bytes: string }[];
}

const vectors = fixture('bolt01.json') as Vectors;

const typeOf = { bigsize: '0009', s8: '0001', s16: '0002', s32: '0004', s64: '0008' };

describe('Appendix A: BigSize', () => {
  test.each(vectors.bigsize.decode)('decodes $name', ({ value, bytes, exp_error }) => {
    const decode = () => decodeMessage(integers, fromHex(typeOf.bigsize + bytes));
    if (exp_error === undefined) {
      expect(decode()).toMatchObject({ name: 'bigsize', fields: { value: BigInt(value) } });
    } else {
      const code = exp_error.includes('canonical') ? 'wire.non-minimal' : 'wire.truncated';
      expect(errorOf(decode).code).toBe(code);
    }
  });

  test.each(vectors.bigsize.encode)('encodes $name', ({ value, bytes }) => {
    expect(toHex(encodeMessage(integers, 'bigsize', { value: BigInt(value) }))).toBe(typeOf.bigsize + bytes);
  });
});

/** Which kind of error a reason in the appendix is. */
const KINDS: readonly (readonly [RegExp, WireErrorCode])[] = [
  [/truncated|missing/, 'wire.truncated'],
  [/minimal/, 'wire.non-minimal'],
  [/unknown even/, 'wire.unknown-even-tlv'],
  [/than encoding length/, 'wire.tlv-length'],
  [/not a valid point/, 'wire.bad-value'],
  [/invalid ordering|duplicate/, 'wire.tlv-order'],
];

const streams = vectors.tlv.flatMap(({ namespaces, ...vector }) =>
  namespaces.map((namespace) => ({ namespace, ...vector })),
);
const validStreams = streams.filter(({ valid }) => valid);
const invalidStreams = streams.filter(({ valid }) => !valid);

describe('Appendix B: TLV', () => {
  test.each(invalidStreams)('$namespace refuses $stream: $reason', ({ namespace, stream, reason = '' }) => {
    const error = errorOf(() => decodeTlvStream(appendixB, namespace, fromHex(stream)));
    const kind = KINDS.find(([pattern]) => pattern.test(reason));
    expect(error.code).toBe(kind?.[1]);
    expect(error.blame).toBe('node');
    expect(error.details.path).toMatch(new RegExp(`^${namespace}`));
    expect(error.details.offset).toBeTypeOf('number');
  });

  test.each(validStreams)(
    '$namespace accepts $stream: $values$explanation',
    ({ namespace, stream, values }) => {
      const decoded = decodeTlvStream(appendixB, namespace, fromHex(stream));
      expect(textOf(decoded)).toBe(values ?? '');
      expect(toHex(encodeTlvStream(appendixB, namespace, decoded))).toBe(stream);
    },
  );

  test('an unknown odd record is kept', () => {
    expect(decodeTlvStream(appendixB, 'n1', fromHex('fd020103aabbcc'))).toEqual({
      unknown: [{ type: 0x201n, value: fromHex('aabbcc') }],
    });
  });

  test('any invalid stream after any valid one is refused', () => {
    for (const valid of validStreams) {
      for (const invalid of invalidStreams.filter(({ namespace }) => namespace === valid.namespace)) {
        const joined = fromHex(valid.stream + invalid.stream);
        expect(errorOf(() => decodeTlvStream(appendixB, valid.namespace, joined)).blame).toBe('node');
      }
    }
  });

  test('a valid stream of higher types after one of lower types is accepted', () => {
    const n1 = validStreams.filter(({ namespace, stream }) => namespace === 'n1' && stream !== '');
    const typeOfFirst = ({ stream }: { stream: string }): bigint => {
      const widths: Record<string, number> = { fd: 2, fe: 4, ff: 8 };
      const width = widths[stream.slice(0, 2)];
      return BigInt(`0x${width === undefined ? stream.slice(0, 2) : stream.slice(2, 2 + 2 * width)}`);
    };
    const pairs = n1.flatMap((low) =>
      n1.filter((high) => typeOfFirst(low) < typeOfFirst(high)).map((high) => low.stream + high.stream),
    );
    expect(pairs.length).toBeGreaterThan(50);
    for (const pair of pairs) {
      expect(toHex(encodeTlvStream(appendixB, 'n1', decodeTlvStream(appendixB, 'n1', fromHex(pair))))).toBe(
        pair,
      );
    }
  });
});

/** Known records as the appendix writes them: `tlv1 amount_msat=1`. */
function textOf(stream: object): string {
  return Object.entries(stream)
    .filter(([name]) => name !== 'unknown')
    .map(([name, fields]) => {
      const values = Object.entries(fields as Record<string, unknown>).map(
        ([field, value]) => `${field}=${value instanceof Uint8Array ? toHex(value) : String(value)}`,
      );
      return [name, ...values].join(' ');
    })
    .join(', ');
}

describe('Appendix C: extension', () => {
  test.each(vectors.extension.valid)('accepts $message: $comment', ({ message }) => {
    const decoded = decodeMessage(bolts, fromHex(message));
    if (decoded.name !== 'init') expect.unreachable('not an init');
    expect(toHex(encodeMessage(bolts, 'init', decoded.fields))).toBe(message);
  });

  test('keeps both unknown records', () => {
    expect(decodeMessage(bolts, fromHex('001000000000c9012acb0104'))).toMatchObject({
      fields: {
        tlvs: {
          unknown: [
            { type: 0xc9n, value: fromHex('2a') },
            { type: 0xcbn, value: fromHex('04') },
          ],
        },
      },
    });
  });

  const codes: Record<string, WireErrorCode> = {
    '00100000000001': 'wire.truncated',
    '001000000000ca012a': 'wire.unknown-even-tlv',
    '001000000000c90101c90102': 'wire.tlv-order',
  };
  test.each(vectors.extension.invalid)('refuses $message: $comment', ({ message }) => {
    const error = errorOf(() => decodeMessage(bolts, fromHex(message)));
    expect(error.code).toBe(codes[message]);
    expect(error.details.path).toMatch(/^init\.tlvs/);
  });
});

describe('Appendix D: signed integers', () => {
  test.each(vectors.signed)('$value is $bytes', ({ value, bytes }) => {
    const name = ({ 1: 's8', 2: 's16', 4: 's32', 8: 's64' } as const)[bytes.length / 2];
    if (name === undefined) expect.unreachable('a width that the appendix does not have');
    const message = typeOf[name] + bytes;
    const decoded = decodeMessage(integers, fromHex(message));
    expect(decoded).toMatchObject({
      name,
      fields: { value: name === 's64' ? BigInt(value) : Number(value) },
    });
    const encoded =
      name === 's64'
        ? encodeMessage(integers, name, { value: BigInt(value) })
        : encodeMessage(integers, name, { value: Number(value) });
    expect(toHex(encoded)).toBe(message);
  });
});
