import { BoltgridError } from '../core/error.ts';
import type { CaseFinished, JournalEvent, JournalHeader } from '../journal/events.ts';
import { testKey } from '../matrix/plan.ts';
import type { ReportRun } from './schema.ts';

type NodeStarted = Extract<JournalEvent, { event: 'node-started' }>;
type Noted = Extract<JournalEvent, { event: 'noted' }>;

/** A journal's events in the shape in which the report looks things up. */
export interface Gathered {
  readonly header: JournalHeader;
  readonly shards: readonly string[];
  readonly finished: ReportRun['finished'];
  readonly milliseconds: number | undefined;
  readonly starts: ReadonlyMap<string, readonly NodeStarted[]>;
  /** Attempts of each test by `testKey`, first to last. */
  readonly attempts: ReadonlyMap<string, readonly CaseFinished[]>;
  readonly notes: readonly Noted[];
}

/**
 * Accepts one journal, or several of the same plan one after the other (shards): each begins with its header.
 * Throws `report.no-header`, `report.mixed-plans`.
 */
export function gather(events: readonly JournalEvent[]): Gathered {
  const headers: JournalHeader[] = [];
  /** How each journal ended, in order of the headers; `undefined` while open. A resumed journal is open again. */
  const ends: (ReportRun['finished'] | undefined)[] = [];
  let milliseconds = 0;
  const starts = new Map<string, NodeStarted[]>();
  const attempts = new Map<string, CaseFinished[]>();
  const notes: Noted[] = [];
  for (const event of events) {
    if (event.event === 'header') {
      if (headers[0] && headers[0].planHash !== event.planHash) throw mixedPlans(headers[0], event);
      headers.push(event);
      ends.push(undefined);
      continue;
    }
    if (headers.length === 0) throw noHeader();
    switch (event.event) {
      case 'node-started':
        starts.set(event.identity.id, [...(starts.get(event.identity.id) ?? []), event]);
        break;
      case 'case-finished':
        addAttempt(attempts, event);
        break;
      case 'noted':
        notes.push(event);
        break;
      case 'resumed':
        ends[ends.length - 1] = undefined;
        break;
      case 'footer':
        ends[ends.length - 1] = event.reason;
        milliseconds += event.milliseconds;
        break;
      case 'case-started':
        break;
    }
  }
  const [header] = headers;
  if (!header) throw noHeader();
  const finished = worstEnd(ends);
  return {
    header,
    shards: headers.flatMap(({ shard }) => (shard === undefined ? [] : [shard])),
    finished,
    milliseconds: finished === 'unfinished' ? undefined : milliseconds,
    starts,
    attempts,
    notes,
  };
}

/** A test that was begun anew (after a resume) loses its later attempts. */
function addAttempt(attempts: Map<string, CaseFinished[]>, event: CaseFinished): void {
  const key = testKey(event.cell, event.case);
  const earlier = (attempts.get(key) ?? []).filter(({ attempt }) => attempt < event.attempt);
  attempts.set(key, [...earlier, event]);
}

const ENDS: readonly ReportRun['finished'][] = ['unfinished', 'fault', 'cancelled', 'fail-fast', 'complete'];

const worstEnd = (ends: readonly (ReportRun['finished'] | undefined)[]): ReportRun['finished'] =>
  ENDS.find((end) => ends.some((each) => (each ?? 'unfinished') === end)) ?? 'unfinished';

/** `1/3` and `3/3` are not the whole plan. A journal without a shard is. */
export function hasAllShards(shards: readonly string[]): boolean {
  const total = Number(shards[0]?.split('/')[1] ?? 0);
  return new Set(shards).size >= total;
}

const noHeader = (): BoltgridError =>
  new BoltgridError('report.no-header', 'user', 'the journal does not begin with a header', {
    hint: 'Give the journal.jsonl of a run.',
  });

const mixedPlans = (a: JournalHeader, b: JournalHeader): BoltgridError =>
  new BoltgridError('report.mixed-plans', 'user', `runs ${a.runId} and ${b.runId} are of different plans`, {
    hint: 'Only shards of one plan make one report; compare two runs with `boltgrid diff`.',
  });
