import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { addressOfScript, p2wpkh } from '../../src/bitcoin/output.ts';
import { parseTransaction } from '../../src/bitcoin/transaction.ts';
import type { Chain } from '../../src/chain/chain.ts';
import { startMemoryChain } from '../../src/chain/memory.ts';
import { BoltgridError } from '../../src/core/error.ts';
import type { RunningNode } from '../../src/nodes/node.ts';
import { Miner } from '../../src/runner/miner.ts';
import { Wallets } from '../../src/runner/wallets.ts';

const SCRIPT = p2wpkh(new Uint8Array(33).fill(3));

let chain: Chain;
let payments: string[];

beforeAll(async () => {
  chain = await startMemoryChain();
});
beforeEach(() => {
  payments = [];
});
afterAll(() => chain.close());

/** A wallet that knows of every confirmed output that pays its address, until it `spends`. */
function wallet(): RunningNode & { spends(): void } {
  const perform: Record<string, () => Promise<unknown>> = {
    newAddress: () => Promise.resolve({ address: addressOfScript(SCRIPT) }),
    balance: async () => {
      const seen = await Promise.all(payments.map((txid) => chain.transaction(txid)));
      const outputs = seen.flatMap((tx) => (tx?.confirmations ? parseTransaction(tx.raw).outputs : []));
      const own = outputs.filter(({ script }) => Buffer.compare(script, SCRIPT) === 0);
      return { confirmedSat: own.reduce((sum, { amountSat }) => sum + amountSat, 0n), unconfirmedSat: 0n };
    },
  };
  return {
    operations: new Set(['newAddress', 'balance']),
    call: (operation: string) => perform[operation]?.(),
    spends: () => {
      payments = [];
    },
  } as unknown as RunningNode & { spends(): void };
}

function walletsOf(...nodes: RunningNode[]): Wallets {
  const miner = new Miner(chain, () => Promise.resolve());
  return new Wallets({ chain, miner, nodes: nodes.map((running) => ({ running })) });
}

const record = (): (() => void) => chain.onTransaction((txid) => payments.push(txid));

describe('the wallets of a world', () => {
  test('are filled once, with many confirmed coins, however many cases ask at the same time', async () => {
    const node = wallet();
    const wallets = walletsOf(node);
    const stop = record();
    await Promise.all([wallets.fill(), wallets.fill(), wallets.fill()]);
    await wallets.fill();
    stop();
    expect(payments).toHaveLength(1);
    const paid = await chain.transaction(payments[0] ?? '');
    expect(paid?.confirmations).toBe(1);
    const coins = parseTransaction(paid?.raw ?? new Uint8Array()).outputs.filter(
      ({ script }) => Buffer.compare(script, SCRIPT) === 0,
    );
    expect(coins.length).toBeGreaterThanOrEqual(16);
    // The largest channel without option_support_large_channel is 2^24 - 1 sat (BOLT 2).
    for (const { amountSat } of coins) expect(amountSat).toBeGreaterThan(2n ** 24n);
  });

  test('are filled again when they run low', async () => {
    const node = wallet();
    const wallets = walletsOf(node);
    const stop = record();
    await wallets.fill();
    node.spends();
    await wallets.fill();
    stop();
    expect(payments).toHaveLength(1);
  });

  test('are full when the nodes count their coins', async () => {
    const node = wallet();
    let looks = 0;
    const late = {
      ...node,
      call: async (operation: string) => {
        if (operation !== 'balance' || looks++ > 2) return node.call(operation as 'balance', {});
        return Promise.resolve({ confirmedSat: 0n, unconfirmedSat: 0n });
      },
    } as unknown as RunningNode;
    const stop = record();
    await walletsOf(late).fill();
    stop();
    expect(looks).toBeGreaterThan(3);
    expect(payments).toHaveLength(1);
  });

  test('are left alone where a node has none', async () => {
    const stop = record();
    await walletsOf({ operations: new Set(['info']) } as unknown as RunningNode).fill();
    stop();
    expect(payments).toEqual([]);
  });

  test('that cannot be filled are a fault of the set-up', async () => {
    const broken = {
      ...wallet(),
      call: () => Promise.reject(new BoltgridError('node.timeout', 'node', 'balance: nothing')),
    } as unknown as RunningNode;
    await expect(walletsOf(broken).fill()).rejects.toMatchObject({ code: 'runner.no-coins', blame: 'setup' });
  });
});
