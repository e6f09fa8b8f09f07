import { rm } from 'node:fs/promises';
import type { JournalEvent, CaseFinished } from '../journal/events.ts';
import { plannedTests, testKey, type Plan, type PlannedTest } from '../matrix/plan.ts';
import { planJobs } from './jobs.ts';
import { worldsFolder, type Departure, type DockerSetup } from './messages.ts';
import { Pool } from './pool.ts';

export interface RunRequest {
  readonly plan: Plan;
  readonly workers: number;
  readonly isolate: boolean;
  readonly shuffle: boolean;
  /** The departures of a test that are known: a result that is exactly one of them is not run again. */
  readonly expected: (test: PlannedTest) => readonly Departure[];
  readonly failFast: boolean;
  /** Leave the last world of each cell up, until the signal is aborted. */
  readonly keep: boolean;
  /** Aborted: stop nodes, write nothing more, return `cancelled`. */
  readonly signal: AbortSignal;
  readonly journal: { append(event: JournalEvent): Promise<void> };
  /** `testKey`s that the journal holds already. */
  readonly finished: ReadonlySet<string>;
  readonly onProgress: (event: ProgressEvent) => void;
  readonly runFolder: string;
  /** Where the plan has cells in Docker. */
  readonly docker?: DockerSetup;
  /** After how long without a sign of life a worker counts as stuck; 10 s when not given. */
  readonly silenceMs?: number;
}

export type ProgressEvent =
  | { readonly type: 'node-starting'; readonly node: string }
  | { readonly type: 'node-started'; readonly node: string; readonly ms: number }
  | { readonly type: 'case-started'; readonly cell: string; readonly case: string; readonly attempt: number }
  | { readonly type: 'case-finished'; readonly result: CaseFinished }
  | { readonly type: 'note'; readonly level: 'info' | 'warning' | 'error'; readonly text: string }
  | {
      readonly type: 'kept';
      readonly node: string;
      readonly host: string;
      readonly port: number;
      readonly publicKey: string;
    };

export interface RunOutcome {
  readonly reason: 'complete' | 'cancelled' | 'fail-fast' | 'fault';
  /** Planned tests without a verdict. */
  readonly notRun: number;
}

/** Runs what the plan says and the journal does not hold yet. Rejects only when the journal cannot be written. */
export async function runPlan(request: RunRequest): Promise<RunOutcome> {
  const { plan, finished } = request;
  const planned = plannedTests(plan).filter(
    ({ cell, case: test }) => cell.cannotRun === undefined && !finished.has(testKey(cell.cell, test.id)),
  );
  const pool = new Pool(request, planJobs(plan, planned, request));
  // An earlier session of this run may have been killed before it could clear away its nodes' volumes.
  const clearWorlds = (): Promise<void> =>
    rm(worldsFolder(request.runFolder), { recursive: true, force: true });
  await clearWorlds();
  const reason = await pool.run();
  await clearWorlds();
  const left = planned.filter(({ cell, case: test }) => !pool.finished.has(testKey(cell.cell, test.id)));
  return { reason, notRun: left.length };
}
