import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { mineBlock, type Block } from '../../src/chain/regtest/block.ts';
import type { Regtest } from '../../src/chain/regtest/regtest.ts';
import { OP_TRUE_SCRIPT } from '../../src/bitcoin/output.ts';
import { parseTransaction, type Transaction } from '../../src/bitcoin/transaction.ts';
import { openOracle, type Oracle } from './bcoin.ts';
import { AMOUNT_SAT, type Attempt, type SpendCase } from './attempts.ts';
import { CLTV_EXPIRY } from './htlc-spends.ts';
import { SEGWIT_V0_SPENDS } from './spends.ts';
import { expectAccepted, finish, makeWorld, type Output, type World } from './world.ts';

/** Follows the memory chain block by block: what we mine must be a block to bcoin too. */
let world: World;
let oracle: Oracle;

async function follow(): Promise<void> {
  const { ledger } = world.regtest;
  for (let height = oracle.height + 1; height <= ledger.tip.height; height++) {
    const block = ledger.blockAt(height)!;
    expect({ height, refused: await oracle.add(block) }).toEqual({ height, refused: undefined });
  }
}

/** The block that a miner without rules would make of a transaction. */
function blockWith({ ledger }: Regtest, tx: Transaction): Block {
  const { tip } = ledger;
  return mineBlock({
    previousHash: tip.hash,
    height: tip.height + 1,
    time: Math.max(tip.header.time, ledger.medianTimePast() + 1),
    transactions: [tx],
    feesSat: 0n,
    script: OP_TRUE_SCRIPT,
    extraNonce: 1_000_000,
  });
}

interface Planned {
  readonly name: string;
  readonly attempt: Attempt;
  readonly output: Output;
  readonly extra: Output;
}

/** Outputs for all attempts of a kind, confirmed in one block at the tip. */
function plan(attempts: (spend: SpendCase) => Readonly<Record<string, Attempt>>): readonly Planned[] {
  const { regtest, coins } = world;
  const fund = (script: Uint8Array): Output => {
    const { raw, txid, vout } = coins.fund(script, AMOUNT_SAT);
    expectAccepted(regtest, parseTransaction(raw));
    return { txid, vout, script, amountSat: AMOUNT_SAT };
  };
  const planned = Object.entries(SEGWIT_V0_SPENDS).flatMap(([kind, spend]) =>
    Object.entries(attempts(spend)).map(([name, attempt]) => ({
      name: `${kind}: ${name}`,
      attempt,
      output: fund(spend.script),
      extra: fund(OP_TRUE_SCRIPT),
    })),
  );
  regtest.mine();
  return planned.sort((a, b) => (a.attempt.depth ?? 0) - (b.attempt.depth ?? 0));
}

/** Mines until the output is as deep as the attempt asks for. */
function waitFor({ attempt }: Planned, plannedAt: number): void {
  while (world.regtest.ledger.tip.height < plannedAt + (attempt.depth ?? 0)) world.regtest.mine();
}

beforeAll(async () => {
  world = makeWorld();
  oracle = await openOracle();
  await follow();
});

afterAll(() => oracle.close());

describe('bcoin validates what the memory chain mines', () => {
  it('the first blocks, with coinbases, commitments and split coins', () => {
    expect(oracle.height).toBe(world.regtest.ledger.tip.height);
    expect(oracle.height).toBeLessThan(CLTV_EXPIRY);
  });

  it('refuses with us, and for the script or lock, what no block may hold', async () => {
    const planned = plan(({ bad }) =>
      Object.fromEntries(Object.entries(bad).filter(([, { policyOnly }]) => !policyOnly)),
    );
    const plannedAt = world.regtest.ledger.tip.height;
    await follow();
    for (const each of planned) {
      waitFor(each, plannedAt);
      await follow();
      const tx = finish(each.attempt.build(each.output, each.extra));
      expect({ name: each.name, judgement: world.regtest.submit(tx) }).toMatchObject({
        judgement: { rejected: {} },
      });
      const refused = await oracle.add(blockWith(world.regtest, tx));
      expect({ name: each.name, refused }).toEqual({
        name: each.name,
        refused: expect.stringMatching(
          /^(mandatory-script-verify|bad-txns-nonfinal|bad-txns-in-belowout)/,
        ) as string,
      });
    }
    expect(planned.length).toBeGreaterThan(30);
  });

  it('accepts what we accept', async () => {
    const planned = plan(({ good }) => good);
    const plannedAt = world.regtest.ledger.tip.height;
    for (const each of planned) {
      waitFor(each, plannedAt);
      await follow();
      const tx = finish(each.attempt.build(each.output, each.extra));
      expectAccepted(world.regtest, tx);
      const block = world.regtest.mine({ transactions: [tx] });
      expect({ name: each.name, refused: await oracle.add(block) }).toEqual({
        name: each.name,
        refused: undefined,
      });
    }
    expect(world.regtest.mempool.size).toBe(0);
    expect(planned.length).toBeGreaterThan(20);
  });

  it('accepts what only relaying nodes refuse', async () => {
    const planned = plan(({ bad }) =>
      Object.fromEntries(Object.entries(bad).filter(([, { policyOnly }]) => policyOnly)),
    );
    await follow();
    for (const { attempt, output, extra } of planned) {
      const tx = finish(attempt.build(output, extra));
      expect(world.regtest.submit(tx)).toHaveProperty('rejected');
      const block = blockWith(world.regtest, tx);
      expect(await oracle.add(block)).toBeUndefined();
      world.regtest.ledger.connect(block);
    }
    expect(planned.length).toBeGreaterThan(2);
  });

  it('a coinbase that is spent too early is refused by both', async () => {
    const { regtest } = world;
    const coinbase = regtest.ledger.blockAt(regtest.ledger.tip.height - 50)!.transactions[0]!;
    const output = { ...coinbase.outputs[0]!, txid: coinbase.txid, vout: 0 };
    const tx = finish(SEGWIT_V0_SPENDS['P2WSH(OP_TRUE)']!.good.anyone!.build(output, output));
    expect(regtest.submit(tx)).toMatchObject({
      rejected: { reason: 'bad-txns-premature-spend-of-coinbase' },
    });
    expect(await oracle.add(blockWith(regtest, tx))).toBe('bad-txns-premature-spend-of-coinbase');
  });

  it('follows a reorg, and a halving', async () => {
    const { regtest, coins } = world;
    expectAccepted(regtest, parseTransaction(coins.fund(OP_TRUE_SCRIPT, AMOUNT_SAT).raw));
    regtest.mine();
    await follow();
    const abandoned = regtest.ledger.tip;
    regtest.disconnect(3);
    const fork = regtest.ledger.tip.height;
    for (let i = 0; i < 5; i++) regtest.mine();
    for (let height = fork + 1; height <= regtest.ledger.tip.height; height++) {
      const refused = await oracle.add(regtest.ledger.blockAt(height)!);
      // Until the new branch is longer, bcoin keeps the old one for its tip.
      expect(refused === undefined || height <= abandoned.height).toBe(true);
    }
    expect(oracle.height).toBe(regtest.ledger.tip.height);
    while (regtest.ledger.tip.height < 455) regtest.mine();
    await follow();
    const paidSat = (height: number) =>
      regtest.ledger.blockAt(height)!.transactions[0]!.outputs[0]!.amountSat;
    expect([paidSat(449), paidSat(450)]).toEqual([1_250_000_000n, 625_000_000n]);
  });
});

it('a block that pays its miner a satoshi too much is refused by the oracle', async () => {
  const { regtest } = world;
  const { tip } = regtest.ledger;
  const block = mineBlock({
    previousHash: tip.hash,
    height: tip.height + 1,
    time: tip.header.time + 1,
    transactions: [],
    feesSat: 1n,
    script: OP_TRUE_SCRIPT,
    extraNonce: 2_000_000,
  });
  expect(await oracle.add(block)).toBe('bad-cb-amount');
});
