import { groupBy } from '../core/collections.ts';
import type { Plan, PlannedTest } from '../matrix/plan.ts';
import type { Departure, Job } from './messages.ts';
import { derive } from './secrets.ts';

export interface JobOptions {
  readonly isolate: boolean;
  readonly shuffle: boolean;
  /** The departures of a test that are known. */
  readonly expected: (test: PlannedTest) => readonly Departure[];
}

/** One job a cell: starting a node can cost more than all its cases. The longest jobs come first, so that workers end at about the same time. */
export function planJobs(
  plan: Plan,
  tests: readonly PlannedTest[],
  { isolate, shuffle, expected }: JobOptions,
): Job[] {
  const byCell = groupBy(tests, ({ cell }) => cell.cell);
  const jobs: Omit<Job, 'id'>[] = [];
  for (const cellTests of byCell.values()) {
    const cell = cellTests[0]?.cell;
    if (!cell) continue;
    const nodes = plan.nodes.filter((node) => cell.nodes.includes(node.id));
    const ids = cellTests.map(({ case: test }) => test.id);
    const cases = shuffle ? shuffled(ids, plan.seed, cell.cell) : ids;
    const known = cellTests.map((test) => [test.case.id, expected(test)] as const);
    jobs.push({
      cell,
      nodes,
      cases,
      expected: Object.fromEntries(known.filter(([, departures]) => departures.length > 0)),
      isolate,
      attempt: 1,
    });
  }
  return jobs.sort((a, b) => b.cases.length - a.cases.length).map((job, id) => ({ ...job, id }));
}

/** The same order for the same seed. */
function shuffled(ids: readonly string[], seed: string, cell: string): string[] {
  const weight = (id: string): string => Buffer.from(derive(seed, 'shuffle', cell, id)).toString('hex');
  return ids
    .map((id) => ({ id, weight: weight(id) }))
    .sort((a, b) => (a.weight < b.weight ? -1 : 1))
    .map(({ id }) => id);
}
