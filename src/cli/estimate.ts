import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Plan } from '../matrix/plan.ts';
import type { Estimate, PlanEstimate, Timings } from '../report/timings.ts';
import type { CliContext } from './context.ts';
import { runIds, runsFolder } from './runs.ts';

/** Enough to have seen most cells, few enough to be read at once. */
const MOST_RUNS = 12;
const MOST_BYTES = 4 * 1024 * 1024;

/** How long a plan will take, by what earlier runs in the folder of runs left behind. */
export async function estimateFor(
  { cwd }: Pick<CliContext, 'cwd'>,
  out: string | undefined,
  plan: Pick<Plan, 'cells' | 'cases'>,
  finished?: { has: (key: string) => boolean },
): Promise<PlanEstimate> {
  const { estimatePlan } = await import('../report/timings.ts');
  return estimatePlan(plan, await earlierTimings(runsFolder(cwd, out)), finished);
}

/** The newest first. What cannot be read is passed over: an estimate never stands in the way of a run. */
async function earlierTimings(runs: string): Promise<Timings[]> {
  const { parseTimings } = await import('../report/timings.ts');
  const newest = runIds(runs).reverse().slice(0, MOST_RUNS);
  const read = newest.map(async (id) => {
    const file = join(runs, id, 'timings.json');
    if ((await stat(file)).size > MOST_BYTES) return undefined;
    return parseTimings(await readFile(file, 'utf8'));
  });
  return (await Promise.allSettled(read)).flatMap((result) =>
    result.status === 'fulfilled' && result.value ? [result.value] : [],
  );
}

/** `about 3 min`, `about 40 s, 12 tests never run`, `never run` */
export function estimateText({ milliseconds, unknown, tests }: Estimate): string {
  if (tests === 0) return '';
  if (unknown === tests) return 'never run';
  const about = roughly(milliseconds);
  return unknown === 0 ? about : `${about}, ${unknown} tests never run`;
}

function roughly(milliseconds: number): string {
  const seconds = milliseconds / 1000;
  if (seconds < 1) return 'under 1 s';
  if (seconds < 10) return `about ${Math.round(seconds)} s`;
  if (seconds < 90) return `about ${Math.round(seconds / 5) * 5} s`;
  const minutes = seconds / 60;
  if (minutes < 90) return `about ${Math.round(minutes)} min`;
  return `about ${Math.round(minutes / 6) / 10} h`;
}
