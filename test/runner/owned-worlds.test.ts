import { describe, expect, test } from 'vitest';
import type { Chain } from '../../src/chain/chain.ts';
import type { ExitInfo, RunningNode } from '../../src/nodes/node.ts';
import { caseNode } from '../../src/runner/case-node.ts';
import { chainVerbs } from '../../src/runner/chain-verbs.ts';
import { OwnedWorlds } from '../../src/runner/owned-worlds.ts';
import { World, type WorldNode } from '../../src/runner/world.ts';

const ended: World[] = [];
const newOwned = (): OwnedWorlds =>
  new OwnedWorlds((world) => {
    ended.push(world);
    return Promise.resolve();
  });

function newNode(exited = new Promise<ExitInfo>(() => undefined)): WorldNode {
  const call = (): Promise<object> => Promise.resolve({});
  const running = { id: 'node@1', operations: new Set(), exited, call } as unknown as RunningNode;
  return { running, control: { call } } as unknown as WorldNode;
}

function newWorld(node = newNode()): Promise<World> {
  const chain = { reorg: () => Promise.resolve({ height: 1, hash: '' }) } as unknown as Chain;
  return Promise.resolve(new World({ name: 'world', chain, nodes: [node], end: () => Promise.resolve() }));
}

/** Whether the world goes to the next case once this was done in it. */
async function isReused(
  use: (world: World, node: WorldNode) => Promise<unknown>,
  well = true,
): Promise<boolean> {
  const worlds = newOwned();
  const node = newNode();
  const world = await worlds.take(() => newWorld(node));
  await use(world, node);
  await worlds.giveBack(world, well);
  const next = await worlds.take(newWorld);
  expect(ended.includes(world)).toBe(next !== world);
  return next === world;
}

const call = (operation: 'stop' | 'start' | 'restore' | 'info') => (world: World, node: WorldNode) =>
  caseNode(world, node, 'owns').call(operation, { name: 'old' });

describe('a world that a case owned', () => {
  test('goes to the next case', async () => {
    expect(await isReused(call('info'))).toBe(true);
  });

  test('also after a restart of its node', async () => {
    const restart = async (world: World, node: WorldNode): Promise<void> => {
      await call('stop')(world, node);
      await call('start')(world, node);
    };
    expect(await isReused(restart)).toBe(true);
  });

  test('not when the case did not end well', async () => {
    expect(await isReused(call('info'), false)).toBe(false);
  });

  test('not when its node is down', async () => {
    expect(await isReused(call('stop'))).toBe(false);
  });

  test('not when its node has an old state', async () => {
    expect(await isReused(call('restore'))).toBe(false);
  });

  test('not after a reorg', async () => {
    const reorg = (world: World): Promise<void> => {
      const { signal } = new AbortController();
      const seat = Symbol('case');
      const eventually = (): Promise<never> => Promise.reject(new TypeError('nothing is awaited'));
      return chainVerbs({ world, mode: 'owns', seat, eventually, signal }).reorg(1);
    };
    expect(await isReused(reorg)).toBe(false);
  });

  test('not when a node has died', async () => {
    const exit: ExitInfo = { code: 1, signal: null, expected: false };
    const worlds = newOwned();
    const world = await worlds.take(() => newWorld(newNode(Promise.resolve(exit))));
    await world.died;
    await worlds.giveBack(world, true);
    expect(ended).toContain(world);
  });

  test('is retired in the end, and nobody has two', async () => {
    const worlds = newOwned();
    const one = await worlds.take(newWorld);
    const other = await worlds.take(newWorld);
    expect(other).not.toBe(one);
    await worlds.giveBack(other, true);
    await worlds.giveBack(one, true);
    await worlds.close();
    expect(ended.slice(-2)).toEqual([other, one]);

    const used = new Set<World>();
    for (let i = 0; i < 100; i++) {
      const world = await worlds.take(newWorld);
      used.add(world);
      await worlds.giveBack(world, true);
    }
    expect(used.size).toBeGreaterThan(1);
    expect(used.size).toBeLessThan(20);
  });
});
