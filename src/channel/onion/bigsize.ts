import { isBoltgridError } from '../../core/error.ts';
import { readBigSize, writeBigSize } from '../../wire/bigsize.ts';
import { Reader } from '../../wire/reader.ts';
import { Writer } from '../../wire/writer.ts';

export function bigSize(value: number): Uint8Array {
  const writer = new Writer(['length']);
  writeBigSize(writer, BigInt(value));
  return writer.finish();
}

/** The BigSize at the start of `bytes` and how many bytes it takes; `undefined` where there is none. */
export function leadingBigSize(
  bytes: Uint8Array,
): { readonly value: bigint; readonly width: number } | undefined {
  const reader = Reader.of(bytes, 'length');
  try {
    const value = readBigSize(reader);
    return { value, width: reader.offset };
  } catch (error) {
    if (isBoltgridError(error)) return undefined;
    throw error;
  }
}
