import { fromHex, toHex } from '../core/bytes.ts';
import { BoltgridError, isBoltgridError, messageOf } from '../core/error.ts';
import { DEFAULT_PROFILE, nodeId } from '../core/ids.ts';
import { cleanText } from '../core/text.ts';
import { withDeadline } from '../core/deadline.ts';
import { defaultCrypto } from '../crypto/crypto.ts';
import type { ChannelDesk } from '../reference/channels/desk.ts';
import type { ReferenceOptions } from '../reference/options.ts';
import type { ReferenceNode } from '../reference/node.ts';
import { startReference } from '../reference/node.ts';
import { encodeFeatures } from '../wire/features.ts';
import type { ExitInfo, NodeIdentity, RunningNode } from './node.ts';
import type { OperationName, OperationParams, OperationResult } from './operations.ts';
import { OPERATION_NAMES, OPERATIONS } from './operations.ts';
import { CHAIN_PERFORMERS } from './reference/chain.ts';
import { CHANNEL_PERFORMERS } from './reference/channels.ts';
import { PAYMENT_PERFORMERS } from './reference/payments.ts';
import type { Performers } from './reference/performers.ts';

export interface ReferenceNodeOptions extends ReferenceOptions {
  /** Of boltgrid: shown as the node's version. */
  readonly version: string;
}

/** Regtest's genesis block, as explorers show it: where a node without a chain is. */
const GENESIS = '0f9188f13cb7b2c71f2a335e3a4fc328bf5beb436012afca590b1a11466e2206';

const whereabouts = ({ tip, feeratePerKw }: ChannelDesk) => ({
  feeratePerKw,
  ...(tip && { height: tip.height, blockHash: tip.hash }),
});

const NODE_PERFORMERS: Performers = {
  info: (node) => ({
    publicKey: toHex(node.publicKey),
    alias: node.look.alias,
    version: 'boltgrid reference node',
    height: 0,
    blockHash: GENESIS,
    feeratePerKw: 253,
    ...(node.hasDesk && whereabouts(node.desk)),
    features: toHex(encodeFeatures(node.features)),
  }),
  logs: (node, { lines }) => ({ lines: node.logTail(lines).map((line) => cleanText(line)) }),
  stop: async (node) => {
    await node.stop();
    return {};
  },
  start: async (node) => {
    if (node.isListening) throw new BoltgridError('node.rejected', 'node', 'it is running');
    await node.listen();
    return {};
  },
  connect: async (node, { host, port, publicKey }) => {
    await node.connect(host, port, fromHex(publicKey));
    return {};
  },
  disconnect: async (node, { publicKey }) => {
    await node.disconnect(fromHex(publicKey));
    return {};
  },
  peers: (node) => ({
    peers: node.peers().map(({ publicKey, features, inbound, host, port }) => ({
      publicKey: toHex(publicKey),
      features: toHex(encodeFeatures(features)),
      inbound,
      ...(host !== undefined && { host }),
      ...(port !== undefined && { port }),
    })),
  }),
  customMessage: async (node, { publicKey, type, payload }) => {
    await node.send(fromHex(publicKey), Uint8Array.of(type >> 8, type & 0xff, ...fromHex(payload)));
    return {};
  },
  setIdentity: (node, look) => {
    node.setLook(look);
    return {};
  },
};

const WITH_CHAIN: Performers = {
  ...NODE_PERFORMERS,
  ...CHAIN_PERFORMERS,
  ...CHANNEL_PERFORMERS,
  ...PAYMENT_PERFORMERS,
  sync: async ({ desk }) => {
    const tip = await desk.sync();
    return tip ? { height: tip.height, blockHash: tip.hash } : { height: 0, blockHash: GENESIS };
  },
  snapshot: (node, { name }) => {
    assertStopped(node);
    node.snapshot(name);
    return {};
  },
  restore: (node, { name }) => {
    assertStopped(node);
    node.restore(name);
    return {};
  },
};

function assertStopped({ isListening }: ReferenceNode): void {
  if (isListening) throw new BoltgridError('node.not-ready', 'node', 'it is running');
}

/** What may be asked of a node that is stopped. */
const OF_STOPPED: readonly OperationName[] = ['start', 'stop', 'snapshot', 'restore'];

/** The reference node, in this process, seen as any other node. */
export async function startReferenceNode(options: ReferenceNodeOptions): Promise<RunningNode> {
  return new ReferenceRunningNode(await startReference(options), options);
}

class ReferenceRunningNode implements RunningNode {
  readonly id: string;
  readonly identity: NodeIdentity;
  readonly publicKey: Uint8Array;
  readonly host: string;
  readonly port: number;
  readonly announced: RunningNode['announced'];
  readonly runsIn = 'process';
  readonly back = { listen: '127.0.0.1', dial: '127.0.0.1' };
  readonly operations: ReadonlySet<OperationName>;
  readonly missing: ReadonlyMap<OperationName, string>;
  readonly lacks = new Map<string, string>();
  readonly exited: Promise<ExitInfo>;
  readonly #node: ReferenceNode;
  readonly #performers: Performers;
  #resolveExited: (info: ExitInfo) => void = () => undefined;

  constructor(node: ReferenceNode, { version }: ReferenceNodeOptions) {
    const name = { implementation: 'reference', version, profile: DEFAULT_PROFILE };
    this.id = nodeId(name);
    this.identity = {
      id: this.id,
      ...name,
      build: `sha256:${toHex(defaultCrypto.hashes.sha256(Buffer.from(this.id, 'utf8')))}`,
      reported: 'boltgrid reference node',
      note: "boltgrid's own engine, in the same process",
      publicKey: toHex(node.publicKey),
    };
    this.publicKey = node.publicKey;
    this.host = node.host;
    this.port = node.port;
    this.announced = { host: node.host, port: node.port };
    this.#performers = node.hasDesk ? WITH_CHAIN : NODE_PERFORMERS;
    this.operations = new Set(
      OPERATION_NAMES.filter((operation) => this.#performers[operation] !== undefined),
    );
    this.missing = new Map(
      OPERATION_NAMES.filter((operation) => !this.operations.has(operation)).map((operation) => [
        operation,
        node.hasDesk ? 'the reference node cannot do it' : 'the node has neither channels nor a chain',
      ]),
    );
    this.#node = node;
    this.exited = new Promise((resolve) => {
      this.#resolveExited = resolve;
    });
  }

  async call<O extends OperationName>(
    operation: O,
    params: OperationParams<O>,
    {
      deadlineMs = OPERATIONS[operation].deadlineMs,
      signal,
    }: { deadlineMs?: number; signal?: AbortSignal } = {},
  ): Promise<OperationResult<O>> {
    const perform = this.#performers[operation];
    if (!perform) {
      throw new BoltgridError('node.undrivable', 'harness', `${this.id} has no ${operation}`, {
        hint: this.missing.get(operation) ?? '',
      });
    }
    if (!this.#node.isListening && !OF_STOPPED.includes(operation)) {
      throw new BoltgridError('node.not-ready', 'node', `${this.id} is stopped`);
    }
    try {
      return await withDeadline(operation, deadlineMs, async () => perform(this.#node, params), signal);
    } catch (error) {
      throw signal?.aborted === true ? error : operationError(operation, error);
    }
  }

  onChange(listener: () => void): () => void {
    return this.#node.onChange(listener);
  }

  logTail(lines: number): Promise<readonly string[]> {
    return Promise.resolve(this.#node.logTail(lines).map((line) => cleanText(line)));
  }

  /** Of the whole process: it lives in ours. */
  usage(): Promise<{ readonly memoryBytes: number }> {
    return Promise.resolve({ memoryBytes: process.memoryUsage.rss() });
  }

  async stop(): Promise<void> {
    await this.#node.stop();
    this.#resolveExited({ code: 0, signal: null, expected: true });
  }
}

/** As a driver would report it: what the other side did is `rejected`. */
function operationError(operation: OperationName, error: unknown): BoltgridError {
  if (isBoltgridError(error) && error.code.startsWith('node.')) return error;
  const message = `${operation}: ${messageOf(error)}`;
  const cause = { cause: error, details: { operation } };
  if (!isBoltgridError(error)) return new BoltgridError('node.internal', 'harness', message, cause);
  if (error.code === 'core.deadline') return new BoltgridError('node.timeout', 'node', message, cause);
  if (error.code === 'reference.not-connected')
    return new BoltgridError('node.not-ready', 'node', message, cause);
  return new BoltgridError('node.rejected', 'node', message, cause);
}
