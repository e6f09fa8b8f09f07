import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { JournalHeader } from './events.ts';
import { lockRunFolder } from './lock.ts';
import { prepareResume, withoutRebuilt } from './resume.ts';
import type { ResumePoint } from './resume.ts';
import { JournalWriter, notWritable } from './writer.ts';

export const JOURNAL_FILE = 'run.jsonl';

/** A run folder that this process alone writes, with its journal open at the end. */
export interface OpenRun {
  readonly journal: JournalWriter;
  /** Closes the journal and lets go of the folder. */
  readonly close: () => Promise<void>;
}

/** Makes the folder and begins its journal. Throws `journal.not-writable`, `journal.locked`, `journal.write`. */
export async function createRun(folder: string, header: JournalHeader): Promise<OpenRun> {
  await mkdir(folder, { recursive: true }).catch((error: unknown) => {
    throw notWritable(folder, error);
  });
  const { run } = await holding(folder, async () => {
    const journal = await JournalWriter.open(join(folder, JOURNAL_FILE), 'create');
    await appendFirst(journal, header);
    return { journal };
  });
  return run;
}

/**
 * Goes on with the journal of a folder: what was torn or unfinished is dropped, and noted as `resumed`, with the nodes of which
 * `rebuiltSince` says that they are another build now.
 * Throws what `createRun` throws, what reading throws, and `journal.other-plan`.
 */
export async function resumeRun(
  folder: string,
  planHash: string,
  rebuiltSince: (point: ResumePoint) => readonly string[] = () => [],
): Promise<OpenRun & { readonly point: ResumePoint }> {
  const file = join(folder, JOURNAL_FILE);
  const { run, result } = await holding(folder, async () => {
    const before = await prepareResume(file, planHash);
    const rebuilt = rebuiltSince(before);
    const point = { ...before, finished: withoutRebuilt(before, rebuilt) };
    const journal = await JournalWriter.open(file, 'continue');
    await appendFirst(journal, {
      event: 'resumed',
      at: new Date().toISOString(),
      dropped: point.dropped,
      ...(rebuilt.length > 0 && { rebuilt: [...rebuilt] }),
    });
    return { journal, point };
  });
  return { ...run, point: result.point };
}

async function appendFirst(
  journal: JournalWriter,
  event: Parameters<JournalWriter['append']>[0],
): Promise<void> {
  try {
    await journal.append(event);
  } catch (error) {
    await journal.close();
    throw error;
  }
}

async function holding<T extends { journal: JournalWriter }>(
  folder: string,
  openJournal: () => Promise<T>,
): Promise<{ run: OpenRun; result: T }> {
  const lock = await lockRunFolder(folder);
  try {
    const result = await openJournal();
    const close = async (): Promise<void> => {
      await result.journal.close();
      await lock.release();
    };
    return { run: { journal: result.journal, close }, result };
  } catch (error) {
    await lock.release();
    throw error;
  }
}
