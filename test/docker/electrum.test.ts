import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { engine } from './engine.ts';
import { COIN_SAT, COINS, eventually, findNode, type Found } from './two-nodes.ts';
import { CASE_MS, keyOf, Pair, SAFE_DEPTH, START_MS } from './two-nodes-pair.ts';

const CAPACITY_SAT = 2_000_000n;
const PUSH_SAT = 500_000n;

for (const version of ['4.8.3', '4.5.8', '4.3.4']) {
  const found = engine && (await findNode(engine, 'electrum', version, 'default'));
  const title = `two nodes of electrum@${version}`;
  if (found)
    describe(title, () => {
      twoWallets(version, found);
    });
  else describe.skip(title, () => undefined);
}

/** As the contract for other nodes, less what Electrum has no command for: ending a connection, first of all. */
function twoWallets(version: string, found: Found): void {
  const pair = new Pair(found.plan);
  beforeAll(() => pair.start(engine!, found), START_MS);
  afterAll(() => pair.close(), START_MS);

  it('says who it is, and counts its coins', async () => {
    const { height } = await pair.network.chain.tip();
    const total = COIN_SAT * BigInt(COINS);
    for (const node of [pair.a, pair.b]) {
      expect(await node.call('info', {})).toMatchObject({ publicKey: keyOf(node), height, version });
      expect(await node.call('balance', {})).toEqual({ confirmedSat: total, unconfirmedSat: 0n });
      const { utxos } = await node.call('utxos', {});
      expect(utxos).toHaveLength(COINS);
      expect(utxos).toContainEqual(expect.objectContaining({ amountSat: COIN_SAT, confirmations: 1 }));
    }
  });

  it('pays on chain, and raises the fee', async () => {
    const { address } = await pair.b.call('newAddress', {});
    const { txid } = await pair.a.call('sendOnchain', { address, amountSat: 100_000n, feeratePerKw: 1000 });
    const first = await pair.network.chain.transaction(txid);
    expect(first).toMatchObject({ confirmations: 0 });
    const raised = await eventually(
      'the wallet to know its transaction',
      () => pair.a.call('bumpFee', { txid, feeratePerKw: 5000 }).catch(() => undefined),
      (bumped) => bumped !== undefined,
    );
    expect(await pair.network.chain.transaction(txid)).toBeUndefined();
    await pair.network.mine(1);
    expect(await pair.network.chain.transaction(raised?.txid ?? '')).toMatchObject({ confirmations: 1 });
    expect((await pair.b.call('balance', {})).confirmedSat).toBe(COIN_SAT * BigInt(COINS) + 100_000n);
  });

  it(
    'connects, and again',
    async () => {
      await pair.connect();
      await pair.connect();
      expect((await pair.a.call('peers', {})).peers).toEqual([{ publicKey: keyOf(pair.b), inbound: false }]);
      const { peers } = await eventually(
        'the peer',
        () => pair.b.call('peers', {}),
        (seen) => seen.peers.length === 1,
      );
      expect(peers).toEqual([{ publicKey: keyOf(pair.a), inbound: true }]);
    },
    CASE_MS,
  );

  it('refuses what cannot be', async () => {
    const stranger = { publicKey: keyOf(pair.a), amountSat: 1_000_000n };
    await expect(pair.a.call('open', stranger)).rejects.toMatchObject({ code: 'node.not-ready' });
    await expect(
      pair.a.call('open', { publicKey: keyOf(pair.b), amountSat: COIN_SAT * 100n }),
    ).rejects.toMatchObject({ code: 'node.rejected' });
    await expect(
      pair.a.call('open', { publicKey: keyOf(pair.b), amountSat: 1_000_000n, announce: true }),
    ).rejects.toMatchObject({ code: 'node.not-offered' });
    await expect(pair.a.call('pay', { invoice: 'lnbcrt1nonsense' })).rejects.toMatchObject({
      code: 'node.rejected',
    });
    await expect(pair.b.call('invoiceStatus', { paymentHash: '00'.repeat(32) })).rejects.toMatchObject({
      code: 'node.rejected',
    });
    await expect(pair.b.call('invoice', { amountMsat: 1500n })).rejects.toMatchObject({
      code: 'node.not-offered',
    });
    await expect(pair.a.call('close', { channelId: '00'.repeat(32) })).rejects.toMatchObject({
      code: 'node.rejected',
    });
  });

  // Before there is a channel: it cannot show an invoice that has route hints.
  it('reads invoices', async () => {
    const { invoice, paymentHash } = await pair.b.call('invoice', {
      amountMsat: 12_000n,
      description: 'coffee, black',
      expirySeconds: 777,
    });
    expect(await pair.a.call('decode', { text: invoice })).toMatchObject({
      kind: 'bolt11',
      publicKey: keyOf(pair.b),
      paymentHash,
      amountMsat: 12_000n,
      description: 'coffee, black',
      expirySeconds: 777,
    });
    expect(await pair.b.call('invoiceStatus', { paymentHash })).toMatchObject({ state: 'unpaid' });
  });

  it(
    'opens a channel',
    async () => {
      pair.channelId = await pair.openChannel(CAPACITY_SAT, PUSH_SAT);
      const [ofA, ofB] = await Promise.all([pair.channelOf(pair.a), pair.channelOf(pair.b)]);
      expect(ofA).toMatchObject({
        peer: keyOf(pair.b),
        balanceMsat: (CAPACITY_SAT - PUSH_SAT) * 1000n,
        shortChannelId: expect.stringMatching(/^[0-9]+x[0-9]+x[0-9]+$/) as string,
      });
      expect(ofB).toMatchObject({
        peer: keyOf(pair.a),
        balanceMsat: PUSH_SAT * 1000n,
        shortChannelId: ofA?.shortChannelId,
      });
    },
    CASE_MS,
  );

  it(
    'pays both ways',
    async () => {
      await pair.payAndSee(pair.a, pair.b, 10_000_000n);
      await pair.payAndSee(pair.b, pair.a, 4_000_000n);
      const { payments } = await pair.a.call('payments', {});
      expect(payments).toEqual([
        expect.objectContaining({ state: 'succeeded', amountMsat: 10_000_000n, feeMsat: 0n }),
      ]);
    },
    CASE_MS,
  );

  it(
    'tells of a payment that fails',
    async () => {
      const { invoice } = await pair.b.call('invoice', {
        amountMsat: 4_000_000_000n,
        description: 'too much',
      });
      const payment = await pair.a.call('pay', { invoice });
      expect(payment.state).toBe('failed');
      expect(payment.failure?.reason).not.toBe('');
    },
    CASE_MS,
  );

  it.skipIf(!pair.offers('holdInvoice'))(
    'holds, settles and cancels',
    async () => {
      for (const settles of [true, false]) {
        const preimage = settles ? '07'.repeat(32) : '08'.repeat(32);
        const paymentHash = createHash('sha256').update(Buffer.from(preimage, 'hex')).digest('hex');
        const { invoice } = await pair.b.call('holdInvoice', {
          amountMsat: 44_000n,
          description: 'held',
          paymentHash,
        });
        const paying = pair.a.call('pay', { invoice });
        await eventually(
          'the held payment',
          () => pair.b.call('invoiceStatus', { paymentHash }),
          ({ state }) => state === 'held',
        );
        await (settles ? pair.b.call('settle', { preimage }) : pair.b.call('cancel', { paymentHash }));
        expect((await paying).state).toBe(settles ? 'succeeded' : 'failed');
      }
    },
    CASE_MS,
  );

  it(
    'comes back as the same node with the same channel',
    async () => {
      const before = await pair.channelOf(pair.a);
      await pair.a.call('stop', {});
      await pair.a.call('start', {});
      expect(await pair.a.call('info', {})).toMatchObject({ publicKey: keyOf(pair.a) });
      await pair.connect();
      await Promise.all([pair.usable(pair.a), pair.usable(pair.b)]);
      expect((await pair.channelOf(pair.a))?.balanceMsat).toBe(before?.balanceMsat);
      await pair.payAndSee(pair.a, pair.b, 2_000_000n);
    },
    START_MS,
  );

  it(
    'follows a reorg',
    async () => {
      const before = await pair.channelOf(pair.a);
      await pair.network.chain.reorg(2);
      await pair.network.mine(1);
      expect(await pair.channelOf(pair.a)).toMatchObject({
        state: 'open',
        shortChannelId: before?.shortChannelId,
      });
      await pair.payAndSee(pair.a, pair.b, 1_000_000n);
    },
    CASE_MS,
  );

  it(
    'closes',
    async () => {
      const { fundingTxid = '', fundingOutputIndex = 0 } = (await pair.channelOf(pair.a)) ?? {};
      await pair.a.call('close', { channelId: pair.channelId });
      await eventually(
        'the closing transaction',
        () => pair.network.chain.spender(fundingTxid, fundingOutputIndex),
        (transaction) => transaction !== undefined,
      );
      await pair.network.mine(6);
      for (const node of [pair.a, pair.b]) {
        await eventually(
          'the closed channel',
          () => pair.channelOf(node),
          (channel) => channel?.state === 'closed',
        );
      }
    },
    CASE_MS,
  );

  it(
    'closes by force',
    async () => {
      const id = await pair.openChannel(1_000_000n);
      const { fundingTxid = '', fundingOutputIndex = 0 } = (await pair.channelOf(pair.a, id)) ?? {};
      await pair.a.call('forceClose', { channelId: id });
      await eventually(
        'the commitment transaction',
        () => pair.network.chain.spender(fundingTxid, fundingOutputIndex),
        (transaction) => transaction !== undefined,
      );
      await pair.network.mine(SAFE_DEPTH);
      await eventually(
        'the closed channel',
        () => pair.channelOf(pair.a, id),
        (channel) => channel?.state === 'closed',
      );
    },
    CASE_MS,
  );
}
