import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { OperationName } from '../../src/nodes/operations.ts';
import { engine } from './engine.ts';
import { COIN_SAT, COINS, eventually, findNode } from './two-nodes.ts';
import { CASE_MS, SAFE_DEPTH, keyOf, Pair, START_MS, STRANGER } from './two-nodes-pair.ts';
import { paymentCases } from './two-nodes-payments.ts';

const CAPACITY_SAT = 2_000_000n;
const PUSH_SAT = 500_000n;

/**
 * What a manifest says of each operation, tried on two nodes of one version: the operations that it offers must work, and give
 * what the nodes then do.
 */
export async function twoNodes(implementation: string, version: string, profile: string): Promise<void> {
  const title = `two nodes of ${implementation}@${version} (${profile})`;
  const found = engine && (await findNode(engine, implementation, version, profile));
  if (!engine || !found) {
    describe.skip(title, () => undefined);
    return;
  }
  const docker = engine;
  describe(title, () => {
    const pair = new Pair(found.plan);
    beforeAll(() => pair.start(docker, found), START_MS);
    afterAll(() => pair.close(), START_MS);

    const itIf = (...operations: OperationName[]) =>
      it.skipIf(!operations.every((name) => pair.offers(name)));

    it('says who it is', async () => {
      const { height, hash } = await pair.network.chain.tip();
      for (const node of [pair.a, pair.b]) {
        const info = await node.call('info', {});
        expect(info).toMatchObject({ publicKey: keyOf(node), height });
        expect(info.version).toContain(version);
        expect(info.features).not.toBe('');
        expect(info.feeratePerKw).toBeGreaterThanOrEqual(250);
        expect(info.blockHash ?? hash).toBe(hash);
      }
    });

    it('counts its coins', async () => {
      const total = COIN_SAT * BigInt(COINS);
      expect(await pair.a.call('balance', {})).toEqual({ confirmedSat: total, unconfirmedSat: 0n });
      if (!pair.offers('utxos')) return;
      const { utxos } = await pair.a.call('utxos', {});
      expect(utxos).toHaveLength(COINS);
      expect(utxos).toContainEqual(expect.objectContaining({ amountSat: COIN_SAT, confirmations: 1 }));
    });

    itIf('sendOnchain')('pays on chain', async () => {
      const { address } = await pair.b.call('newAddress', {});
      const { txid } = await pair.a.call('sendOnchain', { address, amountSat: 100_000n, feeratePerKw: 1000 });
      await eventually(
        'the transaction',
        () => pair.network.chain.transaction(txid),
        (transaction) => transaction !== undefined,
      );
      await pair.network.mine(1);
      const { confirmedSat } = await eventually(
        'the coins of B',
        () => pair.b.call('balance', {}),
        (balance) => balance.confirmedSat > COIN_SAT * BigInt(COINS),
      );
      expect(confirmedSat).toBe(COIN_SAT * BigInt(COINS) + 100_000n);
    });

    it(
      'connects, again and again',
      async () => {
        await pair.connect();
        await pair.connect();
        for (const [node, other] of [
          [pair.a, pair.b],
          [pair.b, pair.a],
        ] as const) {
          const { peers } = await eventually(
            'the peer',
            () => node.call('peers', {}),
            (seen) => seen.peers.length === 1,
          );
          expect(peers[0]).toMatchObject({ publicKey: keyOf(other) });
        }
        await pair.a.call('disconnect', { publicKey: keyOf(pair.b) });
        expect((await pair.a.call('peers', {})).peers).toEqual([]);
        await pair.a.call('disconnect', { publicKey: keyOf(pair.b) });
        await pair.connect();
      },
      CASE_MS,
    );

    it('refuses what cannot be', async () => {
      await expect(
        pair.a.call('connect', { publicKey: keyOf(pair.a), ...pair.b.announced }),
        'the key of another',
      ).rejects.toMatchObject({ code: 'node.rejected' });
      await expect(pair.a.call('decode', { text: 'lnbcrt1nonsense' })).rejects.toMatchObject({
        code: 'node.rejected',
      });
      await expect(pair.b.call('invoiceStatus', { paymentHash: '00'.repeat(32) })).rejects.toMatchObject({
        code: 'node.rejected',
      });
      await expect(
        pair.a.call('open', { publicKey: keyOf(pair.b), amountSat: COIN_SAT * 100n }),
        'more than it has',
      ).rejects.toMatchObject({ code: 'node.rejected' });
    });

    it(
      'opens a channel',
      async () => {
        pair.channelId = await pair.openChannel(CAPACITY_SAT, PUSH_SAT);
        const [ofA, ofB] = await Promise.all([pair.channelOf(pair.a), pair.channelOf(pair.b)]);
        expect(ofA).toMatchObject({
          peer: keyOf(pair.b),
          opener: 'local',
          announced: true,
          capacitySat: CAPACITY_SAT,
          balanceMsat: (CAPACITY_SAT - PUSH_SAT) * 1000n,
        });
        expect(ofB).toMatchObject({
          peer: keyOf(pair.a),
          opener: 'remote',
          capacitySat: CAPACITY_SAT,
          balanceMsat: PUSH_SAT * 1000n,
          ...(ofA?.channelType !== undefined && { channelType: ofA.channelType }),
          shortChannelId: ofA?.shortChannelId,
        });
        expect(ofB?.channelType).toBe(ofA?.channelType);
        expect(ofA?.shortChannelId).toMatch(/^[0-9]+x[0-9]+x[0-9]+$/);
      },
      CASE_MS,
    );

    paymentCases(pair);

    itIf('setPolicy')('sets what it asks for forwarding', async () => {
      await pair.a.call('setPolicy', {
        channelId: pair.channelId,
        feeBaseMsat: 1234n,
        feeProportionalMillionths: 567,
      });
      const channel = await eventually(
        'the new policy',
        () => pair.channelOf(pair.a),
        (seen) => seen?.feeBaseMsat === 1234n,
      );
      expect(channel).toMatchObject({ feeBaseMsat: 1234n, feeProportionalMillionths: 567 });
    });

    itIf('customMessage')('sends messages of other types', async () => {
      await pair.a.call('customMessage', { publicKey: keyOf(pair.b), type: 40_001, payload: 'c0ffee' });
      await expect(
        pair.a.call('customMessage', { publicKey: STRANGER, type: 40_001, payload: '' }),
      ).rejects.toMatchObject({ code: 'node.not-ready' });
    });

    itIf('graph')(
      'knows the network',
      async () => {
        const { shortChannelId } = (await pair.channelOf(pair.a)) ?? {};
        // A channel_update that comes before its channel is known is dropped (BOLT 7); whoever connects asks for it again.
        await pair.a.call('disconnect', { publicKey: keyOf(pair.b) });
        await pair.connect();
        await Promise.all([pair.usable(pair.a), pair.usable(pair.b)]);
        const { channels } = await eventually(
          'both policies of the channel',
          () => pair.a.call('graph', {}),
          (graph) => graph.channels.some(({ policies }) => policies.length === 2),
        );
        const nodes = [keyOf(pair.a), keyOf(pair.b)].sort();
        expect(channels).toEqual([
          expect.objectContaining({ shortChannelId, node1: nodes[0], node2: nodes[1] }),
        ]);
      },
      CASE_MS,
    );

    itIf('splice')(
      'splices',
      async () => {
        const { txid } = await pair.a.call('splice', { channelId: pair.channelId, changeSat: 250_000n });
        await eventually(
          'the splice transaction',
          () => pair.network.chain.transaction(txid),
          (transaction) => transaction !== undefined,
        );
        await pair.network.mine(SAFE_DEPTH);
        await eventually(
          'the new capacity',
          () => pair.channelOf(pair.a),
          (channel) => channel?.capacitySat === CAPACITY_SAT + 250_000n && channel.usable,
        );
        await pair.payAndSee(pair.a, pair.b, 1_000_000n);
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
        await pair.payAndSee(pair.b, pair.a, 1_000_000n);
      },
      START_MS,
    );

    it(
      'closes',
      async () => {
        const before = await pair.channelOf(pair.a);
        await pair.a.call('close', { channelId: pair.channelId });
        const closing = await eventually(
          'a closing transaction',
          () => pair.network.chain.spender(before?.fundingTxid ?? '', before?.fundingOutputIndex ?? 0),
          (transaction) => transaction !== undefined,
        );
        await pair.network.mine(SAFE_DEPTH);
        for (const node of [pair.a, pair.b]) {
          const closed = await eventually(
            'the closed channel',
            () => pair.channelOf(node),
            (channel) => channel?.state === 'closed',
          );
          expect(closed?.closingTxid ?? closing?.txid).toBe(closing?.txid);
        }
      },
      CASE_MS,
    );

    it(
      'closes by force',
      async () => {
        const id = await pair.openChannel(1_000_000n);
        const before = await pair.channelOf(pair.a, id);
        await pair.a.call('forceClose', { channelId: id });
        const spender = await eventually(
          'the commitment transaction',
          () => pair.network.chain.spender(before?.fundingTxid ?? '', before?.fundingOutputIndex ?? 0),
          (transaction) => transaction !== undefined,
        );
        expect((await pair.channelOf(pair.a, id))?.state).toMatch(/^clos(ing|ed)$/);
        await pair.network.mine(SAFE_DEPTH);
        const closed = await eventually(
          'the closed channel',
          () => pair.channelOf(pair.a, id),
          (channel) => channel?.state === 'closed' || channel?.closingTxid !== undefined,
        );
        expect(closed?.closingTxid ?? spender?.txid).toBe(spender?.txid);
      },
      CASE_MS,
    );
  });
}
