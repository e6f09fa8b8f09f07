import { bigSizeWidth, readBigSize, writeBigSize } from './bigsize.ts';
import type { Reader } from './reader.ts';
import { formatShortChannelId, isShortChannelId, parseShortChannelId } from './short-channel-id.ts';
import type { Fundamental, ScidDirection } from './types.ts';
import type { Writer } from './writer.ts';

/** One type on the wire. `write` checks the value's form: it may come from JavaScript. */
export interface Codec {
  read(reader: Reader): unknown;
  write(writer: Writer, value: unknown): void;
  /** It reads all that is left, so nothing can follow it: only the last field of a TLV record can have it. */
  readonly unbounded?: true;
}

export const FUNDAMENTAL: { readonly [K in keyof Fundamental]: Codec } = {
  byte: unsigned(1),
  u8: unsigned(1),
  u16: unsigned(2),
  u32: unsigned(4),
  u64: {
    read: (reader) => reader.uint64(),
    write: (writer, value) => {
      writer.uint64(bigintWithin(writer, value, 0n, (1n << 64n) - 1n));
    },
  },
  s8: signed(1),
  s16: signed(2),
  s32: signed(4),
  s64: {
    read: (reader) => reader.int64(),
    write: (writer, value) => {
      writer.uint64(BigInt.asUintN(64, bigintWithin(writer, value, -(1n << 63n), (1n << 63n) - 1n)));
    },
  },
  tu16: truncated(2, Number, (writer, value) => BigInt(integerWithin(writer, value, 0, 0xffff))),
  tu32: truncated(4, Number, (writer, value) => BigInt(integerWithin(writer, value, 0, 0xffff_ffff))),
  tu64: truncated(
    8,
    (value) => value,
    (writer, value) => bigintWithin(writer, value, 0n, (1n << 64n) - 1n),
  ),
  bigsize: {
    read: readBigSize,
    write: (writer, value) => {
      const checked = bigintWithin(writer, value, 0n, (1n << 64n) - 1n);
      writeBigSize(writer, checked, bigSizeWidth(checked));
    },
  },
  chain_hash: fixedBytes(32),
  channel_id: fixedBytes(32),
  sha256: fixedBytes(32),
  'sha256[..4]': fixedBytes(4),
  signature: fixedBytes(64),
  bip340sig: fixedBytes(64),
  point: {
    read: readPoint,
    // A point is written as it is given, valid or not: a wrong value is sent in the ordinary way, only a wrong form is not.
    write: (writer, value) => {
      writer.bytes(bytesOf(writer, value, 33));
    },
  },
  short_channel_id: {
    read: (reader) => formatShortChannelId(reader.uint64()),
    write: writeShortChannelId,
  },
  sciddir_or_pubkey: { read: readScidDirOrPubkey, write: writeScidDirOrPubkey },
};

function fixedBytes(length: number): Codec {
  return {
    read: (reader) => reader.bytes(length),
    write: (writer, value) => {
      writer.bytes(bytesOf(writer, value, length));
    },
  };
}

function unsigned(width: 1 | 2 | 4): Codec {
  const largest = 2 ** (8 * width) - 1;
  return {
    read: (reader) => reader.uint(width),
    write: (writer, value) => {
      writer.uint(width, integerWithin(writer, value, 0, largest));
    },
  };
}

function signed(width: 1 | 2 | 4): Codec {
  const beyond = 2 ** (8 * width - 1);
  return {
    read: (reader) => reader.int(width),
    write: (writer, value) => {
      writer.uint(width, integerWithin(writer, value, -beyond, beyond - 1));
    },
  };
}

/** tu16, tu32, tu64 (BOLT 1): the last value of a TLV record, without its leading zeros. */
function truncated(
  width: number,
  fromBigint: (value: bigint) => number | bigint,
  checked: (writer: Writer, value: unknown) => bigint,
): Codec {
  return {
    unbounded: true,
    read: (reader) => {
      const at = reader.offset;
      const length = reader.remaining;
      if (length > width)
        reader.fail('wire.tlv-length', `${length} bytes for an integer of at most ${width}`);
      let value = 0n;
      for (const byte of reader.bytes(length)) {
        if (value === 0n && byte === 0)
          reader.fail('wire.non-minimal', 'a truncated integer begins with zero', at);
        value = (value << 8n) | BigInt(byte);
      }
      return fromBigint(value);
    },
    write: (writer, value) => {
      const integer = checked(writer, value);
      for (let shift = BigInt(8 * (width - 1)); shift >= 0n; shift -= 8n) {
        if (integer >> shift > 0n) writer.uint(1, Number((integer >> shift) & 0xffn));
      }
    },
  };
}

function readPoint(reader: Reader): Uint8Array {
  const at = reader.offset;
  const point = reader.bytes(33);
  // Only the compressed form is looked at: whether the point is on the curve is for who uses it.
  if (point[0] !== 2 && point[0] !== 3) reader.fail('wire.bad-value', 'not a compressed point', at);
  return point;
}

function writeShortChannelId(writer: Writer, value: unknown): void {
  if (typeof value !== 'string' || !isShortChannelId(value)) {
    const got = typeof value === 'string' ? value.slice(0, 40) : kindOf(value);
    writer.fail('wire.bad-value', `a short channel id like 539268x845x1 expected, got ${got}`);
  }
  writer.uint64(parseShortChannelId(value));
}

function readScidDirOrPubkey(reader: Reader): Uint8Array | ScidDirection {
  const first = reader.peek();
  if (first !== 0 && first !== 1) return readPoint(reader);
  const direction = reader.uint(1) === 0 ? 0 : 1;
  return { direction, short_channel_id: formatShortChannelId(reader.uint64()) };
}

function writeScidDirOrPubkey(writer: Writer, value: unknown): void {
  if (value instanceof Uint8Array) {
    FUNDAMENTAL.point.write(writer, value);
    return;
  }
  const { direction, short_channel_id } = (value ?? {}) as Partial<Record<keyof ScidDirection, unknown>>;
  writer.uint(1, integerWithin(writer, direction, 0, 1));
  writeShortChannelId(writer, short_channel_id);
}

export function bytesOf(writer: Writer, value: unknown, length?: number): Uint8Array {
  if (!(value instanceof Uint8Array))
    writer.fail('wire.bad-value', `a Uint8Array expected, got ${kindOf(value)}`);
  if (length !== undefined && value.length !== length) {
    writer.fail('wire.bad-value', `${length} bytes expected, got ${value.length}`);
  }
  return value;
}

function integerWithin(writer: Writer, value: unknown, least: number, largest: number): number {
  if (typeof value !== 'number' || !Number.isInteger(value)) {
    writer.fail('wire.bad-value', `an integer number expected, got ${kindOf(value)}`);
  }
  if (value < least || value > largest)
    writer.fail('wire.bad-value', `${value} is not within ${least} to ${largest}`);
  return value;
}

function bigintWithin(writer: Writer, value: unknown, least: bigint, largest: bigint): bigint {
  if (typeof value !== 'bigint') writer.fail('wire.bad-value', `a bigint expected, got ${kindOf(value)}`);
  if (value < least || value > largest) {
    writer.fail(
      'wire.bad-value',
      `${value.toString()} is not within ${least.toString()} to ${largest.toString()}`,
    );
  }
  return value;
}

function kindOf(value: unknown): string {
  if (value === null) return 'null';
  return typeof value === 'number' ? String(value) : `a value of type ${typeof value}`;
}
