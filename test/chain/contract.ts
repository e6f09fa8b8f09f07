import { afterEach, beforeEach, expect, it } from 'vitest';
import type { BlockEvent, Chain } from '../../src/chain/chain.ts';
import { OP_TRUE_SCRIPT, scriptOfAddress } from '../../src/bitcoin/output.ts';
import { parseTransaction } from '../../src/bitcoin/transaction.ts';
import { ADDRESS, spendTrue, UNKNOWN } from './rpc-user.ts';

/** What every kind of chain does. Each test opens the chain anew; it need not be a new chain. */
export function chainContract(open: () => Promise<Chain>): void {
  let chain: Chain;

  beforeEach(async () => {
    chain = await open();
  });

  afterEach(() => chain.close());

  it('pays an address, and follows the payment into a block', async () => {
    const { txid, raw, vout } = await chain.pay(ADDRESS, 123_456n);
    expect(parseTransaction(raw).outputs[vout]).toEqual({
      amountSat: 123_456n,
      script: scriptOfAddress(ADDRESS),
    });
    expect(await chain.transaction(txid)).toEqual({ txid, raw, confirmations: 0 });
    const { height, hash } = await chain.mine(1);
    await chain.mine(2);
    expect(await chain.transaction(txid)).toEqual({
      txid,
      raw,
      confirmations: 3,
      blockHeight: height,
      blockHash: hash,
      index: 1,
    });
  });

  it('funds without broadcasting, from coins that no other payment takes', async () => {
    const funding = await chain.fund(OP_TRUE_SCRIPT, 1_000_000n);
    expect(await chain.transaction(funding.txid)).toBeUndefined();
    for (let i = 0; i < 5; i++) await chain.pay(ADDRESS, 50_000n);
    expect(await chain.broadcast(funding.raw)).toBe(funding.txid);
    expect(await chain.broadcast(funding.raw)).toBe(funding.txid);
    await chain.mine(1);
    expect(await chain.transaction(funding.txid)).toMatchObject({ confirmations: 1 });
  });

  it('pays many times in one transaction', async () => {
    const { raw, txid } = await chain.pay(OP_TRUE_SCRIPT, 300_000_000n, 3);
    const paid = { amountSat: 300_000_000n, script: OP_TRUE_SCRIPT };
    expect(parseTransaction(raw).outputs.slice(0, 3)).toEqual([paid, paid, paid]);
    await chain.mine(1);
    expect(await chain.transaction(txid)).toMatchObject({ confirmations: 1 });
  });

  it('finds what spends an output, in the mempool and in a block', async () => {
    const { txid, vout } = await chain.pay(OP_TRUE_SCRIPT, 50_000n);
    expect(await chain.spender(txid, vout)).toBeUndefined();
    const spending = spendTrue(txid, vout, 50_000n, 1000n);
    await chain.broadcast(spending.raw);
    expect(await chain.spender(txid, vout)).toMatchObject({ txid: spending.txid, confirmations: 0 });
    await chain.mine(1);
    expect(await chain.spender(txid, vout)).toMatchObject({ txid: spending.txid, confirmations: 1 });
    await chain.reorg(1, { transactions: 'none' });
    expect(await chain.spender(txid, vout)).toMatchObject({ txid: spending.txid, confirmations: 0 });
  });

  it('refuses with the reason of bitcoind', async () => {
    const { txid, vout } = await chain.pay(OP_TRUE_SCRIPT, 50_000n);
    const bad = spendTrue(txid, vout, 50_001n, 0n);
    await expect(chain.broadcast(bad.raw)).rejects.toMatchObject({
      code: 'chain.rejected',
      details: { txid: bad.txid, reason: 'bad-txns-in-belowout', code: -26 },
    });
    await expect(chain.broadcast(Uint8Array.of(1, 2, 3))).rejects.toMatchObject({
      code: 'bitcoin.bad-transaction',
    });
    await expect(chain.pay('nonsense', 50_000n)).rejects.toMatchObject({ code: 'chain.bad-address' });
    await expect(chain.pay(ADDRESS, 1n)).rejects.toMatchObject({ details: { reason: 'dust' } });
  });

  it('says what it would accept', async () => {
    const { txid, vout } = await chain.pay(OP_TRUE_SCRIPT, 50_000n);
    const [good, free] = [spendTrue(txid, vout, 50_000n, 1000n), spendTrue(txid, vout, 50_000n, 0n)];
    expect(await chain.testAccept(good.raw)).toEqual([
      { txid: good.txid, accepted: true, feeSat: 1000n, vsize: good.vsize },
    ]);
    expect(await chain.testAccept(free.raw)).toEqual([
      { txid: free.txid, accepted: false, reason: 'min relay fee not met' },
    ]);
    expect(await chain.transaction(good.txid)).toBeUndefined();
  });

  it('goes over to another branch, one block longer, with the same transactions', async () => {
    const { txid } = await chain.pay(ADDRESS, 50_000n);
    const before = await chain.mine(2);
    const after = await chain.reorg(2);
    expect(after.height).toBe(before.height + 1);
    expect(after.hash).not.toBe(before.hash);
    expect(await chain.transaction(txid)).toMatchObject({ confirmations: 3, blockHeight: before.height - 1 });
  });

  it('or leaves the transactions waiting', async () => {
    const { txid } = await chain.pay(ADDRESS, 50_000n);
    const before = await chain.mine(2);
    expect(await chain.reorg(2, { transactions: 'none', blocks: 4 })).toMatchObject({
      height: before.height + 2,
    });
    expect(await chain.transaction(txid)).toMatchObject({ confirmations: 0 });
    await expect(chain.reorg(100_000)).rejects.toMatchObject({ code: 'chain.no-block' });
  });

  it('mines around transactions, and around what builds on them', async () => {
    const parent = await chain.pay(OP_TRUE_SCRIPT, 50_000n);
    const child = spendTrue(parent.txid, parent.vout, 50_000n, 1000n);
    await chain.broadcast(child.raw);
    const other = await chain.pay(ADDRESS, 50_000n);
    const confirmations = async (): Promise<unknown[]> => {
      const seen = await Promise.all([parent, child, other].map(({ txid }) => chain.transaction(txid)));
      return seen.map((each) => each?.confirmations);
    };
    await chain.mine(2, { without: [parent.txid] });
    expect(await confirmations()).toEqual([0, 0, 2]);
    await chain.mine(1, { without: [child.txid] });
    expect(await confirmations()).toEqual([1, 0, 3]);
    await chain.mine(1, 'none');
    expect(await confirmations()).toEqual([2, 0, 4]);
    await chain.reorg(2, { transactions: { without: [parent.txid] } });
    expect(await confirmations()).toEqual([0, 0, 5]);
  });

  it('mines what no mempool takes, and drops what conflicts with it', async () => {
    const { txid, vout } = await chain.pay(OP_TRUE_SCRIPT, 50_000n);
    await chain.mine(1);
    const [waiting, free] = [spendTrue(txid, vout, 50_000n, 1000n), spendTrue(txid, vout, 50_000n, 0n)];
    await chain.broadcast(waiting.raw);
    await chain.mine(2, { only: [free] });
    expect(await chain.transaction(waiting.txid)).toBeUndefined();
    expect(await chain.spender(txid, vout)).toMatchObject({ txid: free.txid, confirmations: 2 });
  });

  it('mines nothing that consensus forbids', async () => {
    const { txid, vout } = await chain.pay(OP_TRUE_SCRIPT, 50_000n);
    await chain.mine(1);
    const [good, orphan] = [spendTrue(txid, vout, 50_000n, 0n), spendTrue(UNKNOWN, 0, 50_000n, 0n)];
    const { height } = await chain.tip();
    await expect(chain.mine(1, { only: [good, orphan] })).rejects.toMatchObject({ code: 'chain.bad-block' });
    expect(await chain.tip()).toMatchObject({ height });
    expect(await chain.transaction(good.txid)).toBeUndefined();
  });

  it('tells of blocks and transactions as they come', async () => {
    const blocks: BlockEvent[] = [];
    const transactions: string[] = [];
    const unsubscribe = [
      chain.onBlock((event) => blocks.push(event)),
      chain.onTransaction((txid) => transactions.push(txid)),
    ];
    const { txid } = await chain.pay(ADDRESS, 50_000n);
    const first = await chain.mine(1);
    const last = await chain.reorg(1);
    expect(transactions).toEqual([txid]);
    expect(blocks).toEqual([
      { type: 'connected', ...first },
      { type: 'disconnected', ...first },
      { type: 'connected', height: first.height, hash: expect.any(String) as string },
      { type: 'connected', ...last },
    ]);
    for (const each of unsubscribe) each();
    await chain.pay(ADDRESS, 50_000n);
    await chain.mine(1);
    expect([blocks.length, transactions.length]).toEqual([4, 1]);
  });

  it('takes many blocks back, and their transactions with them', async () => {
    const { txid } = await chain.pay(ADDRESS, 50_000n);
    const { height } = await chain.mine(14);
    await chain.reorg(14);
    expect(await chain.transaction(txid)).toMatchObject({ confirmations: 15, blockHeight: height - 13 });
  });

  it('judges a transaction as if those before it had been accepted, whatever becomes of others', async () => {
    const { txid, vout } = await chain.pay(OP_TRUE_SCRIPT, 50_000n);
    await chain.mine(1);
    const parent = spendTrue(txid, vout, 50_000n, 1000n);
    const orphan = spendTrue(UNKNOWN, 0, 50_000n, 1000n);
    const child = spendTrue(parent.txid, 0, 49_000n, 1000n);
    expect(await chain.testAccept(parent.raw, orphan.raw, child.raw)).toMatchObject([
      { txid: parent.txid, accepted: true, feeSat: 1000n },
      { txid: orphan.txid, accepted: false, reason: 'bad-txns-inputs-missingorspent' },
      { txid: child.txid, accepted: true, feeSat: 1000n },
    ]);
  });

  it('knows a transaction that it has already confirmed', async () => {
    const { raw, txid } = await chain.pay(ADDRESS, 50_000n);
    await chain.mine(1);
    await expect(chain.broadcast(raw)).rejects.toMatchObject({
      code: 'chain.rejected',
      details: { txid, reason: 'txn-already-known', code: -27 },
    });
  });

  it('is of no use once it is closed', async () => {
    await chain.close();
    await expect(chain.tip()).rejects.toMatchObject({ code: 'chain.closed' });
    await expect(chain.mine(1)).rejects.toMatchObject({ code: 'chain.closed' });
    await chain.close();
  });
}
