import type { Chain } from '../chain/chain.ts';
import { BoltgridError, isBoltgridError, messageOf } from '../core/error.ts';
import type { Timing } from '../nodes/manifest.ts';
import type { ExitInfo, RunningNode } from '../nodes/node.ts';
import { probe } from '../nodes/probe.ts';
import { howItEnded } from '../runtime/program.ts';
import type { NodeControl } from '../suite/types.ts';
import { Miner, type NodesReach } from './miner.ts';
import { Wallets } from './wallets.ts';

const PROBE_MS = 10_000;
const LOG_LINES = 20;

/** A started node, with what it said of itself in init. */
export interface WorldNode {
  readonly running: RunningNode;
  readonly control: NodeControl;
  readonly features: ReadonlySet<number>;
  /** How long it may take for an answer, from its manifest. */
  readonly answerMs: number;
  /** How long it lets pass between two pings of a connection, where it bounds them. */
  readonly pingMs?: number | undefined;
  /** How long it takes to work through a block. */
  readonly blockMs: number;
  /** How long it took to start, where that was measured. */
  readonly startMs?: number;
}

export interface WorldParts {
  readonly name: string;
  readonly chain: Chain;
  readonly nodes: readonly WorldNode[];
  /** Resolves when the chain ends that nobody told to, with `chain.died`. */
  readonly chainLost?: Promise<BoltgridError>;
  /** Stops what is only this world's. */
  readonly end: () => Promise<void>;
}

/** One chain and the nodes on it, for the cases of one cell. Owned by one worker. */
export class World {
  readonly name: string;
  readonly chain: Chain;
  readonly nodes: readonly WorldNode[];
  readonly miner: Miner;
  readonly wallets: Wallets;
  readonly #end: () => Promise<void>;
  /** Stopped by a case that goes on. */
  readonly #down = new Set<RunningNode>();
  #isWorn = false;
  #resolveDied: () => void = () => undefined;
  #death: BoltgridError | undefined;
  /** Resolves when a node or the chain ends that nobody told to. */
  readonly died: Promise<void>;

  constructor({ name, chain, nodes, chainLost, end }: WorldParts) {
    this.name = name;
    this.chain = chain;
    this.nodes = nodes;
    this.#end = end;
    this.miner = new Miner(chain, (height, limits) => this.#nodesReach(height, limits));
    this.wallets = new Wallets(this);
    this.died = new Promise((resolve) => {
      this.#resolveDied = resolve;
    });
    for (const { running } of nodes) {
      void running.exited.then((exit) => {
        if (!exit.expected) this.#die(nodeDied(running.id, exit));
      });
    }
    void chainLost?.then((lost) => {
      this.#die(lost);
    });
  }

  /** Why nothing can be judged here any more: `node.died`, or `node.ended` or `chain.died` (set-up). */
  get death(): BoltgridError | undefined {
    return this.#death;
  }

  get blockMs(): number {
    return Math.max(0, ...this.nodes.map((node) => node.blockMs));
  }

  /** Those that no case has stopped. */
  get nodesUp(): readonly WorldNode[] {
    return this.nodes.filter(({ running }) => !this.#down.has(running));
  }

  /** Whether another case may still own it: all nodes are up, and nothing was done that outlasts a case. */
  get isSound(): boolean {
    return !this.#isWorn && this.#death === undefined && this.#down.size === 0;
  }

  /** Something is done to it that outlasts the case. */
  wear(): void {
    this.#isWorn = true;
  }

  /** `stop` ends the node in the middle of a case, which is no death. */
  stopNode<T>(node: RunningNode, stop: () => Promise<T>): Promise<T> {
    this.#down.add(node);
    return stop();
  }

  /** `start` has it come up again; when it does not, it has died. */
  async startNode<T>(node: RunningNode, start: () => Promise<T>): Promise<T> {
    try {
      const started = await start();
      this.#down.delete(node);
      return started;
    } catch (error) {
      if (this.#down.has(node)) this.#die(await notStartedAgain(node, error));
      throw error;
    }
  }

  stop(): Promise<void> {
    return this.#end();
  }

  #die(death: BoltgridError): void {
    this.#death ??= death;
    this.#resolveDied();
  }

  async #nodesReach(height: number, limits: Parameters<NodesReach>[1]): Promise<void> {
    await Promise.all(
      this.nodesUp
        .filter(({ running }) => running.operations.has('sync'))
        .map(({ running }) => running.call('sync', { height }, limits)),
    );
  }
}

/** What was done to a node from outside says nothing of it. */
const nodeDied = (node: string, exit: ExitInfo): BoltgridError =>
  exit.outside === true
    ? new BoltgridError('node.ended', 'setup', `${node} was ended, ${howItEnded(exit)}`)
    : new BoltgridError('node.died', 'node', `${node} ended by itself, ${howItEnded(exit)}`);

async function notStartedAgain(node: RunningNode, cause: unknown): Promise<BoltgridError> {
  const isSetup = isBoltgridError(cause) && cause.blame === 'setup';
  const message = `${node.id} did not start again: ${messageOf(cause)}`;
  const logTail = await node.logTail(LOG_LINES);
  return new BoltgridError(isSetup ? 'node.ended' : 'node.died', isSetup ? 'setup' : 'node', message, {
    details: { logTail },
    cause,
  });
}

/** The started nodes; when one does not come up, the others are stopped, `clear` is called, and its reason is thrown. */
export async function allOrNone(
  starting: readonly Promise<WorldNode>[],
  clear: () => Promise<void>,
): Promise<WorldNode[]> {
  const started = await Promise.allSettled(starting);
  const nodes = started.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
  const failed = started.find((result) => result.status === 'rejected');
  if (!failed) return nodes;
  await Promise.allSettled(nodes.map(({ running }) => running.stop()));
  await clear();
  throw failed.reason;
}

/** Asks a node that has just started what it offers. Stops it and rejects with `node.no-init` when it says nothing. */
export async function introduce(
  running: RunningNode,
  { answerMs, pingMs, blockMs }: Pick<Timing, 'answerMs' | 'pingMs' | 'blockMs'>,
  signal?: AbortSignal,
): Promise<WorldNode> {
  try {
    const { features } = await probe(running, { deadlineMs: PROBE_MS, ...(signal && { signal }) });
    return { running, features, answerMs, pingMs, blockMs, control: controlOf(running, features) };
  } catch (error) {
    const logTail = await running.logTail(LOG_LINES);
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
  const { id, publicKey, host, port, announced, runsIn, operations } = running;
  return {
    id,
    publicKey,
    host,
    port,
    addressFrom: (dialler) => (dialler.runsIn === 'docker' ? announced : { host, port }),
    runsIn,
    operations,
    features,
    call: (operation, params) => running.call(operation, params),
  };
}
