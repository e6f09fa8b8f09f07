import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startMemoryChain } from '../src/chain/memory.ts';
import { EMPTY } from '../src/core/bytes.ts';
import { BoltgridError } from '../src/core/error.ts';
import { randomPrivateKey } from '../src/crypto/crypto.ts';
import type { CaseFinished } from '../src/journal/events.ts';
import { JournalWriter } from '../src/journal/writer.ts';
import { startReferenceNode } from '../src/nodes/reference.ts';
import { connectNoise } from '../src/noise/connection.ts';
import { DEFAULT_RULES } from '../src/reference/rules.ts';
import { runCase } from '../src/runner/run-case.ts';
import { introduce, World, type WorldNode } from '../src/runner/world.ts';
import { loadSuites } from '../src/suite/load.ts';
import type { TestCase } from '../src/suite/types.ts';
import { bolts } from '../src/wire/bolts.ts';
import { encodeMessage } from '../src/wire/codec.ts';
import { encodeFeatures } from '../src/wire/features.ts';
import { cpuUsSince, median, type Row } from './measure.ts';

const SEED = 'bench';
const ANSWER_MS = 10_000;
const BLOCK_MS = 10_000;
const SUITE = 'suites/bolt01/ping.ts';
const CASES = ['bolt01/ping#asked-length[one]', 'bolt01/ping#asked-length[largest]'];
const WARM_UP = 100;
const ROUNDS = 8;
const RUNS_A_ROUND = 25;

interface Cost {
  readonly cpuMs: number;
  /** Of one run; the median, for the machine does other things too. */
  readonly wallMs: number;
}

/**
 * What a case costs beside the node and the handshake: cases run on the reference node, which answers in no time, less the same bytes
 * exchanged by the engine alone. The node is in this process, so its own work cancels out.
 */
export async function benchCase(): Promise<readonly Row[]> {
  const suites = await loadSuites([SUITE]);
  const tests = suites.flatMap(({ suite }) => suite.tests);
  const running = await startReferenceNode({ seed: SEED, rules: DEFAULT_RULES, version: 'bench' });
  const node = await introduce(running, { answerMs: ANSWER_MS, blockMs: BLOCK_MS });
  const chain = await startMemoryChain();
  const end = async (): Promise<void> => {
    await running.stop();
    await chain.close();
  };
  const world = new World({ name: 'bench', chain, nodes: [node], end });
  try {
    const rows: Row[] = [];
    for (const id of CASES) rows.push(...(await caseRows(found(tests, id), world, node)));
    return rows;
  } finally {
    await world.stop();
  }
}

function found(tests: readonly TestCase[], id: string): TestCase {
  const test = tests.find((candidate) => candidate.id === id);
  if (!test) throw new BoltgridError('bench.no-case', 'harness', `${SUITE} has no case ${id}`);
  return test;
}

async function caseRows(test: TestCase, world: World, node: WorldNode): Promise<Row[]> {
  const length = test.id.endsWith('[largest]') ? 65531 : 1;
  const last: { finished?: CaseFinished } = {};
  const whole = async (): Promise<void> => {
    last.finished = await judged(test, world);
  };
  const [ours, raw] = await costs([whole, () => rawPing(node, length)]);
  const journal = last.finished ? await journalCost(last.finished) : { cpuMs: 0, wallMs: 0 };
  const name = test.id;
  const overCpu = ours.cpuMs - raw.cpuMs + journal.cpuMs;
  const overWall = ours.wallMs - raw.wallMs + journal.wallMs;
  const aim = { atMost: 5 };
  return [
    { name: `${name}, whole case`, value: ours.cpuMs, unit: 'ms CPU', note: 'with the node’s own work' },
    { name: `${name}, engine alone`, value: raw.cpuMs, unit: 'ms CPU', note: 'handshake, init, ping, close' },
    { name: `${name}, journal line`, value: journal.cpuMs, unit: 'ms CPU' },
    { name: `${name}, our own time`, value: overCpu, unit: 'ms CPU', aim, note: 'case − engine + journal' },
    { name: `${name}, whole case`, value: ours.wallMs, unit: 'ms', note: 'median' },
    { name: `${name}, engine alone`, value: raw.wallMs, unit: 'ms', note: 'median' },
    { name: `${name}, our own time`, value: overWall, unit: 'ms', aim, note: 'case − engine + journal' },
  ];
}

async function judged(test: TestCase, world: World): Promise<CaseFinished> {
  const cell = { kind: test.kind, nodes: world.nodes.map(({ running }) => running.id) };
  const { signal } = new AbortController();
  const finished = await runCase({ test, cell, world, seed: SEED, attempt: 1, alone: false, signal });
  if (finished.verdict !== 'pass') {
    throw new BoltgridError('bench.red', 'harness', `${test.id}: ${finished.message ?? finished.verdict}`);
  }
  return finished;
}

/** What the case sends and receives, without any of what we make of it. */
async function rawPing({ running }: WorldNode, length: number): Promise<void> {
  const limits = { deadlineMs: ANSWER_MS };
  const { host, port, publicKey: remotePublicKey } = running;
  const localPrivateKey = randomPrivateKey();
  const connection = await connectNoise({ host, port, remotePublicKey, localPrivateKey, ...limits });
  const features = encodeFeatures([1, 9, 13, 15, 45]);
  await connection.send(encodeMessage(bolts, 'init', { globalfeatures: EMPTY, features, tlvs: {} }));
  await connection.receive(limits);
  await connection.send(encodeMessage(bolts, 'ping', { num_pong_bytes: length, ignored: EMPTY }));
  await connection.receive(limits);
  await connection.close();
}

async function journalCost(finished: CaseFinished): Promise<Cost> {
  const folder = await mkdtemp(join(tmpdir(), 'boltgrid-bench-'));
  const journal = await JournalWriter.open(join(folder, 'run.jsonl'), 'create');
  try {
    const [cost] = await costs([() => journal.append(finished)]);
    return cost;
  } finally {
    await journal.close();
    await rm(folder, { recursive: true });
  }
}

type Work = () => Promise<void>;

/** Per run. The works take turns, so that what the machine does besides falls on all of them. */
async function costs<const W extends readonly Work[]>(works: W): Promise<{ [K in keyof W]: Cost }> {
  const measured = works.map((work) => ({ work, cpuUs: 0, walls: [] as number[] }));
  for (const { work } of measured) for (let i = 0; i < WARM_UP; i++) await work();
  for (let round = 0; round < ROUNDS; round++) {
    for (const total of measured) {
      const before = process.cpuUsage();
      for (let i = 0; i < RUNS_A_ROUND; i++) {
        const startedAt = performance.now();
        await total.work();
        total.walls.push(performance.now() - startedAt);
      }
      total.cpuUs += cpuUsSince(before);
    }
  }
  return measured.map(({ cpuUs, walls }) => ({
    cpuMs: cpuUs / 1000 / walls.length,
    wallMs: median(walls),
  })) as { [K in keyof W]: Cost };
}
