import { beforeEach, describe, expect, it } from 'vitest';
import { fromHex } from '../../src/core/bytes.ts';
import { OP_TRUE_SCRIPT, OP_TRUE_WITNESS_SCRIPT } from '../../src/bitcoin/output.ts';
import { makeTransaction, type Transaction, type TransactionParts } from '../../src/bitcoin/transaction.ts';
import {
  expectAccepted,
  makeOutput,
  makeWorld,
  spendOf,
  type Output,
  type SpendOptions,
  type World,
} from './world.ts';

let world: World;
let coin: Output;

beforeEach(() => {
  world = makeWorld();
  coin = makeOutput(world, OP_TRUE_SCRIPT, 1_000_000n);
});

const signed = (parts: TransactionParts): Transaction =>
  makeTransaction({
    ...parts,
    inputs: parts.inputs.map((input) => ({ ...input, witness: [OP_TRUE_WITNESS_SCRIPT] })),
  });

const spend = (spent: readonly Output[], options?: SpendOptions): Transaction =>
  signed(spendOf(spent, options));

const outputOf = (tx: Transaction, vout = 0): Output => ({ ...tx.outputs[vout]!, txid: tx.txid, vout });

const submit = (tx: Transaction) => {
  const judgement = world.regtest.submit(tx);
  return 'rejected' in judgement ? judgement.rejected.reason : 'accepted';
};

describe('a transaction is refused', () => {
  const out = (amountSat: bigint) => ({ amountSat, script: OP_TRUE_SCRIPT });
  const changed = (change: Partial<TransactionParts>) => () => signed({ ...spendOf([coin]), ...change });

  it.each<[string, () => Transaction]>([
    ['bad-txns-vout-empty', changed({ outputs: [] })],
    ['bad-txns-vout-negative', changed({ outputs: [out(2n ** 63n)] })],
    ['bad-txns-vout-toolarge', changed({ outputs: [out(2_100_000_000_000_001n)] })],
    ['bad-txns-txouttotal-toolarge', changed({ outputs: [out(2_100_000_000_000_000n), out(1n)] })],
    ['bad-txns-inputs-duplicate', () => spend([coin, coin])],
    ['bad-txns-in-belowout', () => spend([coin], { feeSat: -1n })],
    ['bad-txns-inputs-missingorspent', () => spend([{ ...coin, vout: 9 }])],
    ['bad-txns-inputs-missingorspent', () => spend([{ ...coin, txid: '11'.repeat(32) }])],
    ['version', changed({ version: 3 })],
    ['version', changed({ version: 0 })],
    ['scriptpubkey', changed({ outputs: [{ amountSat: 999_000n, script: Uint8Array.of(0x51) }] })],
    [
      'multi-op-return',
      changed({ outputs: [0, 1].map(() => ({ amountSat: 0n, script: fromHex('6a0101') })) }),
    ],
    ['tx-size-small', changed({ outputs: [{ amountSat: 0n, script: fromHex('6a') }] })],
    ['non-final', () => spend([coin], { lockTime: 10_000 })],
    ['min relay fee not met', () => spend([coin], { feeSat: 0n })],
  ])('%s', (reason, make) => {
    expect(submit(make())).toBe(reason);
    expect(world.regtest.mempool.size).toBe(0);
  });

  it('coinbase', () => {
    expect(submit(world.regtest.ledger.tip.transactions[0]!)).toBe('coinbase');
  });

  it('when it is there already, in the mempool or in a block', () => {
    const tx = spend([coin]);
    expect(submit(tx)).toBe('accepted');
    expect(submit(tx)).toBe('txn-already-in-mempool');
    world.regtest.mine();
    expect(submit(tx)).toBe('txn-already-known');
  });

  it('when its output has been spent in a block', () => {
    expectAccepted(world.regtest, spend([coin]));
    world.regtest.mine();
    expect(submit(spend([coin], { feeSat: 5000n }))).toBe('bad-txns-inputs-missingorspent');
  });
});

describe('dust', () => {
  // BOLT 3, "Dust Limits": what bitcoind at its default feerate takes for dust.
  it.each([
    ['P2PKH', '76a914' + '11'.repeat(20) + '88ac', 546n],
    ['P2SH', 'a914' + '11'.repeat(20) + '87', 540n],
    ['P2WPKH', '0014' + '11'.repeat(20), 294n],
    ['P2WSH', '0020' + '11'.repeat(32), 330n],
    ['P2TR', '5120' + '11'.repeat(32), 330n],
    ['the longest witness program', '6028' + '11'.repeat(40), 354n],
  ])('of %s is below its limit', (_, script, limitSat) => {
    const pay = (amountSat: bigint) =>
      signed({
        ...spendOf([coin]),
        outputs: [
          { amountSat, script: fromHex(script) },
          { amountSat: 900_000n, script: OP_TRUE_SCRIPT },
        ],
      });
    expect(submit(pay(limitSat - 1n))).toBe('dust');
    expect(submit(pay(limitSat))).toBe('accepted');
  });
});

describe('a double spend', () => {
  it('that pays no more is refused', () => {
    expectAccepted(world.regtest, spend([coin], { feeSat: 1000n }));
    expect(submit(spend([coin], { feeSat: 999n }))).toBe('insufficient fee');
    expect(submit(spend([coin], { feeSat: 1000n, lockTime: 1 }))).toBe('insufficient fee');
    expect(world.regtest.mempool.size).toBe(1);
  });

  it('must pay for its own relay too', () => {
    const first = spend([coin], { feeSat: 1000n });
    expectAccepted(world.regtest, first);
    const relaySat = BigInt(first.vsize);
    expect(submit(spend([coin], { feeSat: 1000n + relaySat - 1n }))).toBe('insufficient fee');
    expect(submit(spend([coin], { feeSat: 1000n + relaySat }))).toBe('accepted');
  });

  it('that pays more replaces what it conflicts with, and all that builds on it', () => {
    const first = spend([coin]);
    const child = spend([outputOf(first)]);
    for (const tx of [first, child]) expectAccepted(world.regtest, tx);
    const better = spend([coin], { feeSat: 10_000n });
    expect(submit(better)).toBe('accepted');
    expect(world.regtest.mempool.entries().map(({ tx }) => tx.txid)).toEqual([better.txid]);
    expect(world.regtest.mempool.spenderOf(`${coin.txid}:${coin.vout}`)).toBe(better.txid);
    expect(world.regtest.mempool.spenderOf(`${first.txid}:0`)).toBeUndefined();
  });

  it('that builds on what it would replace is refused', () => {
    const first = spend([coin]);
    expectAccepted(world.regtest, first);
    expect(submit(spend([coin, outputOf(first)], { feeSat: 50_000n }))).toBe(
      'bad-txns-spends-conflicting-tx',
    );
  });
});

describe('a chain of unconfirmed transactions', () => {
  it('ends at 25', () => {
    let last = coin;
    for (let i = 0; i < 25; i++) {
      const tx = spend([last]);
      expect(submit(tx)).toBe('accepted');
      last = outputOf(tx);
    }
    expect(submit(spend([last]))).toBe('too-long-mempool-chain');
    const { transactions } = world.regtest.mine();
    expect(transactions).toHaveLength(26);
    expect(submit(spend([last]))).toBe('accepted');
  });
});

describe('relative locks (BIP 68)', () => {
  it('count from the next block while the parent is unconfirmed', () => {
    const parent = spend([coin]);
    expectAccepted(world.regtest, parent);
    expect(submit(spend([outputOf(parent)], { sequence: 1 }))).toBe('non-BIP68-final');
    world.regtest.mine();
    expect(submit(spend([outputOf(parent)], { sequence: 1 }))).toBe('accepted');
  });

  it('are not looked at with version 1, or when disabled', () => {
    expect(submit(spend([coin], { sequence: 100, version: 1 }))).toBe('accepted');
    expect(submit(spend([coin], { sequence: 0x8000_0064, feeSat: 9000n }))).toBe('accepted');
  });

  it('in time are over when the median time has moved on by units of 512 seconds', () => {
    let now = 1_700_000_000;
    world = makeWorld(() => now);
    coin = makeOutput(world, OP_TRUE_SCRIPT, 1_000_000n);
    const locked = spend([coin], { sequence: 0x0040_0001 });
    expect(submit(locked)).toBe('non-BIP68-final');
    now += 512;
    for (let i = 0; i < 5; i++) world.regtest.mine();
    // Five of eleven blocks: the median is still an old one.
    expect(submit(locked)).toBe('non-BIP68-final');
    world.regtest.mine();
    expect(submit(locked)).toBe('accepted');
  });
});

describe('absolute locks', () => {
  it('let a transaction into the block after its height', () => {
    const height = world.regtest.ledger.tip.height;
    expect(submit(spend([coin], { lockTime: height + 1 }))).toBe('non-final');
    expect(submit(spend([coin], { lockTime: height }))).toBe('accepted');
  });

  it('in time compare with the median time past (BIP 113)', () => {
    const median = world.regtest.ledger.medianTimePast();
    expect(submit(spend([coin], { lockTime: median }))).toBe('non-final');
    expect(submit(spend([coin], { lockTime: median - 1 }))).toBe('accepted');
  });

  it('are not looked at when every sequence is final', () => {
    expect(submit(spend([coin], { lockTime: 10_000, sequence: 0xffff_ffff }))).toBe('accepted');
  });
});

describe('a package', () => {
  const reasons = (...transactions: readonly Transaction[]) =>
    world.regtest
      .submitPackage(transactions)
      .map((each) => ('rejected' in each ? each.rejected.reason : 'accepted'));

  it('does not let a child pay for a parent below the relay fee', () => {
    const parent = spend([coin], { feeSat: 0n });
    expect(reasons(parent, spend([outputOf(parent)], { feeSat: 1000n }))).toEqual([
      'min relay fee not met',
      'bad-txns-inputs-missingorspent',
    ]);
    expect(world.regtest.mempool.size).toBe(0);
  });

  it('takes what is good alone', () => {
    const [good, bad] = [spend([coin]), spend([{ ...coin, vout: 7 }])];
    expect(reasons(good, bad)).toEqual(['accepted', 'bad-txns-inputs-missingorspent']);
    expect(world.regtest.mempool.size).toBe(1);
  });

  it('is not changed by being tested', () => {
    const parent = spend([coin]);
    const judged = world.regtest.test([parent, spend([outputOf(parent)])]);
    expect(judged.map((each) => 'candidate' in each)).toEqual([true, true]);
    expect(world.regtest.mempool.size).toBe(0);
    expect(world.regtest.mempool.spenderOf(`${coin.txid}:${coin.vout}`)).toBeUndefined();
  });
});
