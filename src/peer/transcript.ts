import { cleanText } from '../core/text.ts';
import { toHex } from '../core/bytes.ts';

/** One line of a case's transcript; the journal holds it as it is. */
export interface TranscriptEntry {
  readonly at: number;
  readonly link: number;
  readonly dir: 'in' | 'out' | 'note';
  readonly type?: number | undefined;
  readonly name?: string | undefined;
  readonly length?: number | undefined;
  readonly hex?: string | undefined;
  readonly fields?: unknown;
  readonly text?: string | undefined;
}

const KEPT_BYTES = 2048;
/** The first and the last messages of a long conversation tell most; what lies between is counted. */
const KEPT_HEAD = 150;
const KEPT_TAIL = 150;

/** Collects what was said on all connections of one case, in plaintext, bounded in size. */
export class Transcript {
  readonly #startedAt = performance.now();
  readonly #head: TranscriptEntry[] = [];
  readonly #tail: TranscriptEntry[] = [];
  #left = 0;
  #links = 0;

  /** A number for a new connection, in order of opening. */
  openLink(): number {
    return this.#links++;
  }

  note(link: number, text: string): void {
    this.#add({ at: this.#now(), link, dir: 'note', text: cleanText(text, 500) });
  }

  message(
    link: number,
    dir: 'in' | 'out',
    bytes: Uint8Array,
    decoded: { name?: string | undefined; fields?: unknown },
  ): void {
    const type = bytes.length >= 2 ? ((bytes[0] ?? 0) << 8) | (bytes[1] ?? 0) : undefined;
    this.#add({
      at: this.#now(),
      link,
      dir,
      ...(type !== undefined && { type }),
      ...(decoded.name !== undefined && { name: decoded.name }),
      length: bytes.length,
      hex: toHex(bytes.subarray(0, KEPT_BYTES)),
      ...(decoded.fields !== undefined && { fields: toJson(decoded.fields) }),
    });
  }

  entries(): TranscriptEntry[] {
    if (this.#left === 0) return [...this.#head, ...this.#tail];
    const gap: TranscriptEntry = {
      at: this.#tail[0]?.at ?? 0,
      link: -1,
      dir: 'note',
      text: `${this.#left} messages are left out here`,
    };
    return [...this.#head, gap, ...this.#tail];
  }

  #now(): number {
    return Math.round((performance.now() - this.#startedAt) * 10) / 10;
  }

  #add(entry: TranscriptEntry): void {
    if (this.#head.length < KEPT_HEAD) {
      this.#head.push(entry);
      return;
    }
    this.#tail.push(entry);
    if (this.#tail.length > KEPT_TAIL) {
      this.#tail.shift();
      this.#left++;
    }
  }
}

const SHOWN_BYTES = 256;
const SHOWN_ITEMS = 64;

/** Decoded fields and compared values as JSON: bigints as decimal strings, bytes as hex, long ones shortened, text cleaned. */
export function toJson(value: unknown, depth = 0): unknown {
  if (typeof value === 'bigint') return value.toString();
  if (typeof value === 'string') return cleanText(value);
  if (value instanceof Uint8Array) {
    const shown = toHex(value.subarray(0, SHOWN_BYTES));
    return value.length <= SHOWN_BYTES ? shown : `${shown}… (${value.length} bytes)`;
  }
  if (value === null || typeof value !== 'object') {
    return typeof value === 'function' || typeof value === 'symbol' || value === undefined
      ? String(value)
      : value;
  }
  if (depth > 8) return '…';
  if (value instanceof Error) return cleanText(value.message);
  if (value instanceof Set || Array.isArray(value)) {
    const items: unknown[] = [...value];
    const shown = items.slice(0, SHOWN_ITEMS).map((item) => toJson(item, depth + 1));
    return items.length <= SHOWN_ITEMS ? shown : [...shown, `… (${items.length} in all)`];
  }
  const entries =
    value instanceof Map
      ? [...value.entries()].map(([k, v]) => [String(k), v] as const)
      : Object.entries(value);
  return Object.fromEntries(
    entries
      .filter(([, field]) => field !== undefined)
      .slice(0, SHOWN_ITEMS)
      .map(([key, field]) => [cleanText(key, 200), toJson(field, depth + 1)]),
  );
}
