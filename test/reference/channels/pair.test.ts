import { expect, test } from 'vitest';
import { toHex } from '../../../src/core/bytes.ts';
import { defaultCrypto } from '../../../src/crypto/crypto.ts';
import { chainOf, channelsOf, connect, keyOf, mine, openChannel, start, until } from './nodes.ts';

/** Reference nodes with each other, by their control operations. */

test('payments in both directions, and a mutual close that pays both', async () => {
  const chain = await chainOf();
  const [a, b] = [await start(chain, 'a'), await start(chain, 'b')];
  const channelId = await openChannel(chain, a, b);
  const first = await b.call('invoice', { amountMsat: 50_000_000n, description: 'first' });
  expect(await a.call('pay', { invoice: first.invoice })).toMatchObject({ state: 'succeeded' });
  expect(await b.call('invoiceStatus', { paymentHash: first.paymentHash })).toMatchObject({
    state: 'paid',
    receivedMsat: 50_000_000n,
  });
  const second = await a.call('invoice', { amountMsat: 10_000_000n, description: 'second' });
  expect(await b.call('pay', { invoice: second.invoice })).toMatchObject({ state: 'succeeded' });
  await until(
    () => channelsOf(a),
    ([channel]) => channel?.balanceMsat === 560_000_000n && channel.htlcs?.length === 0,
  );
  await b.call('close', { channelId });
  await until(
    () => channelsOf(a),
    ([channel]) => channel?.closingTxid !== undefined,
  );
  await mine(chain, 1, a, b);
  expect(await channelsOf(a)).toMatchObject([{ state: 'closed' }]);
  const [balanceOfA, balanceOfB] = [await a.call('balance', {}), await b.call('balance', {})];
  expect(balanceOfB.confirmedSat).toBeGreaterThan(430_000n);
  expect(balanceOfA.confirmedSat).toBeGreaterThan(550_000n);
});

test('closing without option_simple_close', async () => {
  const chain = await chainOf();
  const features = [1, 5, 7, 9, 13, 15, 17, 19, 23, 27, 45];
  const [a, b] = [await start(chain, 'a', { features }), await start(chain, 'b', { features })];
  const channelId = await openChannel(chain, a, b);
  await a.call('close', { channelId });
  await until(
    () => channelsOf(b),
    ([channel]) => channel?.closingTxid !== undefined,
  );
  await mine(chain, 1, a, b);
  expect(await channelsOf(b)).toMatchObject([{ state: 'closed' }]);
});

test('a hold invoice is held, and settled or cancelled', async () => {
  const chain = await chainOf();
  const [a, b] = [await start(chain, 'a'), await start(chain, 'b')];
  await openChannel(chain, a, b);
  const hold = async (byte: number) => {
    const preimage = new Uint8Array(32).fill(byte);
    const paymentHash = toHex(defaultCrypto.hashes.sha256(preimage));
    const { invoice } = await b.call('holdInvoice', { amountMsat: 5_000_000n, paymentHash });
    const paid = a.call('pay', { invoice });
    await until(
      () => b.call('invoiceStatus', { paymentHash }),
      ({ state }) => state === 'held',
    );
    return { preimage: toHex(preimage), paymentHash, paid };
  };
  const settled = await hold(1);
  await b.call('settle', { preimage: settled.preimage });
  expect(await settled.paid).toMatchObject({ state: 'succeeded', preimage: settled.preimage });
  const cancelled = await hold(2);
  await b.call('cancel', { paymentHash: cancelled.paymentHash });
  expect(await cancelled.paid).toMatchObject({
    state: 'failed',
    failure: { failureCode: 0x400f, erringNode: keyOf(b) },
  });
});

test('an HTLC survives a reconnection in the middle', async () => {
  const chain = await chainOf();
  const [a, b] = [await start(chain, 'a'), await start(chain, 'b')];
  await openChannel(chain, a, b);
  const preimage = new Uint8Array(32).fill(3);
  const paymentHash = toHex(defaultCrypto.hashes.sha256(preimage));
  const { invoice } = await b.call('holdInvoice', { amountMsat: 5_000_000n, paymentHash });
  const paid = a.call('pay', { invoice });
  await until(
    () => b.call('invoiceStatus', { paymentHash }),
    ({ state }) => state === 'held',
  );
  await a.call('disconnect', { publicKey: keyOf(b) });
  await until(
    () => b.call('peers', {}),
    ({ peers }) => peers.length === 0,
  );
  await b.call('settle', { preimage: toHex(preimage) });
  await connect(a, b);
  expect(await paid).toMatchObject({ state: 'succeeded' });
});

test('a forward between two peers is paid for, and a failure comes back with its origin', async () => {
  const chain = await chainOf();
  const [a, b, c] = [await start(chain, 'a'), await start(chain, 'b'), await start(chain, 'c')];
  await openChannel(chain, a, b);
  await openChannel(chain, b, c);
  const { invoice } = await c.call('invoice', { amountMsat: 20_000_000n, description: 'far' });
  expect(await a.call('pay', { invoice })).toMatchObject({ state: 'succeeded', feeMsat: 1200n });
  await until(
    () => b.call('forwards', {}),
    ({ forwards }) => forwards.some(({ state, feeMsat }) => state === 'settled' && feeMsat === 1200n),
  );
  const [channel] = (await channelsOf(b)).filter(({ peer }) => peer === keyOf(c));
  const routed = await a.call('payRoute', {
    paymentHash: '11'.repeat(32),
    paymentSecret: '22'.repeat(32),
    route: [
      { publicKey: keyOf(b), shortChannelId: '1x1x1', amountMsat: 20_001_200n, cltvDelta: 100 },
      {
        publicKey: keyOf(c),
        shortChannelId: channel?.localAlias ?? channel?.shortChannelId ?? '',
        amountMsat: 20_000_000n,
        cltvDelta: 40,
      },
    ],
  });
  expect(routed).toMatchObject({ state: 'failed', failure: { failureCode: 0x400f, erringNode: keyOf(c) } });
  const cheap = await a.call('payRoute', {
    paymentHash: '33'.repeat(32),
    paymentSecret: '22'.repeat(32),
    route: [
      { publicKey: keyOf(b), shortChannelId: '1x1x1', amountMsat: 20_000_100n, cltvDelta: 100 },
      {
        publicKey: keyOf(c),
        shortChannelId: channel?.localAlias ?? channel?.shortChannelId ?? '',
        amountMsat: 20_000_000n,
        cltvDelta: 40,
      },
    ],
  });
  expect(cheap).toMatchObject({ state: 'failed', failure: { failureCode: 0x100c, erringNode: keyOf(b) } });
});

test('the opener brings the channel to a feerate that has risen', async () => {
  const chain = await chainOf();
  const [a, b] = [await start(chain, 'a'), await start(chain, 'b')];
  await openChannel(chain, a, b);
  await a.call('setFeerate', { feeratePerKw: 3000 });
  await until(
    () => channelsOf(b),
    ([channel]) => channel?.feeratePerKw === 3000,
  );
});

test('a node that was put back to an older state does not broadcast it', async () => {
  const chain = await chainOf();
  const [a, b] = [await start(chain, 'a'), await start(chain, 'b')];
  await openChannel(chain, a, b);
  await b.call('stop', {});
  await b.call('snapshot', { name: 'old' });
  await b.call('start', {});
  await connect(a, b);
  const { invoice } = await b.call('invoice', { amountMsat: 50_000_000n, description: 'lost' });
  await until(
    () => channelsOf(a),
    ([channel]) => channel?.usable === true,
  );
  expect(await a.call('pay', { invoice })).toMatchObject({ state: 'succeeded' });
  await until(
    () => channelsOf(a),
    ([channel]) => channel?.htlcs?.length === 0,
  );
  await b.call('stop', {});
  await b.call('restore', { name: 'old' });
  await b.call('start', {});
  await connect(a, b);
  const [channel] = await until(
    () => channelsOf(a),
    ([each]) => each?.closingTxid !== undefined,
  );
  await until(
    () => channelsOf(b),
    ([each]) => each?.reason?.startsWith('sync error') === true,
  );
  await expect(b.call('forceClose', { channelId: channel?.channelId ?? '' })).rejects.toMatchObject({
    code: 'node.rejected',
  });
});
