import { BoltgridError } from '../core/error.ts';
import type { CaseFinished, JournalEvent, JournalHeader } from '../journal/events.ts';
import { testKey } from '../matrix/plan.ts';
import type { ReportRun } from './schema.ts';

export type NodeStarted = Extract<JournalEvent, { event: 'node-started' }>;
type Noted = Extract<JournalEvent, { event: 'noted' }>;

/** A journal's events in the shape in which the report looks things up. */
export interface Gathered {
  readonly header: JournalHeader;
  readonly shards: readonly string[];
  readonly finished: ReportRun['finished'];
  readonly milliseconds: number | undefined;
  /** By node id, first to last. */
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
  const standing = new Standing();
  const notes: Noted[] = [];
  for (const event of events) {
    if (event.event === 'header') {
      if (headers[0] && headers[0].planHash !== event.planHash) throw mixedPlans(headers[0], event);
      headers.push(event);
      ends.push(undefined);
      standing.begin(event);
      continue;
    }
    if (headers.length === 0) throw noHeader();
    switch (event.event) {
      case 'node-started':
        standing.start(event);
        break;
      case 'case-finished':
        standing.finish(event);
        break;
      case 'noted':
        notes.push(event);
        break;
      case 'resumed':
        ends[ends.length - 1] = undefined;
        standing.forget(event.rebuilt ?? []);
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
    starts: standing.starts,
    attempts: standing.attempts,
    notes,
  };
}

/** What counts of starts and attempts, journal after journal. */
class Standing {
  readonly starts = new Map<string, NodeStarted[]>();
  readonly attempts = new Map<string, CaseFinished[]>();
  #header: JournalHeader | undefined;
  /** Events of the journal that is being read: what another shard did is not undone by what this one resumed. */
  #own = new Set<NodeStarted | CaseFinished>();

  begin(header: JournalHeader): void {
    this.#header = header;
    this.#own = new Set();
  }

  start(event: NodeStarted): void {
    this.#own.add(event);
    this.starts.set(event.identity.id, [...(this.starts.get(event.identity.id) ?? []), event]);
  }

  /** A test that was begun anew (after a resume) loses its later attempts. */
  finish(event: CaseFinished): void {
    this.#own.add(event);
    const key = testKey(event.cell, event.case);
    const earlier = (this.attempts.get(key) ?? []).filter(({ attempt }) => attempt < event.attempt);
    this.attempts.set(key, [...earlier, event]);
  }

  /** These nodes are another build from here on: neither they nor their cells are what they were. */
  forget(nodes: readonly string[]): void {
    const cells = new Set(
      this.#header?.cells
        .filter((cell) => cell.nodes.some((node) => nodes.includes(node)))
        .map(({ cell }) => cell),
    );
    keep(this.starts, (event) => !this.#own.has(event) || !nodes.includes(event.identity.id));
    keep(this.attempts, (event) => !this.#own.has(event) || !cells.has(event.cell));
  }
}

function keep<T>(groups: Map<string, T[]>, wanted: (item: T) => boolean): void {
  for (const [key, items] of groups) {
    const kept = items.filter(wanted);
    if (kept.length > 0) groups.set(key, kept);
    else groups.delete(key);
  }
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
