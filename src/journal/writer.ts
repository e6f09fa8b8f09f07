import { open } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { BoltgridError, messageOf } from '../core/error.ts';
import { toHex } from '../core/bytes.ts';
import { journalEvent } from './events.ts';
import type { JournalEvent } from './events.ts';
import { explainLine } from './explain.ts';
import { JOURNAL_LIMITS } from './reader.ts';

/**
 * Appends events to a journal, one write each, in the order of the calls. What was written survives the end of the process,
 * however it ends. After a write that failed (`journal.write`, charged to the set-up) every later one fails alike, so that no
 * line can follow a torn one; what was written before is kept.
 */
export class JournalWriter {
  readonly file: string;
  readonly #handle: FileHandle;
  #last: Promise<void> = Promise.resolve();

  private constructor(file: string, handle: FileHandle) {
    this.file = file;
    this.#handle = handle;
  }

  /** `create` refuses a file that exists. Throws `journal.not-writable`. */
  static async open(file: string, mode: 'create' | 'continue'): Promise<JournalWriter> {
    try {
      return new JournalWriter(file, await open(file, mode === 'create' ? 'ax' : 'a'));
    } catch (error) {
      throw notWritable(file, error);
    }
  }

  /** Resolves when the event is in the file. Throws `journal.write`, or `journal.bad-event` for what no reader would accept. */
  async append(event: JournalEvent): Promise<void> {
    const line = encode(event);
    const written = this.#last.then(() => this.#write(line));
    this.#last = written;
    await written;
  }

  /** After the writes under way; a write that failed was already reported by its `append`. */
  async close(): Promise<void> {
    await this.#last.catch(() => undefined);
    await this.#handle.close();
  }

  async #write(line: string): Promise<void> {
    try {
      await this.#handle.appendFile(line);
    } catch (error) {
      throw cannotWrite(this.file, error);
    }
  }
}

function encode(event: JournalEvent): string {
  const line = JSON.stringify(event, asJson);
  const parsed = journalEvent.safeParse(JSON.parse(line));
  if (!parsed.success) {
    throw new BoltgridError(
      'journal.bad-event',
      'harness',
      `a ${event.event} event: ${explainLine(parsed.error, event)}`,
    );
  }
  if (Buffer.byteLength(line) > JOURNAL_LIMITS.lineBytes) {
    throw new BoltgridError(
      'journal.bad-event',
      'harness',
      `a ${event.event} event is larger than a line may be`,
    );
  }
  return `${line}\n`;
}

/** Values seen in a case are data of any kind: amounts become decimal strings, bytes become hex. */
function asJson(this: unknown, key: string, value: unknown): unknown {
  const original = (this as Record<string, unknown>)[key];
  if (typeof original === 'bigint') return original.toString();
  if (original instanceof Uint8Array) return toHex(original);
  return value;
}

const HINTS: Readonly<Record<string, string>> = {
  ENOSPC: 'The disk is full. Free some space and go on with --resume.',
  EDQUOT: 'The disk quota is used up. Free some space and go on with --resume.',
  EROFS: 'The file system is read-only. Choose another folder with --out.',
  EACCES: 'This user may not write there. Choose another folder with --out.',
  EPERM: 'This user may not write there. Choose another folder with --out.',
  ENOTDIR: 'A part of the path is a file, not a folder. Choose another folder with --out.',
  EEXIST: 'There is something of that name already. Choose another folder with --out.',
};

function withHint(error: unknown): { cause: unknown; hint?: string } {
  const hint = HINTS[(error as NodeJS.ErrnoException).code ?? ''];
  return hint === undefined ? { cause: error } : { cause: error, hint };
}

/** A folder or file of a run that cannot be made or opened. */
export function notWritable(path: string, error: unknown): BoltgridError {
  return new BoltgridError(
    'journal.not-writable',
    'setup',
    `${path}: cannot be written (${messageOf(error)})`,
    withHint(error),
  );
}

function cannotWrite(file: string, error: unknown): BoltgridError {
  const message = `${file}: the journal can no longer be written (${messageOf(error)}); what it holds so far is kept`;
  return new BoltgridError('journal.write', 'setup', message, withHint(error));
}
