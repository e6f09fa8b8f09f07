import { createReadStream } from 'node:fs';
import type { ReadStream } from 'node:fs';
import { BoltgridError, messageOf } from '../core/error.ts';
import { plannedTests, testKey } from '../matrix/plan.ts';
import { JOURNAL_VERSION, journalEvent } from './events.ts';
import type { JournalEvent, JournalHeader } from './events.ts';
import { explainLine } from './explain.ts';

export interface JournalLimits {
  readonly lineBytes: number;
  readonly journalBytes: number;
}

/** A line holds a whole transcript: two thousand messages of 2 KiB in hex are 8 MiB. */
export const JOURNAL_LIMITS: JournalLimits = { lineBytes: 64 * 1024 * 1024, journalBytes: 4 * 1024 ** 3 };

export interface JournalLine {
  readonly event: JournalEvent;
  /** Counted from 1. */
  readonly line: number;
  /** Offset of the first byte after the line and its newline. */
  readonly endByte: number;
}

/**
 * Reads a journal line by line, holding one line at a time. A line counts once its newline is there, so a torn last line
 * is passed over; whatever else is wrong ends the reading with a BoltgridError that names the line:
 * `journal.not-found`, `journal.unreadable`, `journal.too-large`, `journal.unknown-version`, `journal.bad-line`,
 * `journal.bad-order`, `journal.no-header`.
 */
export async function* readJournalLines(
  file: string,
  limits: JournalLimits = JOURNAL_LIMITS,
): AsyncGenerator<JournalLine, void, undefined> {
  const order = new OrderCheck(file);
  let line = 0;
  for await (const { bytes, endByte } of splitLines(file, limits)) {
    line += 1;
    const event = parseLine(file, line, bytes);
    order.accept(event, line);
    yield { event, line, endByte };
  }
  order.end();
}

/** All events of a journal. Errors as `readJournalLines`. */
export async function loadJournal(file: string, limits?: JournalLimits): Promise<JournalEvent[]> {
  const events: JournalEvent[] = [];
  for await (const { event } of readJournalLines(file, limits)) events.push(event);
  return events;
}

const NEWLINE = 0x0a;

interface ByteLine {
  readonly bytes: Uint8Array;
  readonly endByte: number;
}

async function* splitLines(file: string, limits: JournalLimits): AsyncGenerator<ByteLine, void, undefined> {
  let parts: Buffer[] = [];
  let partBytes = 0;
  let offset = 0;
  for await (const chunk of chunksOf(file)) {
    if (offset + chunk.length > limits.journalBytes) throw tooLarge(file, 'the journal', limits.journalBytes);
    let from = 0;
    for (let at = chunk.indexOf(NEWLINE); at !== -1; at = chunk.indexOf(NEWLINE, from)) {
      parts.push(chunk.subarray(from, at));
      if (partBytes + at - from > limits.lineBytes) throw tooLarge(file, 'a line', limits.lineBytes);
      from = at + 1;
      yield { bytes: Buffer.concat(parts), endByte: offset + from };
      parts = [];
      partBytes = 0;
    }
    if (from < chunk.length) parts.push(chunk.subarray(from));
    partBytes += chunk.length - from;
    offset += chunk.length;
    if (partBytes > limits.lineBytes) throw tooLarge(file, 'a line', limits.lineBytes);
  }
}

async function* chunksOf(file: string): AsyncGenerator<Buffer, void, undefined> {
  const stream: ReadStream = createReadStream(file, { highWaterMark: 256 * 1024 });
  try {
    for await (const chunk of stream) yield chunk as Buffer;
  } catch (error) {
    throw cannotRead(file, error);
  }
}

function cannotRead(file: string, error: unknown): BoltgridError {
  const missing = (error as NodeJS.ErrnoException).code === 'ENOENT';
  return missing
    ? new BoltgridError('journal.not-found', 'user', `${file}: there is no such journal`, { cause: error })
    : new BoltgridError('journal.unreadable', 'user', `${file}: cannot be read (${messageOf(error)})`, {
        cause: error,
      });
}

function tooLarge(file: string, what: string, bytes: number): BoltgridError {
  return new BoltgridError('journal.too-large', 'user', `${file}: ${what} is larger than ${bytes} bytes`);
}

function parseLine(file: string, line: number, bytes: Uint8Array): JournalEvent {
  const value = parseJson(file, line, bytes);
  refuseOtherVersion(file, value);
  const parsed = journalEvent.safeParse(value);
  if (!parsed.success) throw badLine(file, line, explainLine(parsed.error, value));
  return parsed.data;
}

function parseJson(file: string, line: number, bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (error) {
    throw badLine(file, line, 'not JSON', error);
  }
}

function refuseOtherVersion(file: string, value: unknown): void {
  if (typeof value !== 'object' || value === null || !('v' in value) || value.v === JOURNAL_VERSION) return;
  const version = JSON.stringify(value.v);
  throw new BoltgridError(
    'journal.unknown-version',
    'user',
    `${file}: the journal is of version ${version.slice(0, 40)}; this boltgrid reads version ${JOURNAL_VERSION}`,
    { hint: 'Use the boltgrid that wrote it, or a newer one.' },
  );
}

function badLine(file: string, line: number, why: string, cause?: unknown): BoltgridError {
  return new BoltgridError('journal.bad-line', 'user', `${file}:${line}: ${why}`, {
    details: { line },
    ...(cause === undefined ? {} : { cause }),
  });
}

/** One header and that first; after a footer only a resumption; no test that the header does not plan. */
class OrderCheck {
  readonly #file: string;
  #planned: ReadonlySet<string> | undefined;
  #ended = false;

  constructor(file: string) {
    this.#file = file;
  }

  accept(event: JournalEvent, line: number): void {
    if ((event.event === 'header') !== (this.#planned === undefined)) {
      throw this.#badOrder(
        line,
        this.#planned ? 'a second header' : `starts with ${event.event}, not with a header`,
      );
    }
    if (this.#ended && event.event !== 'resumed')
      throw this.#badOrder(line, `${event.event} after the footer`);
    if (event.event === 'header') this.#planned = plannedKeys(event);
    if (event.event === 'case-started' || event.event === 'case-finished') {
      const known = this.#planned?.has(testKey(event.cell, event.case));
      if (!known) throw this.#badOrder(line, `${event.event} of a test that the header does not plan`);
    }
    this.#ended = event.event === 'footer';
  }

  end(): void {
    if (this.#planned) return;
    throw new BoltgridError(
      'journal.no-header',
      'user',
      `${this.#file}: the journal ends before its header does`,
      {
        hint: 'The run ended before it began; start a new one.',
      },
    );
  }

  #badOrder(line: number, why: string): BoltgridError {
    return new BoltgridError('journal.bad-order', 'user', `${this.#file}:${line}: ${why}`, {
      details: { line },
    });
  }
}

function plannedKeys(header: JournalHeader): ReadonlySet<string> {
  return new Set(plannedTests(header).map((test) => testKey(test.cell.cell, test.case.id)));
}
