import { BoltgridError } from '../core/error.ts';

const PART_BITS = [24n, 24n, 16n] as const;

/** The 8-byte number as text, `block x transaction x output` (BOLT 7, Definition of `short_channel_id`): `539268x845x1`. */
export function formatShortChannelId(value: bigint): string {
  return `${value >> 40n}x${(value >> 16n) & 0xffffffn}x${value & 0xffffn}`;
}

/** The reverse. Throws `wire.bad-value` (harness) on anything but three decimal numbers that fit 24, 24 and 16 bits. */
export function parseShortChannelId(text: string): bigint {
  const match = /^(\d{1,8})x(\d{1,8})x(\d{1,5})$/.exec(text);
  const parts = match?.slice(1).map(BigInt);
  if (!parts?.every((part, i) => part < 1n << (PART_BITS[i] ?? 0n))) {
    throw new BoltgridError('wire.bad-value', 'harness', `not a short channel id: ${text.slice(0, 40)}`, {
      hint: 'Write block, transaction index and output index as 539268x845x1.',
    });
  }
  return parts.reduce((id, part, i) => (id << (PART_BITS[i] ?? 0n)) | part, 0n);
}
