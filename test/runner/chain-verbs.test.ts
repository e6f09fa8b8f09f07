import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { OP_TRUE_SCRIPT, OP_TRUE_WITNESS_SCRIPT } from '../../src/bitcoin/output.ts';
import { makeTransaction, type Transaction } from '../../src/bitcoin/transaction.ts';
import type { Chain } from '../../src/chain/chain.ts';
import { startMemoryChain } from '../../src/chain/memory.ts';
import { EMPTY } from '../../src/core/bytes.ts';
import { stepFailureOf } from '../../src/peer/step.ts';
import { chainVerbs } from '../../src/runner/chain-verbs.ts';
import { CaseEvidence } from '../../src/runner/evidence.ts';
import { eventually } from '../../src/runner/eventually.ts';
import { World } from '../../src/runner/world.ts';
import type { ChainMode, ChainVerbs, CommonContext, TestCase } from '../../src/suite/types.ts';

const { signal } = new AbortController();

let chain: Chain;

beforeAll(async () => {
  chain = await startMemoryChain();
});
afterAll(() => chain.close());

function verbsOf(mode: ChainMode): ChainVerbs {
  const world = new World({ name: 'world', chain, nodes: [], end: () => Promise.resolve() });
  const evidence = new CaseEvidence({ requirements: ['bolt01-ping-08'] } as unknown as TestCase);
  const wait: CommonContext['eventually'] = (what, read, until, options) =>
    eventually({ world, evidence, signal }, what, read, until, options);
  return chainVerbs({ world, mode, seat: Symbol('case'), eventually: wait, signal });
}

const spend = ({ txid }: Transaction, amountSat: bigint): Transaction =>
  makeTransaction({
    version: 2,
    inputs: [{ txid, vout: 0, scriptSig: EMPTY, sequence: 0xffff_ffff, witness: [OP_TRUE_WITNESS_SCRIPT] }],
    outputs: [{ amountSat, script: OP_TRUE_SCRIPT }],
    lockTime: 0,
  });

describe('what a case may do with the chain', () => {
  test.each<[ChainMode, (keyof ChainVerbs)[], (keyof ChainVerbs)[]]>([
    ['none', ['height'], ['confirm', 'fund', 'pay', 'broadcast', 'spenderOf', 'mine', 'reorg']],
    ['confirm', ['height', 'fund'], ['mine', 'reorg']],
    ['owns', ['height', 'fund'], []],
  ])('%s', async (mode, allowed, refused) => {
    const verbs = verbsOf(mode) as unknown as Record<string, (...given: unknown[]) => Promise<unknown>>;
    for (const verb of allowed) await verbs[verb]?.(OP_TRUE_SCRIPT, 1000n);
    for (const verb of refused)
      await expect(verbs[verb]?.('', 1), verb).rejects.toMatchObject({ code: 'suite.chain-mode' });
  });
});

test('an output is followed from its transaction to the one that spends it, and where they are', async () => {
  const verbs = verbsOf('confirm');
  const funding = await verbs.fund(OP_TRUE_SCRIPT, 50_000n);
  const spending = spend(funding, 40_000n);
  expect(await verbs.testAccept(funding, spending)).toMatchObject([{ accepted: true }, { feeSat: 10_000n }]);
  expect(await verbs.transaction(funding.txid)).toBeUndefined();
  await verbs.broadcast(funding);
  await verbs.confirm(funding.txid);
  expect(await verbs.transaction(funding.txid)).toMatchObject({ ...funding, confirmations: 1, index: 1 });
  expect(await verbs.spender(funding.txid, 0)).toBeUndefined();
  const awaited = verbs.spenderOf(funding.txid, 0);
  await verbs.broadcast(spending);
  expect(await awaited).toEqual({ ...spending, confirmations: 0 });
});

test('an output that nobody spends in time is a step that failed, charged as the case says', async () => {
  const verbs = verbsOf('confirm');
  const { txid } = await verbs.fund(OP_TRUE_SCRIPT, 50_000n);
  const options = { what: 'the anchor', withinMs: 1, requirement: 'bolt01-ping-08' } as const;
  const error: unknown = await verbs.spenderOf(txid, 0, options).catch((thrown: unknown) => thrown);
  expect(stepFailureOf(error)).toMatchObject({ step: 'the anchor is spent', requirement: 'bolt01-ping-08' });
});

test('a transaction that is replaced while it is to be confirmed is a step that failed', async () => {
  const verbs = verbsOf('owns');
  const funding = await verbs.fund(OP_TRUE_SCRIPT, 50_000n);
  await verbs.broadcast(funding);
  const first = spend(funding, 40_000n);
  await verbs.broadcast(first);
  const mining = chain.mine.bind(chain);
  chain.mine = async (blocks) => {
    await verbs.broadcast(spend(funding, 30_000n));
    return mining(blocks);
  };
  const error: unknown = await verbs.confirm(first.txid).catch((thrown: unknown) => thrown);
  chain.mine = mining;
  expect(stepFailureOf(error)).toMatchObject({ expected: first.txid, got: 'it was replaced or dropped' });
});

test('a chain of its own can leave transactions waiting, and go back', async () => {
  const verbs = verbsOf('owns');
  const funding = await verbs.fund(OP_TRUE_SCRIPT, 50_000n);
  await verbs.broadcast(funding);
  const before = await verbs.height();
  await verbs.mine(3, { without: [funding.txid] });
  expect(await verbs.transaction(funding.txid)).toMatchObject({ confirmations: 0 });
  await verbs.mine(1);
  expect(await verbs.transaction(funding.txid)).toMatchObject({ confirmations: 1, blockHeight: before + 4 });
  await verbs.reorg(1, { transactions: 'none' });
  expect(await verbs.transaction(funding.txid)).toMatchObject({ confirmations: 0 });
  expect(await verbs.height()).toBe(before + 5);
  await expect(verbs.reorg(2, { blocks: 2 })).rejects.toMatchObject({ code: 'suite.short-branch' });
});
