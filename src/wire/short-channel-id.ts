import { BoltgridError } from '../core/error.ts';

const PART_BITS = [24n, 24n, 16n] as const;

/** The 8-byte number as text, `block x transaction x output` (BOLT 7, Definition of `short_channel_id`): `539268x845x1`. */
export function formatShortChannelId(value: bigint): string {
  return `${value >> 40n}x${(value >> 16n) & 0xffffffn}x${value & 0xffffn}`;
}

const FORM = /^(0|[1-9]\d{0,7})x(0|[1-9]\d{0,7})x(0|[1-9]\d{0,4})$/;

/** Whether it is three decimal numbers, without leading zeros, that fit 24, 24 and 16 bits. */
export function isShortChannelId(text: string): boolean {
  const parts = FORM.exec(text)?.slice(1).map(BigInt);
  return parts?.every((part, i) => part < 1n << (PART_BITS[i] ?? 0n)) ?? false;
}

/** The reverse. Throws `wire.bad-value` (harness) on anything else. */
export function parseShortChannelId(text: string): bigint {
  if (!isShortChannelId(text)) {
    throw new BoltgridError('wire.bad-value', 'harness', `not a short channel id: ${text.slice(0, 40)}`, {
      hint: 'Write block, transaction index and output index as 539268x845x1.',
    });
  }
  return text.split('x').reduce((id, part, i) => (id << (PART_BITS[i] ?? 0n)) | BigInt(part), 0n);
}
