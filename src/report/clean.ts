import { cleanText } from '../core/text.ts';

/** Longer than the hex of the longest message that a transcript keeps (2 KiB). */
const TEXT_LIMIT = 8192;
const DEPTH_LIMIT = 24;

/**
 * A copy of plain data in which every string, keys too, is safe to show: no terminal codes, control or bidirectional-override
 * characters, no lone surrogates, bounded length. Applied to a whole report once, so that no format has to remember to.
 */
export const cleanData = <T>(data: T): T => clean(data, 0) as T;

function clean(data: unknown, depth: number): unknown {
  if (typeof data === 'string') return cleanText(data.replace(/\p{Surrogate}/gu, '\ufffd'), TEXT_LIMIT);
  if (data === null || typeof data !== 'object') return data;
  if (depth > DEPTH_LIMIT) return '…';
  if (Array.isArray(data)) return data.map((item) => clean(item, depth + 1));
  // `fromEntries` defines own properties: a key `__proto__` stays a key.
  return Object.fromEntries(
    Object.entries(data)
      .filter(([, value]) => value !== undefined)
      .map(([key, value]) => [clean(key, depth), clean(value, depth + 1)]),
  );
}
