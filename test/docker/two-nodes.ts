import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { attachBitcoind } from '../../src/chain/bitcoind.ts';
import type { Chain } from '../../src/chain/chain.ts';
import { startElectrumServer } from '../../src/chain/electrum/server.ts';
import { thisProcess } from '../../src/core/process-identity.ts';
import { loadChainManifest } from '../../src/nodes/chain-manifest.ts';
import { findImage } from '../../src/nodes/images/find-image.ts';
import { imagePlanOfNode, imagePlansOfChain } from '../../src/nodes/images/image-plan.ts';
import type { FoundImage } from '../../src/nodes/images/image-engine.ts';
import { loadManifest } from '../../src/nodes/manifest.ts';
import type { RunningNode } from '../../src/nodes/node.ts';
import { resolveNode, type NodePlan } from '../../src/nodes/resolve.ts';
import { startBitcoind } from '../../src/nodes/start-bitcoind.ts';
import { startNode } from '../../src/nodes/start.ts';
import type { Engine } from '../../src/runtime/docker/engine.ts';

const IMAGES = new URL('../../images/', import.meta.url).pathname;

/** A version of an implementation with an image that is here, and a bitcoind with one, too. */
export interface Found {
  readonly plan: NodePlan;
  readonly image: FoundImage;
  readonly chain: { readonly version: string; readonly image: FoundImage };
}

/** `undefined`, and says why, where an image is not here: tests pull and build nothing. */
export async function findNode(
  engine: Engine,
  implementation: string,
  version: string,
  profile: string,
): Promise<Found | undefined> {
  const plan = resolveNode(loadManifest(join(IMAGES, implementation, 'node.json')), version, profile);
  const ofNode = imagePlanOfNode(plan);
  const image = ofNode && (await findImage(ofNode, engine));
  const chain = await findChain(engine);
  if (image && chain) return { plan, image, chain };
  console.warn(`skipped: no image of ${image ? 'bitcoind' : `${implementation}@${version}`} is here`);
  return undefined;
}

export async function findChain(engine: Engine): Promise<Found['chain'] | undefined> {
  for (const plan of imagePlansOfChain(chainManifest())) {
    const image = await findImage(plan, engine);
    if (image) return { version: plan.version, image };
  }
  return undefined;
}

export const chainManifest = () => loadChainManifest(join(IMAGES, 'bitcoind', 'chain.json'));

export interface Network {
  readonly chain: Chain;
  readonly nodes: readonly RunningNode[];
  /** Mines, and waits until each node has seen it. */
  mine(blocks: number): Promise<void>;
  close(): Promise<void>;
}

/** Nodes of one kind on one bitcoind, each with coins of its own. Whatever fails, nothing is left. */
export async function startNetwork(
  engine: Engine,
  { plan, image, chain: chainImage }: Found,
  names: readonly string[],
): Promise<Network> {
  const folder = await mkdtemp(join(tmpdir(), 'boltgrid-two-nodes-'));
  const scope = await engine.openRun({
    runId: `test-${randomBytes(4).toString('hex')}`,
    owner: thisProcess(),
  });
  const runtime = scope.runtime();
  const remove = async (): Promise<void> => {
    await scope.close();
    await rm(folder, { recursive: true, force: true });
  };
  try {
    const bitcoind = await startBitcoind({
      manifest: chainManifest(),
      version: chainImage.version,
      image: chainImage.image,
      runtime,
      name: 'bitcoind',
      folder: join(folder, 'bitcoind'),
    });
    const chain = await attachBitcoind({ rpc: bitcoind.fromHost });
    const { wallet, chain: follows } = plan.manifest.data.needs;
    const electrum =
      follows === 'electrum'
        ? await startElectrumServer({ rpc: bitcoind.fromHost, host: runtime.back.listen })
        : undefined;
    const nodes = await Promise.all(
      names.map(async (name) => {
        if (wallet) await bitcoind.addWallet(name);
        return startNode({
          plan,
          runtime,
          image,
          name,
          folder: join(folder, name),
          chain: { ...bitcoind.fromContainers, ...(wallet && { wallet: name }) },
          ...(electrum && { electrum: { host: runtime.back.dial, port: electrum.endpoint.port } }),
          seed: randomBytes(32),
        });
      }),
    );
    const mine = async (blocks: number): Promise<void> => {
      const { height } = await chain.mine(blocks);
      await Promise.all(nodes.map((node) => node.call('sync', { height })));
    };
    await Promise.all(nodes.map((node) => giveCoins(chain, node)));
    await mine(1);
    return {
      chain,
      nodes,
      mine,
      close: async () => {
        await chain.close();
        await electrum?.close();
        await Promise.all(nodes.map((node) => node.stop()));
        await bitcoind.stop();
        await remove();
      },
    };
  } catch (error) {
    await remove();
    throw error;
  }
}

export const COIN_SAT = 10_000_000n;
export const COINS = 3;

async function giveCoins(chain: Chain, node: RunningNode): Promise<void> {
  const { address } = await node.call('newAddress', {});
  for (let coin = 0; coin < COINS; coin += 1) await chain.pay(address, COIN_SAT);
}

/** What `get` gives once `holds` is true of it; the test's own deadline ends the wait. */
export async function eventually<T>(
  what: string,
  get: () => Promise<T>,
  holds: (value: T) => boolean,
  withinMs = 20_000,
): Promise<T> {
  const until = performance.now() + withinMs;
  for (;;) {
    const value = await get();
    if (holds(value)) return value;
    if (performance.now() > until) {
      throw new Error(`${what}: not within ${withinMs} ms: ${JSON.stringify(value, bigints)}`);
    }
    await wait(100);
  }
}

const bigints = (_key: string, value: unknown): unknown =>
  typeof value === 'bigint' ? value.toString() : value;
