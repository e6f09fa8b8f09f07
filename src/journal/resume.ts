import { truncate } from 'node:fs/promises';
import { BoltgridError } from '../core/error.ts';
import { testKey } from '../matrix/plan.ts';
import type { CaseFinished, JournalEvent, JournalHeader } from './events.ts';
import { readJournalLines } from './reader.ts';

/** Where a run stands, as its journal tells it. */
export interface ResumePoint {
  readonly header: JournalHeader;
  /** Tests with a verdict that stands, by `testKey`. */
  readonly finished: ReadonlyMap<string, Pick<CaseFinished, 'cell' | 'case' | 'verdict'>>;
  /** What nodes were last started from, by id: `build` of their identity. */
  readonly builds: ReadonlyMap<string, string>;
  /** Attempts that count for nothing: started and never finished, or finished and to be run once more. */
  readonly dropped: number;
  /** Length of the journal without a torn last line. */
  readonly bytes: number;
}

/** Throws what `readJournalLines` throws. */
export async function readResumePoint(file: string): Promise<ResumePoint> {
  const progress = new Progress();
  let bytes = 0;
  for await (const { event, endByte } of readJournalLines(file)) {
    progress.accept(event);
    bytes = endByte;
  }
  return { ...progress.result(file), bytes };
}

/**
 * Prepares a journal to be continued: cuts a torn last line. The caller holds the folder's lock and appends `resumed`.
 * Throws `journal.other-plan` when the journal was written for another plan.
 */
export async function prepareResume(file: string, planHash: string): Promise<ResumePoint> {
  const point = await readResumePoint(file);
  if (point.header.planHash !== planHash) {
    throw new BoltgridError(
      'journal.other-plan',
      'user',
      `${file}: was written for another plan (${point.header.planHash.slice(0, 12)}, now ${planHash.slice(0, 12)})`,
      {
        hint: 'A suite, manifest, matrix, selection, seed or boltgrid itself has changed since: start a new run.',
      },
    );
  }
  await truncate(file, point.bytes);
  return point;
}

/** What of a resume point still counts when nodes are another build now: nothing of the cells that they are in. */
export function withoutRebuilt(
  { header, finished }: ResumePoint,
  rebuilt: readonly string[],
): ResumePoint['finished'] {
  const stale = new Set(
    header.cells.filter(({ nodes }) => nodes.some((node) => rebuilt.includes(node))).map(({ cell }) => cell),
  );
  return new Map([...finished].filter(([, { cell }]) => !stale.has(cell)));
}

/** Whether nothing more was to come of a test; what was not run has no verdict yet. */
const stands = ({ verdict, rerunFollows }: CaseFinished): boolean =>
  verdict !== 'not-run' && rerunFollows !== true;

class Progress {
  #header: JournalHeader | undefined;
  readonly #finished = new Map<string, Pick<CaseFinished, 'cell' | 'case' | 'verdict'>>();
  readonly #open = new Map<string, number>();
  readonly #builds = new Map<string, string>();

  accept(event: JournalEvent): void {
    switch (event.event) {
      case 'header':
        this.#header = event;
        break;
      case 'case-started':
        this.#finished.delete(testKey(event.cell, event.case));
        this.#open.set(testKey(event.cell, event.case), event.attempt);
        break;
      case 'case-finished':
        this.#finish(event);
        break;
      case 'resumed':
        this.#open.clear();
        break;
      case 'node-started':
        this.#builds.set(event.identity.id, event.identity.build);
        break;
      case 'noted':
      case 'footer':
        break;
    }
  }

  result(file: string): Omit<ResumePoint, 'bytes'> {
    if (!this.#header)
      throw new BoltgridError('journal.no-header', 'user', `${file}: the journal has no header`);
    return {
      header: this.#header,
      finished: this.#finished,
      builds: this.#builds,
      dropped: this.#open.size,
    };
  }

  #finish(event: CaseFinished): void {
    const key = testKey(event.cell, event.case);
    if (stands(event)) {
      this.#open.delete(key);
      this.#finished.set(key, { cell: event.cell, case: event.case, verdict: event.verdict });
    } else if (event.verdict !== 'not-run') {
      this.#open.set(key, event.attempt);
    }
  }
}
