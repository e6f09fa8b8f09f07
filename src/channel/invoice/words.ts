import { bech32 } from '@scure/base';

/** How many whole bytes are in so many 5-bit words. */
const wholeBytes = (words: number): number => Math.floor((words * 5) / 8);

const wordsFor = (bytes: number): number => Math.ceil((bytes * 8) / 5);

export const bytesToWords = (bytes: Uint8Array): number[] => bech32.toWords(bytes);

/** The whole bytes in 5-bit words; `padded` says whether the rest is less than a word and zero. */
export function wordsToBytes(words: readonly number[]): {
  readonly bytes: Uint8Array;
  readonly padded: boolean;
} {
  const length = wholeBytes(words.length);
  const used = words.slice(0, wordsFor(length));
  const padding = used.length * 5 - length * 8;
  const last = used.pop();
  if (last === undefined) return { bytes: new Uint8Array(0), padded: words.length === 0 };
  const cleared = (last >> padding) << padding;
  const bytes = bech32.fromWords([...used, cleared]);
  return { bytes, padded: cleared === last && words.length === used.length + 1 };
}

/** All the bits of 5-bit words, with zeros up to a whole byte: what a signature covers. */
export function wordsToPaddedBytes(words: readonly number[]): Uint8Array {
  const length = Math.ceil((words.length * 5) / 8);
  const filled = [...words, ...new Array<number>(wordsFor(length) - words.length).fill(0)];
  return bech32.fromWords(filled);
}

/** Big-endian, without leading zeros unless `length` asks for them; 0 has no word. */
export function integerToWords(value: bigint, length = 0): number[] {
  const words: number[] = [];
  for (let rest = value; rest > 0n; rest >>= 5n) words.unshift(Number(rest & 31n));
  while (words.length < length) words.unshift(0);
  return words;
}

export const wordsToInteger = (words: readonly number[]): bigint =>
  words.reduce((value, word) => (value << 5n) | BigInt(word), 0n);

/** Feature bits: bit 0 is the lowest of the last word. */
export function bitsToWords(bits: readonly number[]): number[] {
  const highest = bits.reduce((a, b) => Math.max(a, b), -1);
  const words = new Array<number>(Math.floor(highest / 5) + 1).fill(0);
  for (const bit of bits) {
    const at = words.length - 1 - Math.floor(bit / 5);
    words[at] = (words[at] ?? 0) | (1 << (bit % 5));
  }
  return words;
}

export const wordsToBits = (words: readonly number[]): number[] =>
  words
    .toReversed()
    .flatMap((word, i) => [0, 1, 2, 3, 4].filter((j) => (word >> j) & 1).map((j) => i * 5 + j));
