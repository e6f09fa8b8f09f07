import { ScriptFailure } from './failure.ts';

/** Little endian, the highest bit is the sign; minimal. */
export function readNumber(bytes: Uint8Array, maxBytes: number): bigint {
  if (bytes.length > maxBytes) throw new ScriptFailure('Script number overflow');
  const [last = 0, beforeLast = 0] = [bytes.at(-1), bytes.at(-2)];
  if (bytes.length > 0 && (last & 0x7f) === 0 && (bytes.length === 1 || (beforeLast & 0x80) === 0)) {
    throw new ScriptFailure('Script number is not minimal');
  }
  const magnitude = bytes.reduceRight(
    (sum, byte, i) => sum * 256n + BigInt(i === bytes.length - 1 ? byte & 0x7f : byte),
    0n,
  );
  return (last & 0x80) === 0 ? magnitude : -magnitude;
}

/** A count that a script can see: never negative. */
export function writeNumber(value: number): Uint8Array {
  const bytes: number[] = [];
  for (let rest = value; rest > 0; rest >>>= 8) bytes.push(rest & 0xff);
  if ((bytes.at(-1) ?? 0) >= 0x80) bytes.push(0);
  return Uint8Array.from(bytes);
}
