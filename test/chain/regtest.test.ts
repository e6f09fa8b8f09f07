import { beforeEach, describe, expect, it } from 'vitest';
import { OP_TRUE_SCRIPT, OP_TRUE_WITNESS_SCRIPT, p2wpkh } from '../../src/bitcoin/output.ts';
import {
  makeTransaction,
  outpoint,
  parseTransaction,
  type Transaction,
} from '../../src/bitcoin/transaction.ts';
import { codeOf } from '../crypto/code-of.ts';
import { keyOf } from '../bitcoin/keys.ts';
import { expectAccepted, makeOutput, makeWorld, NOW, spendOf, type Output, type World } from './world.ts';

let world: World;

beforeEach(() => {
  world = makeWorld();
});

const spend = (output: Output, feeSat = 1000n): Transaction => {
  const parts = spendOf([output], { feeSat });
  return makeTransaction({
    ...parts,
    inputs: parts.inputs.map((input) => ({ ...input, witness: [OP_TRUE_WITNESS_SCRIPT] })),
  });
};

const outputOf = (tx: Transaction): Output => ({ ...tx.outputs[0]!, txid: tx.txid, vout: 0 });

const coinsNow = () =>
  [...world.regtest.ledger.coins()]
    .map((coin) => JSON.stringify(coin, (_, v: unknown) => (typeof v === 'bigint' ? String(v) : v)))
    .sort();

describe('header times', () => {
  it('of the first blocks end now, and never go back', () => {
    const { ledger } = world.regtest;
    const times = Array.from({ length: ledger.tip.height }, (_, i) => ledger.blockAt(i + 1)!.header.time);
    expect(times).toEqual([...times].sort((a, b) => a - b));
    expect(times.at(-1)).toBe(NOW);
    expect(new Set(times).size).toBe(times.length);
  });

  it('stay near now while many blocks are mined at once, above the median of eleven (BIP 113)', () => {
    const { regtest } = world;
    for (let i = 0; i < 144; i++) {
      const median = regtest.ledger.medianTimePast();
      expect(regtest.mine().header.time).toBeGreaterThan(median);
    }
    expect(regtest.ledger.tip.header.time - NOW).toBeLessThan(60);
  });

  it('do not go back with the clock', () => {
    let now = NOW;
    const { regtest } = makeWorld(() => now);
    now -= 3600;
    const { time } = regtest.ledger.tip.header;
    expect(regtest.mine().header.time).toBeGreaterThanOrEqual(time);
  });
});

describe('a block', () => {
  it('pays the fees to its coinbase', () => {
    const output = makeOutput(world, OP_TRUE_SCRIPT, 100_000n);
    expectAccepted(world.regtest, spend(output, 1234n));
    const [coinbase] = world.regtest.mine().transactions;
    expect(coinbase!.outputs[0]!.amountSat).toBe(5_000_000_000n + 1234n);
  });

  it('holds exactly the transactions that are asked for', () => {
    const [a, b] = [makeOutput(world, OP_TRUE_SCRIPT, 100_000n), makeOutput(world, OP_TRUE_SCRIPT, 100_000n)];
    const [first, second] = [spend(a), spend(b)];
    for (const tx of [first, second]) expectAccepted(world.regtest, tx);
    const block = world.regtest.mine({ transactions: [second] });
    expect(block.transactions.map(({ txid }) => txid)).toEqual([block.transactions[0]!.txid, second.txid]);
    expect(world.regtest.mempool.entries().map(({ tx }) => tx.txid)).toEqual([first.txid]);
  });

  it('cannot hold what was never verified, or a child without its parent', () => {
    const output = makeOutput(world, OP_TRUE_SCRIPT, 100_000n);
    const parent = spend(output);
    const child = spend(outputOf(parent));
    expect(codeOf(() => world.regtest.mine({ transactions: [parent] }))).toBe('chain.bad-block');
    for (const tx of [parent, child]) expectAccepted(world.regtest, tx);
    expect(codeOf(() => world.regtest.mine({ transactions: [child] }))).toBe('chain.bad-block');
    expect(codeOf(() => world.regtest.mine({ transactions: [child, parent] }))).toBe('chain.bad-block');
    expect(world.regtest.mine({ transactions: [parent, child] }).transactions).toHaveLength(3);
  });
});

describe('disconnecting blocks', () => {
  it('gives back every coin as it was', () => {
    makeOutput(world, OP_TRUE_SCRIPT, 100_000n);
    const before = coinsNow();
    const { tip } = world.regtest.ledger;
    const output = makeOutput(world, OP_TRUE_SCRIPT, 200_000n);
    const parent = spend(output);
    for (const tx of [parent, spend(outputOf(parent))]) expectAccepted(world.regtest, tx);
    world.regtest.mine();
    expect(coinsNow()).not.toEqual(before);
    world.regtest.disconnect(2);
    expect(world.regtest.ledger.tip).toBe(tip);
    expect(coinsNow()).toEqual(before);
  });

  it('puts transactions back into the mempool, parents first, and they are mined again', () => {
    const { regtest, coins } = world;
    const funding = parseTransaction(coins.fund(OP_TRUE_SCRIPT, 100_000n).raw);
    expectAccepted(regtest, funding);
    regtest.mine();
    const child = spend(outputOf(funding));
    expectAccepted(regtest, child);
    regtest.mine();
    regtest.disconnect(2);
    expect(regtest.mempool.entries().map(({ tx }) => tx.txid)).toEqual([funding.txid, child.txid]);
    expect(regtest.ledger.confirmed(funding.txid)).toBeUndefined();
    expect(regtest.ledger.spenderOf(outpoint({ txid: funding.txid, vout: 0 }))).toBeUndefined();
    regtest.mine();
    expect(regtest.ledger.confirmed(child.txid)?.block).toBe(regtest.ledger.tip);
    expect(regtest.mempool.size).toBe(0);
  });

  it('forgets what can no longer be valid: a relative lock that is open again, and what builds on it', () => {
    const { regtest } = world;
    const output = makeOutput(world, OP_TRUE_SCRIPT, 100_000n);
    for (let i = 0; i < 3; i++) regtest.mine();
    const parts = spendOf([output], { sequence: 4 });
    const locked = makeTransaction({
      ...parts,
      inputs: [{ ...parts.inputs[0]!, witness: [OP_TRUE_WITNESS_SCRIPT] }],
    });
    const child = spend(outputOf(locked));
    for (const tx of [locked, child]) expectAccepted(regtest, tx);
    regtest.disconnect(1);
    expect(regtest.mempool.size).toBe(0);
    regtest.mine();
    expectAccepted(regtest, locked);
  });

  it('forgets what spends a coinbase that is gone or immature again', () => {
    const { regtest } = world;
    const coinbase = regtest.ledger.blockAt(regtest.ledger.tip.height - 99)!.transactions[0]!;
    const tx = spend(outputOf(coinbase));
    expectAccepted(regtest, tx);
    regtest.disconnect(1);
    expect(regtest.mempool.entry(tx.txid)).toBeUndefined();
    regtest.mine();
    expectAccepted(regtest, tx);
  });

  it('keeps a signature that only relay rules refuse', () => {
    const { regtest } = world;
    const output = makeOutput(world, p2wpkh(keyOf(1).publicKey), 100_000n);
    regtest.disconnect(1);
    expect(regtest.mempool.entry(output.txid)).toBeDefined();
  });

  it('leaves abandoned blocks to be found by their hash', () => {
    const { ledger } = world.regtest;
    const abandoned = world.regtest.mine();
    world.regtest.disconnect(1);
    const other = world.regtest.mine();
    expect(other.height).toBe(abandoned.height);
    expect(other.hash).not.toBe(abandoned.hash);
    expect(ledger.blockByHash(abandoned.hash)).toBe(abandoned);
    expect(ledger.isActive(abandoned)).toBe(false);
    expect(ledger.isActive(other)).toBe(true);
  });

  it('is told from the tip downwards, after it has happened', () => {
    const { regtest } = world;
    const top = regtest.mine();
    const told: [number, number][] = [];
    regtest.blockDisconnected.add(({ height }) => told.push([height, regtest.ledger.tip.height]));
    regtest.disconnect(3);
    expect(told).toEqual([0, 1, 2].map((i) => [top.height - i, top.height - 3]));
  });

  it.each([0, -1, 1.5, 10_000])('of %d is refused', (depth) => {
    expect(
      codeOf(() => {
        world.regtest.disconnect(depth);
      }),
    ).toBe('chain.no-block');
  });
});

describe("the world's own coins", () => {
  it('fund many transactions side by side, each from confirmed coins of its own', () => {
    const { regtest, coins } = world;
    const spent = new Set<string>();
    for (let i = 0; i < 200; i++) {
      const tx = parseTransaction(coins.fund(OP_TRUE_SCRIPT, 1_000_000n).raw);
      for (const input of tx.inputs) {
        expect(spent.has(outpoint(input))).toBe(false);
        spent.add(outpoint(input));
        expect(regtest.ledger.coin(outpoint(input))?.coinbase).toBe(false);
      }
    }
  });

  it('pay the amount at the output that is named, and the feerate in force', () => {
    const { coins } = world;
    const script = p2wpkh(keyOf(1).publicKey);
    const { raw, vout } = coins.fund(script, 123_456n);
    const tx = parseTransaction(raw);
    expect(tx.outputs[vout]).toEqual({ amountSat: 123_456n, script });
    const inSat = tx.inputs.reduce(
      (sum, input) => sum + world.regtest.ledger.coin(outpoint(input))!.amountSat,
      0n,
    );
    const outSat = tx.outputs.reduce((sum, { amountSat }) => sum + amountSat, 0n);
    expect(inSat - outSat).toBe(2n * BigInt(tx.vsize));
  });

  it('join for an amount that one does not hold, and end', () => {
    const { regtest, coins } = world;
    const large = parseTransaction(coins.fund(OP_TRUE_SCRIPT, 3_000_000_000n).raw);
    expect(large.inputs.length).toBeGreaterThan(1);
    expectAccepted(regtest, large);
    expect(codeOf(() => coins.fund(OP_TRUE_SCRIPT, 10_000_000_000_000n))).toBe('chain.no-coins');
  });

  it('survive a reorg that leaves the split coins unconfirmed', () => {
    const { regtest, coins } = world;
    regtest.disconnect(25);
    expectAccepted(regtest, parseTransaction(coins.fund(OP_TRUE_SCRIPT, 1_000_000n).raw));
    regtest.mine();
    expect(regtest.mempool.size).toBe(0);
  });
});
