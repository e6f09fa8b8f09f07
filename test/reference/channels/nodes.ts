import { onTestFinished } from 'vitest';
import type { Chain } from '../../../src/chain/chain.ts';
import { startMemoryChain } from '../../../src/chain/memory.ts';
import { toHex } from '../../../src/core/bytes.ts';
import type { RunningNode } from '../../../src/nodes/node.ts';
import { startReferenceNode } from '../../../src/nodes/reference.ts';
import type { ReferenceOptions } from '../../../src/reference/options.ts';

/** Reference nodes with each other, by their control operations. */

export async function chainOf(): Promise<Chain> {
  const chain = await startMemoryChain();
  onTestFinished(() => chain.close());
  return chain;
}

export async function start(
  chain: Chain,
  seed: string,
  more: Partial<ReferenceOptions> = {},
): Promise<RunningNode> {
  const node = await startReferenceNode({ seed, chain, version: 'test', ...more });
  onTestFinished(() => node.stop());
  return node;
}

export const keyOf = ({ publicKey }: RunningNode): string => toHex(publicKey);

export async function until<T>(look: () => Promise<T>, holds: (value: T) => boolean): Promise<T> {
  for (;;) {
    const value = await look();
    if (holds(value)) return value;
    // Let the sockets have their turn.
    await new Promise((resolve) => setImmediate(resolve));
  }
}

export const channelsOf = async (node: RunningNode) => (await node.call('channels', {})).channels;

export async function mine(chain: Chain, blocks: number, ...nodes: readonly RunningNode[]): Promise<void> {
  await chain.mine(blocks);
  for (const node of nodes) await node.call('sync', {});
}

export async function connect(from: RunningNode, to: RunningNode): Promise<void> {
  await from.call('connect', { host: to.host, port: to.port, publicKey: keyOf(to) });
}

export async function openChannel(
  chain: Chain,
  from: RunningNode,
  to: RunningNode,
  more: { readonly type?: 'anchors' | 'static-remotekey' } = {},
): Promise<string> {
  await connect(from, to);
  const { channelId } = await from.call('open', {
    publicKey: keyOf(to),
    amountSat: 1_000_000n,
    pushSat: 400_000n,
    ...more,
  });
  await mine(chain, 6, from, to);
  for (const node of [from, to])
    await until(
      () => channelsOf(node),
      (channels) => channels.some((each) => each.channelId === channelId && each.usable),
    );
  return channelId;
}
