import { parse } from 'lossless-json';

/**
 * JSON as a node writes it. Integers that a double cannot hold (amounts in msat, ids) become decimal strings, all others stay
 * numbers. A library does it, since Node 20 does not show a reviver the source text, and numbers cannot be found by
 * looking for digits without reading strings and escapes, too. Throws SyntaxError or RangeError (nested too deep).
 */
export const parseAnswer = (text: string): unknown =>
  parse(text, undefined, { parseNumber, onDuplicateKey: ({ newValue }) => newValue });

function parseNumber(source: string): number | string {
  const value = Number(source);
  return /^-?[0-9]+$/.test(source) && !Number.isSafeInteger(value) ? source : value;
}
