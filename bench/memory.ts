import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { BoltgridError } from '../src/core/error.ts';
import { PACKAGE_ROOT } from '../src/core/package.ts';
import { lookHere } from '../src/matrix/here.ts';
import { makePlan } from '../src/matrix/planner.ts';
import { loadSources } from '../src/matrix/sources.ts';
import { EmbeddedGround } from '../src/runner/embedded-ground.ts';
import { runCase } from '../src/runner/run-case.ts';
import type { World } from '../src/runner/world.ts';
import type { Row } from './measure.ts';

const NODE = 'ldk@0.1.2';
const CASES_A_WORLD = 250;
const CASES = 10_000;
/** What is kept for good is there by then. */
const FIRST_LOOK = 1_000;
const SIDE_BY_SIDE = 8;
const CHOSEN = [
  'bolt01/ping#asked-length[one]',
  'bolt02/open-fields#undefined-flags[lowest]',
  'bolt02/reestablish#fresh-channel',
];

/** What a worker keeps of the cases that it has run: pings, refused opens, and channels that were opened and left, on LDK. */
export async function benchMemory(): Promise<readonly Row[]> {
  const sources = await loadSources(join(PACKAGE_ROOT, 'matrix.json'), {
    here: lookHere(),
    cwd: PACKAGE_ROOT,
  });
  const plan = makePlan(sources, 'bench', { pairs: ['none'], nodes: [NODE] });
  const [node] = plan.nodes;
  const all = sources.suites.flatMap(({ suite }) => suite.tests);
  const tests = CHOSEN.flatMap((id) => all.filter((test) => test.id === id));
  if (!node || tests.length < CHOSEN.length)
    throw new BoltgridError('bench.no-case', 'harness', 'not all of the chosen cases are there');
  const folder = await mkdtemp(join(tmpdir(), 'boltgrid-bench-'));
  const ground = new EmbeddedGround();
  const { signal } = new AbortController();
  const looks: { readonly cases: number; readonly heapMiB: number }[] = [];
  const oneOf = async (world: World, i: number): Promise<void> => {
    const test = tests[i % tests.length];
    if (!test) return;
    const cell = { kind: test.kind, nodes: [node.id] };
    await runCase({ test, cell, world, seed: 'bench', attempt: i, alone: false, signal });
  };
  try {
    for (let done = 0; done < CASES; done += CASES_A_WORLD) {
      const world = await ground.start({
        nodes: [node],
        seed: 'bench',
        name: `bench-${done}`,
        keys: String(done),
        folder,
        signal,
        onStarting: () => undefined,
        onStarted: () => undefined,
      });
      const ids = Array.from({ length: CASES_A_WORLD }, (_, i) => done + i);
      const lane = async (): Promise<void> => {
        for (let i = ids.shift(); i !== undefined; i = ids.shift()) await oneOf(world, i);
      };
      await Promise.all(Array.from({ length: SIDE_BY_SIDE }, lane));
      await world.stop();
      const cases = done + CASES_A_WORLD;
      if (cases === FIRST_LOOK || cases === CASES) looks.push({ cases, heapMiB: heapMiB() });
    }
  } finally {
    await ground.end();
    await rm(folder, { recursive: true, force: true });
  }
  const [first, last] = looks;
  return [
    ...looks.map(({ cases, heapMiB }) => ({
      name: `heap after ${cases} cases`,
      value: heapMiB,
      unit: 'MiB',
    })),
    {
      name: 'growth',
      value: (last?.heapMiB ?? Number.NaN) / (first?.heapMiB ?? Number.NaN),
      unit: '×',
      aim: { atMost: 1.2 },
    },
  ];
}

/** Of what is still reachable. */
function heapMiB(): number {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  collect();
  return process.memoryUsage().heapUsed / 1024 / 1024;
}
