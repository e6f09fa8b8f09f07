import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BoltgridError } from '../src/core/error.ts';
import { PACKAGE_ROOT } from '../src/core/package.ts';
import { thisProcess } from '../src/core/process-identity.ts';
import { lookHere } from '../src/matrix/here.ts';
import { makePlan } from '../src/matrix/planner.ts';
import type { Plan, PlannedNode } from '../src/matrix/plan.ts';
import { loadSources } from '../src/matrix/sources.ts';
import { DockerGround } from '../src/runner/docker-ground.ts';
import { EmbeddedGround } from '../src/runner/embedded-ground.ts';
import type { Ground } from '../src/runner/ground.ts';
import { connectEngine } from '../src/runtime/docker/engine.ts';
import { median, type Row } from './measure.ts';

const STARTS = 3;
const CALLS = 30;

/**
 * Every node of matrix.json that can run here: from the start of its program to the init that a probe gets, what it takes of memory
 * then, and one control call (`info`). Each start has a chain of its own, which is up before.
 */
export async function benchNodes(): Promise<readonly Row[]> {
  const sources = await loadSources(join(PACKAGE_ROOT, 'matrix.json'), {
    here: lookHere(),
    cwd: PACKAGE_ROOT,
  });
  const plan = makePlan(sources, 'bench', { pairs: ['none'] });
  const folder = await mkdtemp(join(tmpdir(), 'boltgrid-bench-'));
  const grounds = await openGrounds(plan);
  try {
    const rows: Row[] = [];
    for (const cell of plan.cells) {
      const node = plan.nodes.find(({ id }) => id === cell.nodes[0]);
      const ground = cell.world === 'docker' ? grounds.docker : grounds.embedded;
      if (!node || !ground || cell.cannotRun !== undefined) continue;
      rows.push(...(await measure(node, ground, folder)));
    }
    return rows;
  } finally {
    await grounds.close();
    await rm(folder, { recursive: true, force: true });
  }
}

interface Grounds {
  readonly embedded: Ground;
  readonly docker: Ground | undefined;
  readonly close: () => Promise<void>;
}

async function openGrounds({ chain }: Plan): Promise<Grounds> {
  const embedded = new EmbeddedGround();
  if (!chain) return { embedded, docker: undefined, close: () => embedded.end() };
  const scope = await (
    await connectEngine()
  ).openRun({ runId: `bench-${process.pid}`, owner: thisProcess() });
  const docker = new DockerGround({ run: scope.data, chain });
  return {
    embedded,
    docker,
    close: async () => {
      await docker.end();
      await embedded.end();
      await scope.close();
    },
  };
}

async function measure(node: PlannedNode, ground: Ground, folder: string): Promise<readonly Row[]> {
  const starts: number[] = [];
  const calls: number[] = [];
  const memory: number[] = [];
  for (let i = 0; i < STARTS; i++) {
    const world = await ground.start({
      nodes: [node],
      seed: 'bench',
      name: `bench-${i}`,
      keys: String(i),
      folder,
      signal: new AbortController().signal,
      onStarting: () => undefined,
      onStarted: (_, ms) => {
        starts.push(ms);
      },
    });
    try {
      const running = world.nodes[0]?.running;
      if (!running) throw new BoltgridError('bench.no-node', 'harness', `${node.id} did not start`);
      for (let call = 0; call < CALLS; call++) {
        const from = performance.now();
        await running.call('info', {});
        calls.push(performance.now() - from);
      }
      memory.push((await running.usage()).memoryBytes / 1024 / 1024);
    } finally {
      await world.stop();
    }
  }
  return [
    { name: `${node.id}: start to first init`, value: median(starts) / 1000, unit: 's' },
    { name: `${node.id}: control call`, value: median(calls), unit: 'ms' },
    { name: `${node.id}: memory`, value: median(memory), unit: 'MiB' },
  ];
}
