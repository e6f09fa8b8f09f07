import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { toHex } from '../../src/core/bytes.ts';
import type { RunningNode } from '../../src/nodes/node.ts';
import { probe } from '../../src/nodes/probe.ts';
import { hasFeature } from '../../src/wire/features.ts';
import { eventually, ldkWorld } from './ldk.ts';

/** Real LDK nodes, both versions, on the memory chain: every operation of the driver. The tests build on each other in order. */

let world: Awaited<ReturnType<typeof ldkWorld>>;
let a: RunningNode;
let b: RunningNode;
let first: string;

const sha256 = (hex: string): string => createHash('sha256').update(Buffer.from(hex, 'hex')).digest('hex');
const invoiceOf = async (payee: RunningNode, amountMsat: bigint): Promise<string> =>
  (await payee.call('invoice', { amountMsat, description: 'tea' })).invoice;
const balanceMsat = async (node: RunningNode, channelId: string): Promise<bigint | undefined> =>
  (await world.channel(node, channelId))?.balanceMsat;

beforeAll(async () => {
  world = await ldkWorld();
  const startedAt = performance.now();
  [a, b] = [await world.start('0.1.0'), await world.start('0.1.2')];
  console.log(`two LDK nodes started one after the other in ${Math.round(performance.now() - startedAt)} ms`);
  await world.fund();
});

afterAll(async () => {
  await world[Symbol.asyncDispose]();
});

describe('a started node', () => {
  test('has an identity', () => {
    expect(a.identity).toMatchObject({ id: 'ldk@0.1.0', note: "npm WASM build with boltgrid's own shell" });
    expect(a.identity.reported).toMatch(/^LDK v0\.1-/);
    expect(b.identity.reported).toMatch(/^LDK v0\.1\.2-/);
    expect(a.identity.build).not.toBe(b.identity.build);
    expect(a.missing.get('payRoute')).toBeDefined();
    expect(b.operations.has('payRoute')).toBe(true);
  });

  test('offers in a probe what it says of itself', async () => {
    const { features } = await probe(b, { deadlineMs: 5000 });
    expect(hasFeature(features, 'option_static_remotekey')).toBe(true);
    expect(hasFeature(features, 'option_anchors')).toBe(true);
    expect(hasFeature(features, 'option_onion_messages')).toBe(true);
    expect(hasFeature(features, 'option_dual_fund')).toBe(false);
  });

  test('follows the chain', async () => {
    const { hash, height } = await world.chain.tip();
    expect(await a.call('info', {})).toMatchObject({
      height,
      blockHash: hash,
      publicKey: toHex(a.publicKey),
    });
  });

  test('has the coins that were sent to it, and sends them on', async () => {
    expect(await a.call('balance', {})).toEqual({ confirmedSat: 60_000_000n, unconfirmedSat: 0n });
    expect((await a.call('utxos', {})).utxos).toHaveLength(3);
    const { address } = await b.call('newAddress', {});
    const { txid } = await a.call('sendOnchain', { address, amountSat: 1_000_000n, feeratePerKw: 1000 });
    await world.mine(1);
    expect(await world.chain.transaction(txid)).toMatchObject({ confirmations: 1 });
    expect(await b.call('balance', {})).toEqual({ confirmedSat: 61_000_000n, unconfirmedSat: 0n });
    await expect(a.call('sendOnchain', { address, amountSat: 10n ** 12n })).rejects.toMatchObject({
      code: 'node.rejected',
    });
  });

  test('a feerate that is set is in force', async () => {
    expect(await a.call('setFeerate', { feeratePerKw: 700 })).toEqual({ feeratePerKw: 700 });
    expect(await a.call('info', {})).toMatchObject({ feeratePerKw: 700 });
    await a.call('setFeerate', { feeratePerKw: 500 });
  });
});

describe('peers', () => {
  test('connect, disconnect, connect again', async () => {
    await world.connect(a, b);
    expect((await b.call('peers', {})).peers).toMatchObject([
      { publicKey: toHex(a.publicKey), inbound: true },
    ]);
    await a.call('disconnect', { publicKey: toHex(b.publicKey) });
    expect((await a.call('peers', {})).peers).toEqual([]);
    await world.connect(a, b);
    await expect(world.connect(a, b)).resolves.toEqual({});
  });

  test('nobody listens', async () => {
    const publicKey = '0279be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798';
    await expect(a.call('connect', { publicKey, host: '127.0.0.1', port: 1 })).rejects.toMatchObject({
      code: 'node.rejected',
      blame: 'node',
    });
  });

  test('a custom message', async () => {
    await expect(
      a.call('customMessage', { publicKey: toHex(b.publicKey), type: 40_001, payload: 'beef' }),
    ).resolves.toEqual({});
  });
});

describe('channels and payments', () => {
  test('a channel opens', async () => {
    const opened = await world.open(a, b);
    first = opened.channelId;
    await world.mine(6);
    const channel = await world.usable(a, first);
    await world.usable(b, first);
    expect(channel).toMatchObject({
      ...{
        state: 'open',
        opener: 'local',
        announced: true,
        capacitySat: 1_000_000n,
        balanceMsat: 700_000_000n,
      },
      ...{ fundingTxid: opened.fundingTxid, confirmationsRequired: 6 },
    });
    // option_static_remotekey and option_anchors, both compulsory in a channel_type.
    expect(channel.channelType).toBe('401000');
  });

  test('pays both ways', async () => {
    const before = await balanceMsat(a, first);
    const invoice = await b.call('invoice', { amountMsat: 50_000_000n, description: 'tea' });
    expect(await a.call('decode', { text: invoice.invoice })).toMatchObject({
      ...{ kind: 'bolt11', amountMsat: 50_000_000n, description: 'tea', paymentHash: invoice.paymentHash },
      publicKey: toHex(b.publicKey),
    });
    const paid = await a.call('pay', { invoice: invoice.invoice });
    expect(paid).toMatchObject({ state: 'succeeded', amountMsat: 50_000_000n, feeMsat: 0n });
    expect(sha256(paid.preimage ?? '')).toBe(invoice.paymentHash);
    expect(await b.call('invoiceStatus', { paymentHash: invoice.paymentHash })).toMatchObject({
      state: 'paid',
    });
    expect(await b.call('pay', { invoice: await invoiceOf(a, 20_000_000n) })).toMatchObject({
      state: 'succeeded',
    });
    await eventually([a], async () =>
      (await balanceMsat(a, first)) === (before ?? 0n) - 30_000_000n ? true : undefined,
    );
    await expect(a.call('pay', { invoice: invoice.invoice })).rejects.toMatchObject({
      code: 'node.rejected',
    });
  });

  test('an invoice without an amount', async () => {
    const { invoice } = await b.call('invoice', {});
    await expect(a.call('pay', { invoice })).rejects.toMatchObject({ code: 'node.rejected' });
    expect(await a.call('pay', { invoice, amountMsat: 4_000_000n })).toMatchObject({
      ...{ state: 'succeeded', amountMsat: 4_000_000n },
    });
  });

  test('keysend', async () => {
    const preimage = '42'.repeat(32);
    const paid = await a.call('keysend', {
      ...{
        publicKey: toHex(b.publicKey),
        amountMsat: 5_000_000n,
        preimage,
        customRecords: { '65537': 'abcd' },
      },
    });
    expect(paid).toMatchObject({ state: 'succeeded', preimage, paymentHash: sha256(preimage) });
  });

  test('held payments are settled, or cancelled with the code of BOLT 4', async () => {
    const preimage = '11'.repeat(32);
    for (const [paymentHash, settle] of [
      [sha256(preimage), true],
      ['ab'.repeat(32), false],
    ] as const) {
      const { invoice } = await b.call('holdInvoice', { amountMsat: 8_000_000n, paymentHash });
      const paying = a.call('pay', { invoice });
      await eventually([b], async () =>
        (await b.call('invoiceStatus', { paymentHash })).state === 'held' ? true : undefined,
      );
      expect((await world.channel(a, first))?.htlcs).toMatchObject([{ direction: 'out', paymentHash }]);
      if (settle) {
        await b.call('settle', { preimage });
        expect(await paying).toMatchObject({ state: 'succeeded', preimage });
      } else {
        await b.call('cancel', { paymentHash });
        expect(await paying).toMatchObject({
          state: 'failed',
          // incorrect_or_unknown_payment_details: PERM|15
          failure: { failureCode: 0x4000 | 15, erringNode: toHex(b.publicKey) },
        });
      }
    }
    await expect(b.call('settle', { preimage: '77'.repeat(32) })).rejects.toMatchObject({
      code: 'node.rejected',
    });
  });

  test('along a given route', async () => {
    const { shortChannelId } = await world.usable(b, first);
    const paymentHash = '99'.repeat(32);
    const paid = await b.call('payRoute', {
      route: [
        {
          publicKey: toHex(a.publicKey),
          shortChannelId: shortChannelId ?? '',
          amountMsat: 4_000_000n,
          cltvDelta: 40,
        },
      ],
      ...{ paymentHash, paymentSecret: '01'.repeat(32) },
    });
    expect(paid).toMatchObject({ state: 'failed', paymentHash, failure: { erringNode: toHex(a.publicKey) } });
  });

  test('BOLT 12: an offer is paid, an invoice only fetched, a refund redeemed', async () => {
    const { offer } = await b.call('offer', {});
    expect(await a.call('decode', { text: offer })).toMatchObject({ kind: 'offer' });
    const paid = await a.call('payOffer', { offer, amountMsat: 3_000_000n, payerNote: 'hello' });
    expect(paid).toMatchObject({ state: 'succeeded', amountMsat: 3_000_000n });
    const { payments } = await a.call('payments', {});
    expect(await a.call('fetchInvoice', { offer, amountMsat: 2_000_000n })).toMatchObject({
      amountMsat: 2_000_000n,
    });
    expect((await a.call('payments', {})).payments).toHaveLength(payments.length);
    await expect(b.call('offer', { amountMsat: 1n })).rejects.toMatchObject({ code: 'node.not-offered' });

    const { refund, paymentId } = await a.call('refund', { amountMsat: 1_000_000n });
    const { paymentHash } = await b.call('redeemRefund', { refund });
    const refunded = await eventually([a], async () =>
      (await a.call('payments', {})).payments.find(
        (each) => each.paymentId === paymentId && each.state !== 'pending',
      ),
    );
    expect(refunded).toMatchObject({ state: 'succeeded', paymentHash });
  });

  test('gossip, policy and forwarding', async () => {
    const c = await world.start('0.1.2', 'fast');
    await world.fund();
    await world.connect(c, b);
    const second = await world.open(b, c);
    await world.mine(6);
    await world.usable(b, second.channelId);
    await world.usable(c, second.channelId);
    await b.call('setIdentity', { alias: 'böb', color: 'abcdef' });
    await b.call('setPolicy', { channelId: second.channelId, feeBaseMsat: 2000n, cltvExpiryDelta: 80 });
    const policy = await eventually(world.nodes, async () => {
      const { nodes, channels } = await a.call('graph', {});
      const named = nodes.find(({ publicKey, alias }) => publicKey === toHex(b.publicKey) && alias === 'böb');
      const changed = channels
        .flatMap(({ policies }) => policies)
        .find(({ feeBaseMsat }) => feeBaseMsat === 2000n);
      return named && changed;
    });
    expect(policy).toMatchObject({ from: toHex(b.publicKey), cltvExpiryDelta: 80, enabled: true });
    expect(await a.call('pay', { invoice: await invoiceOf(c, 7_000_000n) })).toMatchObject({
      ...{ state: 'succeeded', feeMsat: 2000n },
    });
    expect((await b.call('forwards', {})).forwards).toMatchObject([
      { state: 'settled', incomingChannelId: first, outgoingChannelId: second.channelId, feeMsat: 2000n },
    ]);
    // Not used below: the rest is about the first channel.
    await c.call('stop', {});
    world.nodes.splice(world.nodes.indexOf(c), 1);
    await c.stop();
  });
});

describe('life-cycle', () => {
  test('a restarted node goes on from its volume, and takes the blocks that came meanwhile', async () => {
    await b.call('stop', {});
    await expect(b.call('info', {})).rejects.toMatchObject({ code: 'node.not-ready' });
    await world.mine(7, [a]);
    await b.call('start', {});
    expect(await b.call('info', {})).toMatchObject({ height: (await world.chain.tip()).height });
    await world.connect(a, b);
    await world.usable(a, first);
    await world.usable(b, first);
    expect(await a.call('pay', { invoice: await invoiceOf(b, 2_000_000n) })).toMatchObject({
      state: 'succeeded',
    });
  });

  test('a reorganised chain is followed', async () => {
    const tip = await world.chain.reorg(2);
    for (const node of [a, b]) {
      await node.call('sync', { height: tip.height });
      expect(await node.call('info', {})).toMatchObject({ height: tip.height, blockHash: tip.hash });
    }
  });

  test('a cooperative close pays out to the wallet', async () => {
    const before = await a.call('balance', {});
    await a.call('close', { channelId: first });
    const closed = await eventually(world.nodes, async () => {
      const channel = await world.channel(a, first);
      return channel?.closingTxid === undefined ? undefined : channel;
    });
    expect(closed).toMatchObject({ state: 'closed', reason: 'LocallyInitiatedCooperativeClosure' });
    await world.mine(6);
    await sweptTo(a, before.confirmedSat);
  });

  test('a force close with an HTLC: fees by anchor, the preimage through the chain, both sides swept', async () => {
    const opened = await world.open(a, b);
    await world.mine(6);
    await world.usable(a, opened.channelId);
    await world.usable(b, opened.channelId);
    const before = [await a.call('balance', {}), await b.call('balance', {})];

    const preimage = '22'.repeat(32);
    const paymentHash = sha256(preimage);
    const { invoice } = await b.call('holdInvoice', { amountMsat: 90_000_000n, paymentHash });
    const paying = a.call('pay', { invoice }, { deadlineMs: 120_000 });
    await eventually([b], async () =>
      (await b.call('invoiceStatus', { paymentHash })).state === 'held' ? true : undefined,
    );

    // Above what the commitment pays, so that it needs a child (BOLT 3, option_anchors).
    await b.call('setFeerate', { feeratePerKw: 3000 });
    // It would answer with its own commitment.
    await b.call('disconnect', { publicKey: toHex(a.publicKey) });
    await b.call('forceClose', { channelId: opened.channelId });
    const closed = await eventually([b], async () => {
      const channel = await world.channel(b, opened.channelId);
      return channel?.closingTxid === undefined ? undefined : channel;
    });
    expect(closed).toMatchObject({ state: 'closed', reason: 'HolderForceClosed' });
    const closingTxid = closed.closingTxid ?? '';
    const children = await eventually([b], async () => {
      const spenders = await Promise.all(
        [0, 1, 2, 3, 4].map((vout) => world.chain.spender(closingTxid, vout)),
      );
      const found = spenders.filter((spender) => spender !== undefined);
      return found.length > 0 ? found : undefined;
    });
    expect(children).toHaveLength(1);

    await b.call('settle', { preimage });
    await world.mine(1);
    const paid = await eventually(world.nodes, async () => {
      await world.mine(1);
      const { payments } = await a.call('payments', {});
      return payments.find((payment) => payment.paymentHash === paymentHash && payment.state !== 'pending');
    });
    expect(paid).toMatchObject({ state: 'succeeded', preimage });
    expect(await paying).toMatchObject({ preimage });
    await sweptTo(a, before[0]?.confirmedSat ?? 0n);
    // to_self_delay, for to_local and for the HTLC.
    await world.mine(144);
    await sweptTo(b, before[1]?.confirmedSat ?? 0n);
  });

  /** Mines until the sweep that the last block called forth has confirmed. */
  async function sweptTo(node: RunningNode, beforeSat: bigint): Promise<void> {
    const { confirmedSat } = await eventually(world.nodes, async () => {
      await world.mine(1);
      const balance = await node.call('balance', {});
      return balance.confirmedSat > beforeSat ? balance : undefined;
    });
    expect(confirmedSat - beforeSat).toBeGreaterThan(250_000n);
  }
});
