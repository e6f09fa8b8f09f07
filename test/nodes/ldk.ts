import { join } from 'node:path';
import { startMemoryChain } from '../../src/chain/memory.ts';
import { toHex } from '../../src/core/bytes.ts';
import { loadManifest } from '../../src/nodes/manifest.ts';
import type { RunningNode } from '../../src/nodes/node.ts';
import type { Channel, OperationResult } from '../../src/nodes/operations.ts';
import { resolveNode } from '../../src/nodes/resolve.ts';
import { startNode } from '../../src/nodes/start.ts';
import { processRuntime } from '../../src/runtime/process.ts';
import { imagesFolder, temporaryFolder } from './drivers.ts';

/** A memory chain with LDK nodes on it, and what tests do with them. */
export async function ldkWorld() {
  const manifest = loadManifest(join(imagesFolder, 'ldk', 'node.json'));
  const chain = await startMemoryChain();
  const place = await temporaryFolder();
  const nodes: RunningNode[] = [];

  const world = {
    chain,
    nodes,

    async start(version: string, profile = 'default'): Promise<RunningNode> {
      const seed = new Uint8Array(32).fill(nodes.length + 1);
      const name = `node${nodes.length}`;
      const node = await startNode({
        plan: resolveNode(manifest, version, profile),
        runtime: processRuntime(),
        name,
        chain: chain.rpc,
        seed,
        folder: join(place.folder, name),
      });
      nodes.push(node);
      return node;
    },

    /** Mines, and waits until every node that runs has worked through it. */
    async mine(blocks: number, running: readonly RunningNode[] = nodes): Promise<void> {
      const { height } = await chain.mine(blocks);
      await Promise.all(running.map((node) => node.call('sync', { height })));
    },

    /** Three coins for each node. */
    async fund(): Promise<void> {
      for (const node of nodes) {
        const { address } = await node.call('newAddress', {});
        for (let i = 0; i < 3; i++) await chain.pay(address, 20_000_000n);
      }
      await world.mine(1);
    },

    connect: (from: RunningNode, to: RunningNode) =>
      from.call('connect', { publicKey: toHex(to.publicKey), host: to.host, port: to.port }),

    async open(from: RunningNode, to: RunningNode): Promise<OperationResult<'open'>> {
      return from.call('open', { publicKey: toHex(to.publicKey), amountSat: 1_000_000n, pushSat: 300_000n });
    },

    async channel(node: RunningNode, channelId: string): Promise<Channel | undefined> {
      const { channels } = await node.call('channels', {});
      return channels.find((channel) => channel.channelId === channelId);
    },

    usable: (node: RunningNode, channelId: string): Promise<Channel> =>
      eventually(nodes, async () => {
        const channel = await world.channel(node, channelId);
        return channel?.usable === true ? channel : undefined;
      }),

    async [Symbol.asyncDispose](): Promise<void> {
      await Promise.all(nodes.map((node) => node.stop()));
      await chain.close();
      await place[Symbol.asyncDispose]();
    },
  };
  return world;
}

/** Looks again whenever a node says that something changed; bounded by the test's own time limit. */
export async function eventually<T>(
  nodes: readonly RunningNode[],
  read: () => Promise<T | undefined>,
): Promise<T> {
  for (;;) {
    let changed: () => void = () => undefined;
    const change = new Promise<void>((resolve) => {
      changed = resolve;
    });
    // Before the look, so that no change between it and the wait is missed.
    const undo = nodes.map((node) => node.onChange(changed));
    try {
      const value = await read();
      if (value !== undefined) return value;
      await change;
    } finally {
      for (const each of undo) each();
    }
  }
}
