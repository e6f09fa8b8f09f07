import type { Reader } from './reader.ts';
import type { Writer } from './writer.ts';

/** BigSize (BOLT 1, Appendix A): like Bitcoin's CompactSize, but big-endian. */
export function readBigSize(reader: Reader): bigint {
  const at = reader.offset;
  const first = reader.uint(1);
  if (first < 0xfd) return BigInt(first);
  if (first === 0xfd) return minimal(BigInt(reader.uint(2)), 0xfdn, reader, at);
  if (first === 0xfe) return minimal(BigInt(reader.uint(4)), 0x1_0000n, reader, at);
  return minimal(reader.uint64(), 0x1_0000_0000n, reader, at);
}

function minimal(value: bigint, least: bigint, reader: Reader, at: number): bigint {
  if (value < least) reader.fail('wire.non-minimal', `${value.toString()} has a shorter BigSize`, at);
  return value;
}

export type BigSizeWidth = 1 | 3 | 5 | 9;

export function bigSizeWidth(value: bigint): BigSizeWidth {
  if (value < 0xfdn) return 1;
  if (value < 0x1_0000n) return 3;
  return value < 0x1_0000_0000n ? 5 : 9;
}

/** `width` is the minimal one, save where a non-minimal form is sent on purpose. */
export function writeBigSize(writer: Writer, value: bigint, width = bigSizeWidth(value)): void {
  if (value < 0n || width < bigSizeWidth(value) || value >= 1n << 64n) {
    writer.fail('wire.bad-value', `${value.toString()} does not fit a BigSize of ${width} bytes`);
  }
  if (width === 1) {
    writer.uint(1, Number(value));
  } else if (width === 3) {
    writer.uint(1, 0xfd);
    writer.uint(2, Number(value));
  } else if (width === 5) {
    writer.uint(1, 0xfe);
    writer.uint(4, Number(value));
  } else {
    writer.uint(1, 0xff);
    writer.uint64(value);
  }
}
