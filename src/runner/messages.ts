import { join } from 'node:path';
import type { JournalEvent } from '../journal/events.ts';
import type { PlannedCell, PlannedChain, PlannedNode, PlannedSuite } from '../matrix/plan.ts';
import type { RunData } from '../runtime/docker/run.ts';

/* What the coordinator and its worker processes tell each other. Both are this program, so types suffice. */

/** A cell's cases that one worker runs. */
export interface Job {
  readonly id: number;
  readonly cell: PlannedCell;
  readonly nodes: readonly PlannedNode[];
  /** Ids in the order in which to start them. */
  readonly cases: readonly string[];
  /** By case: the departures that are known, which need no second look. */
  readonly expected: Readonly<Record<string, readonly Departure[]>>;
  /** Each case in a world to itself. */
  readonly isolate: boolean;
  /** Counts the workers that died on it; cases found guilty are no longer in it. */
  readonly attempt: number;
}

/** Where a node departs, exactly. */
export interface Departure {
  readonly requirement: string;
  readonly step: string;
}

export interface WorkerSetup {
  readonly suites: readonly PlannedSuite[];
  readonly seed: string;
  readonly runFolder: string;
  readonly keep: boolean;
  /** For cells in Docker. */
  readonly docker?: DockerSetup;
}

/** What a worker needs to join the run's part of Docker. */
export interface DockerSetup {
  readonly run: RunData;
  readonly chain: PlannedChain;
}

/** Where the worlds of a run keep their nodes' volumes, while they last. */
export const worldsFolder = (runFolder: string): string => join(runFolder, 'worlds');

/** In the place of a job's number: the event belongs to none. */
export const NO_JOB = -1;

export type ToWorker =
  | { readonly type: 'setup'; readonly setup: WorkerSetup }
  | { readonly type: 'job'; readonly job: Job }
  | { readonly type: 'end' };

export type FromWorker =
  | { readonly type: 'ready' }
  /** The event loop of the worker turns. */
  | { readonly type: 'beat' }
  | { readonly type: 'starting'; readonly node: string }
  | {
      readonly type: 'kept';
      readonly node: string;
      readonly host: string;
      readonly port: number;
      readonly publicKey: string;
    }
  | { readonly type: 'event'; readonly job: number; readonly event: JournalEvent }
  | { readonly type: 'job-done'; readonly job: number }
  | { readonly type: 'fault'; readonly message: string };
