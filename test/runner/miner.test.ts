import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { OP_TRUE_SCRIPT } from '../../src/bitcoin/output.ts';
import type { Chain } from '../../src/chain/chain.ts';
import { startMemoryChain } from '../../src/chain/memory.ts';
import { BoltgridError } from '../../src/core/error.ts';
import { Miner, type NodesReach } from '../../src/runner/miner.ts';

const { signal } = new AbortController();

let chain: Chain;
let heights: number[];

beforeEach(async () => {
  chain = await startMemoryChain();
  heights = [];
});
afterEach(() => chain.close());

const minerOf = (follow: NodesReach = () => Promise.resolve()): Miner =>
  new Miner(chain, async (height, limits) => {
    heights.push(height);
    await follow(height, limits);
  });

const pay = async (): Promise<string> => (await chain.pay(OP_TRUE_SCRIPT, 50_000n)).txid;

async function enter(miner: Miner): Promise<symbol> {
  const seat = Symbol('case');
  await miner.enter(seat);
  return seat;
}

/** Lets everything go on that waits for nothing but other promises. */
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('the miner of a world', () => {
  test('mines once for all cases, as deep as the deepest wish, when each of them waits', async () => {
    const miner = minerOf();
    const { height } = await chain.tip();
    const [one, two] = [await enter(miner), await enter(miner)];
    const first = miner.confirm(await pay(), 1, signal, one);
    await settled();
    expect(heights).toEqual([]);
    const second = miner.confirm(await pay(), 3, signal, two);
    await Promise.all([first, second]);
    expect(heights).toEqual([height + 3]);
  });

  test('does not wait for a case that has ended', async () => {
    const miner = minerOf();
    const [one, two] = [await enter(miner), await enter(miner)];
    const confirmed = miner.confirm(await pay(), 1, signal, one);
    miner.leave(two);
    await confirmed;
    expect(heights).toHaveLength(1);
  });

  test('waits for a case that was served to want the next block', async () => {
    const miner = minerOf();
    const [one, two] = [await enter(miner), await enter(miner)];
    const [txid, other] = [await pay(), await pay()];
    await Promise.all([miner.confirm(txid, 1, signal, one), miner.confirm(other, 1, signal, two)]);
    const third = miner.confirm(txid, 2, signal, one);
    await settled();
    expect(heights).toHaveLength(1);
    await miner.confirm(other, 2, signal, two);
    await third;
    expect(heights).toHaveLength(2);
  });

  test('goes on without a case that wants no block for long', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
    try {
      const miner = minerOf();
      const one = await enter(miner);
      await enter(miner);
      const confirmed = miner.confirm(await pay(), 1, signal, one);
      await settled();
      await vi.advanceTimersByTimeAsync(10_000);
      await confirmed;
    } finally {
      vi.useRealTimers();
    }
  });

  test('lets no case begin while nodes work through a block', async () => {
    let follow = (): void => undefined;
    const following = new Promise<void>((resolve) => {
      follow = resolve;
    });
    const miner = minerOf(() => following);
    const confirmed = miner.confirm(await pay(), 1, signal);
    await settled();
    let begun = false;
    const entering = enter(miner).then(() => {
      begun = true;
    });
    await settled();
    expect(begun).toBe(false);
    follow();
    await Promise.all([confirmed, entering]);
    expect(begun).toBe(true);
  });

  test('drops the wish of a case that ends, and rejects all wishes when a node does not follow', async () => {
    const lost = new BoltgridError('node.timeout', 'node', 'sync: nothing');
    const miner = minerOf(() => Promise.reject(lost));
    const [one, two] = [await enter(miner), await enter(miner)];
    const ended = new AbortController();
    const dropped = miner.confirm(await pay(), 1, ended.signal, one);
    await settled();
    ended.abort(new BoltgridError('case.ended', 'harness', 'the case has ended'));
    await expect(dropped).rejects.toMatchObject({ code: 'case.ended' });
    miner.leave(one);
    await expect(miner.confirm(await pay(), 1, signal, two)).rejects.toBe(lost);
  });
});
