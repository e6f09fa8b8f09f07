import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Chain } from '../chain/chain.ts';
import { startMemoryChain } from '../chain/memory.ts';
import { BoltgridError } from '../core/error.ts';
import type { PlannedNode } from '../matrix/plan.ts';
import { loadManifest } from '../nodes/manifest.ts';
import { resolveNode } from '../nodes/resolve.ts';
import type { ExitInfo, RunningNode } from '../nodes/node.ts';
import { probe } from '../nodes/probe.ts';
import { startNode } from '../nodes/start.ts';
import type { NodeControl } from '../suite/types.ts';
import { Miner } from './miner.ts';
import { derive } from './secrets.ts';

const PROBE_MS = 10_000;

export interface WorldOptions {
  readonly nodes: readonly PlannedNode[];
  readonly seed: string;
  /** Distinguishes the worlds of one run: no two share a folder. */
  readonly name: string;
  /** What node keys derive from, besides the seed. */
  readonly keys: string;
  readonly folder: string;
  readonly signal: AbortSignal;
  readonly onStarting: (node: string) => void;
  readonly onStarted: (node: WorldNode, startMs: number) => void;
}

/** A started node, with what it said of itself in init. */
export interface WorldNode {
  readonly running: RunningNode;
  readonly control: NodeControl;
  readonly features: ReadonlySet<number>;
  /** How long it may take for an answer, from its manifest. */
  readonly answerMs: number;
}

export interface WorldParts {
  readonly name: string;
  readonly chain: Chain;
  readonly nodes: readonly WorldNode[];
  /** Removed when the world ends. */
  readonly folder?: string;
}

/** One chain and the nodes on it. Owned by one worker. */
export class World {
  readonly name: string;
  readonly chain: Chain;
  readonly nodes: readonly WorldNode[];
  readonly miner: Miner;
  readonly #folder: string | undefined;
  #death: { readonly node: string; readonly exit: ExitInfo } | undefined;
  /** Resolves when a node ends that nobody told to. */
  readonly died: Promise<void>;

  constructor({ name, chain, nodes, folder }: WorldParts) {
    this.name = name;
    this.#folder = folder;
    this.chain = chain;
    this.nodes = nodes;
    this.miner = new Miner(chain, (height, signal) => this.#nodesReach(height, signal));
    this.died = new Promise((resolve) => {
      for (const { running } of nodes) {
        void running.exited.then((exit) => {
          if (exit.expected) return;
          this.#death ??= { node: running.id, exit };
          resolve();
        });
      }
    });
  }

  /** Starts the planned nodes on a chain of their own. Rejects with blame `setup` when one does not come up; then nothing is left running. */
  static async start(options: WorldOptions): Promise<World> {
    const { name } = options;
    const folder = join(options.folder, name);
    const chain = await startMemoryChain();
    const started = await Promise.allSettled(
      options.nodes.map((node) => startPlanned(node, chain, folder, options)),
    );
    const nodes = started.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
    const failed = started.find((result) => result.status === 'rejected');
    const world = new World({ name, folder, chain, nodes });
    if (!failed) return world;
    await world.stop();
    throw failed.reason;
  }

  get death(): { readonly node: string; readonly exit: ExitInfo } | undefined {
    return this.#death;
  }

  async stop(): Promise<void> {
    await Promise.allSettled(this.nodes.map(({ running }) => running.stop()));
    await this.chain.close();
    if (this.#folder !== undefined) await rm(this.#folder, { recursive: true, force: true });
  }

  async #nodesReach(height: number, signal: AbortSignal): Promise<void> {
    await Promise.all(
      this.nodes
        .filter(({ running }) => running.operations.has('sync'))
        .map(({ running }) => running.call('sync', { height }, { signal })),
    );
  }
}

async function startPlanned(
  node: PlannedNode,
  chain: Chain,
  folder: string,
  options: WorldOptions,
): Promise<WorldNode> {
  const startedAt = performance.now();
  options.onStarting(node.id);
  const manifest = loadManifest(node.manifest);
  const home = join(folder, node.id.replace(/[^a-z0-9.]+/gi, '_'));
  await mkdir(home, { recursive: true });
  const running = await startNode({
    manifest,
    version: node.version,
    profile: node.profile,
    chain: chain.rpc,
    seed: derive(options.seed, 'node', options.keys, node.id),
    folder: home,
    signal: options.signal,
  });
  const { answerMs } = resolveNode(manifest, node.version, node.profile).timing;
  const started = await introduce(running, answerMs, options.signal);
  options.onStarted(started, Math.round(performance.now() - startedAt));
  return started;
}

/** Asks a node that has just started what it offers. Stops it and rejects with `node.no-init` when it says nothing. */
export async function introduce(
  running: RunningNode,
  answerMs: number,
  signal?: AbortSignal,
): Promise<WorldNode> {
  try {
    const { features } = await probe(running, { deadlineMs: PROBE_MS, ...(signal && { signal }) });
    return { running, features, answerMs, control: controlOf(running, features) };
  } catch (error) {
    const logTail = await running.logTail(20);
    await running.stop();
    throw new BoltgridError(
      'node.no-init',
      'setup',
      `${running.id} started, but a probe got no init from it`,
      {
        hint: 'See the last lines of its log.',
        details: { logTail },
        cause: error,
      },
    );
  }
}

function controlOf(running: RunningNode, features: ReadonlySet<number>): NodeControl {
  const { id, publicKey, host, port, operations } = running;
  return {
    id,
    publicKey,
    host,
    port,
    operations,
    features,
    call: (operation, params) => running.call(operation, params),
  };
}
