import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { OP_TRUE_SCRIPT, OP_TRUE_WITNESS_SCRIPT, p2wpkh } from '../../src/bitcoin/output.ts';
import { makeTransaction, type Transaction } from '../../src/bitcoin/transaction.ts';
import type { Chain } from '../../src/chain/chain.ts';
import { startMemoryChain } from '../../src/chain/memory.ts';
import { EMPTY } from '../../src/core/bytes.ts';
import { caseChain } from '../../src/runner/case-chain.ts';
import { Miner } from '../../src/runner/miner.ts';

const SCRIPT = p2wpkh(new Uint8Array(33).fill(2));
const signal = new AbortController().signal;

let chain: Chain;
let reached: number[];

beforeAll(async () => {
  chain = await startMemoryChain();
});
afterAll(() => chain.close());

function makeCaseChain() {
  reached = [];
  const miner = new Miner(chain, (height) => {
    reached.push(height);
    return Promise.resolve();
  });
  return caseChain({ chain, miner }, Symbol('case'), signal);
}

const spendOf = ({ txid }: Transaction, vout: number, amountSat: bigint): Transaction =>
  makeTransaction({
    version: 2,
    inputs: [{ txid, vout, scriptSig: EMPTY, sequence: 0xffff_ffff, witness: [OP_TRUE_WITNESS_SCRIPT] }],
    outputs: [{ amountSat, script: SCRIPT }],
    lockTime: 0,
  });

describe('the chain of a case', () => {
  test('a funded transaction is seen once it is broadcast, and has an id once it is confirmed', async () => {
    const verbs = makeCaseChain();
    const funding = await verbs.fund(SCRIPT, 100_000n);
    const output = { amountSat: 100_000n, script: SCRIPT };
    expect(funding.outputs[0]).toEqual(output);
    expect(await verbs.sight(funding.txid, 0)).toBeUndefined();
    await verbs.broadcast(funding);
    expect(await verbs.sight(funding.txid, 0)).toEqual({ depth: 0, output });
    const before = await verbs.height();
    await verbs.confirm(funding.txid, 3);
    expect(reached).toEqual([before + 3]);
    expect(await verbs.height()).toBe(before + 3);
    expect(await verbs.sight(funding.txid, 0)).toEqual({
      depth: 3,
      // The coinbase is the block's first.
      short_channel_id: `${before + 1}x1x0`,
      output,
    });
    expect(await verbs.sight(funding.txid, 7)).toBeUndefined();
  });

  test('a transaction may be handed over again, waiting or confirmed, also when its outputs are spent', async () => {
    const verbs = makeCaseChain();
    const funding = await verbs.fund(OP_TRUE_SCRIPT, 50_000n);
    await verbs.broadcast(funding);
    await verbs.broadcast(funding);
    await verbs.confirm(funding.txid, 1);
    await verbs.broadcast(funding);
    const spending = spendOf(funding, 0, 40_000n);
    await verbs.broadcast(spending);
    await verbs.confirm(spending.txid, 1);
    await verbs.broadcast(funding);
  });

  test('one that the mempool refuses is rejected, with the reason', async () => {
    const verbs = makeCaseChain();
    const missing = spendOf({ txid: '11'.repeat(32) } as Transaction, 0, 1000n);
    await expect(verbs.broadcast(missing)).rejects.toMatchObject({
      code: 'chain.rejected',
      details: { txid: missing.txid },
    });
  });
});
