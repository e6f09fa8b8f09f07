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
  if (typeof data === 'string')
    return capped(cleanText(data.replace(/\p{Surrogate}/gu, '\ufffd'), data.length));
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

/** The note on what was cut is within the limit, so that cleaning again changes nothing. */
function capped(text: string): string {
  if (text.length <= TEXT_LIMIT) return text;
  const kept = text.slice(0, TEXT_LIMIT - 40).replace(/\p{Surrogate}$/u, '');
  return `${kept}… (${text.length - kept.length} more characters)`;
}
