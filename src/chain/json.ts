import { BoltgridError, messageOf } from '../core/error.ts';

/**
 * Amounts in bitcoind's JSON are decimal numbers of bitcoins. A float cannot hold them all, so they are written from and read
 * to satoshis as text.
 */
export class Amount {
  readonly sat: bigint;

  constructor(sat: bigint) {
    this.sat = sat;
  }

  /** With eight digits after the point, as bitcoind prints it. */
  toString(): string {
    const digits = (this.sat < 0n ? -this.sat : this.sat).toString().padStart(9, '0');
    return `${this.sat < 0n ? '-' : ''}${digits.slice(0, -8)}.${digits.slice(-8)}`;
  }
}

export type Json =
  null | boolean | number | string | Amount | readonly Json[] | { readonly [key: string]: Json | undefined };

/** As `JSON.stringify`, with amounts as decimal numbers. */
export function toJson(value: Json): string {
  if (value instanceof Amount) return value.toString();
  if (Array.isArray(value)) return `[${value.map(toJson).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const members = Object.entries(value).flatMap(([key, member]) =>
    member === undefined ? [] : [`${JSON.stringify(key)}:${toJson(member)}`],
  );
  return `{${members.join(',')}}`;
}

const DECIMAL = /-?\d+(?:\.\d+(?:[eE][+-]?\d+)?|[eE][+-]?\d+)/g;

/** As `JSON.parse`, but numbers with a point or exponent stay text: read them with `satOf`. Throws `chain.bad-json`. */
export function parseJson(text: string): unknown {
  try {
    // Only text that is JSON is looked into for decimals.
    JSON.parse(text);
    return JSON.parse(quoteDecimals(text));
  } catch (cause) {
    throw new BoltgridError('chain.bad-json', 'setup', `not JSON: ${messageOf(cause)}`, { cause });
  }
}

/** Steps over strings by their quotes: whole blocks come as one string, too long for a regular expression to match. */
function quoteDecimals(text: string): string {
  const parts: string[] = [];
  let at = 0;
  while (at < text.length) {
    const open = text.indexOf('"', at);
    const end = open === -1 ? text.length : open;
    parts.push(text.slice(at, end).replace(DECIMAL, '"$&"'));
    at = open === -1 ? end : endOfString(text, open);
    parts.push(text.slice(end, at));
  }
  return parts.join('');
}

/** The index after the closing quote. */
function endOfString(text: string, open: number): number {
  let close = text.indexOf('"', open + 1);
  while (close !== -1 && isEscaped(text, close)) close = text.indexOf('"', close + 1);
  return close === -1 ? text.length : close + 1;
}

function isEscaped(text: string, quote: number): boolean {
  let backslashes = 0;
  while (text[quote - 1 - backslashes] === '\\') backslashes++;
  return backslashes % 2 === 1;
}

const BTC = /^(-?)(\d{1,8})(?:\.(\d{1,8}))?$/;

/** An amount of bitcoins (`0.00001000`, or a whole number) in satoshis. Throws `chain.bad-amount`. */
export function satOf(amount: unknown): bigint {
  const readable = typeof amount === 'string' || Number.isSafeInteger(amount);
  const match = readable ? BTC.exec(String(amount)) : null;
  if (!match)
    throw new BoltgridError(
      'chain.bad-amount',
      'setup',
      `not an amount of bitcoins: ${JSON.stringify(amount)}`,
    );
  const [, sign = '', whole = '0', fraction = ''] = match;
  const sat = BigInt(whole) * 100_000_000n + BigInt(fraction.padEnd(8, '0'));
  return sign === '-' ? -sat : sat;
}
