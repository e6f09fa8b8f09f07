import { equalBytes } from '../core/bytes.ts';

type Fields = Readonly<Record<string, unknown>>;

/** Whether a message has the fields that a step asks for. Values are compared whole, also where a report would shorten them. */
export function hasFields(fields: Fields, asked: Fields): boolean {
  return Object.entries(asked).every(([name, value]) => same(fields[name], value));
}

function same(a: unknown, b: unknown): boolean {
  if (a instanceof Uint8Array && b instanceof Uint8Array) return equalBytes(a, b);
  if (!isObject(a) || !isObject(b)) return Object.is(a, b);
  // An absent field and one that is `undefined` say the same.
  const names = new Set([...Object.keys(a), ...Object.keys(b)]);
  return Array.isArray(a) === Array.isArray(b) && [...names].every((name) => same(a[name], b[name]));
}

const isObject = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !(value instanceof Uint8Array);
