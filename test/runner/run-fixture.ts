import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { DEFAULT_PROFILE, nodeId, cellId } from '../../src/core/ids.ts';
import type { CaseFinished, JournalEvent } from '../../src/journal/events.ts';
import type { Plan } from '../../src/matrix/plan.ts';
import { runPlan, type RunOutcome, type RunRequest } from '../../src/runner/run.ts';
import { loadSuites } from '../../src/suite/load.ts';

const fixture = (path: string): string => fileURLToPath(new URL(`../fixtures/${path}`, import.meta.url));

export interface FixtureOptions {
  readonly suites: readonly string[];
  readonly profiles?: readonly string[];
  readonly cases?: (id: string) => boolean;
  readonly request?: Partial<RunRequest>;
}

export interface FixtureRun {
  readonly outcome: RunOutcome;
  readonly events: readonly JournalEvent[];
  /** The last word on each case, by id; of the first cell where there are several. */
  readonly results: ReadonlyMap<string, CaseFinished>;
}

/** Runs fixture suites on scripted nodes, each profile a cell of its own, in real worker processes. */
export async function runFixture({
  suites,
  profiles = [DEFAULT_PROFILE],
  cases = () => true,
  request,
}: FixtureOptions): Promise<FixtureRun> {
  const runFolder = await mkdtemp(join(tmpdir(), 'boltgrid-runner-'));
  const events: JournalEvent[] = [];
  try {
    const outcome = await runPlan({
      plan: await planOf(suites, profiles, cases),
      workers: 2,
      expected: () => [],
      isolate: false,
      shuffle: false,
      failFast: false,
      keep: false,
      signal: new AbortController().signal,
      finished: new Set(),
      onProgress: () => undefined,
      journal: {
        append: (event) => {
          events.push(event);
          return Promise.resolve();
        },
      },
      runFolder,
      ...request,
    });
    const finished = events.filter((event) => event.event === 'case-finished');
    return { outcome, events, results: new Map(finished.map((result) => [result.case, result])) };
  } finally {
    await rm(runFolder, { recursive: true, force: true });
  }
}

async function planOf(
  suites: readonly string[],
  profiles: readonly string[],
  cases: (id: string) => boolean,
): Promise<Plan> {
  const loaded = await loadSuites(suites.map((name) => fixture(`suites/${name}`)));
  const nodes = profiles.map((profile) => {
    const name = { implementation: 'scripted', version: '1', profile };
    return { ...name, id: nodeId(name), manifest: fixture('nodes/scripted/node.json') };
  });
  return {
    planHash: 'fixture',
    seed: 'fixture',
    nodes,
    cells: nodes.map(({ id }) => ({
      cell: cellId({ kind: 'subject', nodes: [id] }),
      kind: 'subject' as const,
      nodes: [id],
    })),
    cases: loaded.flatMap(({ suite }) =>
      suite.tests
        .filter(({ id }) => cases(id))
        .map(({ id, caseId, title, kind, requirements, formerly, location }) => ({
          id,
          caseId,
          title,
          kind,
          location,
          suite: suite.id,
          suiteTitle: suite.title,
          level: 'must' as const,
          requirements: [...requirements],
          formerly: [...formerly],
        })),
    ),
    suites: loaded.map(({ suite, file, sha256 }) => ({ id: suite.id, file, sha256 })),
  };
}
