import { describe, expect, test } from 'vitest';
import { toHex } from '../../../src/core/bytes.ts';
import { defaultCrypto } from '../../../src/crypto/crypto.ts';
import type { RunningNode } from '../../../src/nodes/node.ts';
import { chainOf, channelsOf, connect, keyOf, mine, openChannel, start, until } from './nodes.ts';

/** BOLT 5, by pairs of reference nodes. */

const hashOf = (preimage: Uint8Array): string => toHex(defaultCrypto.hashes.sha256(preimage));

async function held(from: RunningNode, to: RunningNode, byte: number, amountMsat = 50_000_000n) {
  const preimage = new Uint8Array(32).fill(byte);
  const paymentHash = hashOf(preimage);
  const { invoice } = await to.call('holdInvoice', { amountMsat, paymentHash });
  const paid = from.call('pay', { invoice });
  await until(
    () => to.call('invoiceStatus', { paymentHash }),
    ({ state }) => state === 'held',
  );
  return { preimage: toHex(preimage), paymentHash, paid };
}

const confirmed = async (node: RunningNode): Promise<bigint> => (await node.call('balance', {})).confirmedSat;

describe.each(['anchors', 'static-remotekey'] as const)('with %s', (type) => {
  test('a unilateral close pays both sides, the own one after the delay', async () => {
    const chain = await chainOf();
    const [a, b] = [await start(chain, 'a'), await start(chain, 'b')];
    const channelId = await openChannel(chain, a, b, { type });
    await a.call('forceClose', { channelId });
    await mine(chain, 2, a, b);
    await mine(chain, 1, a, b);
    expect(await channelsOf(b)).toMatchObject([{ state: 'closed' }]);
    expect(await confirmed(b)).toBeGreaterThan(380_000n);
    const before = await confirmed(a);
    await mine(chain, 144, a, b);
    await mine(chain, 2, a, b);
    expect((await confirmed(a)) - before).toBeGreaterThan(570_000n);
  });

  test('an HTLC is claimed by its preimage on our commitment, and the payer learns it from the chain', async () => {
    const chain = await chainOf();
    const [a, b] = [await start(chain, 'a'), await start(chain, 'b')];
    const channelId = await openChannel(chain, a, b, { type });
    const { preimage, paid } = await held(a, b, 4);
    await b.call('forceClose', { channelId });
    await b.call('settle', { preimage });
    await mine(chain, 1, a, b);
    await mine(chain, 1, a, b);
    expect(await paid).toMatchObject({ state: 'succeeded', preimage });
  });

  test('an HTLC is claimed by its preimage on the commitment of the peer', async () => {
    const chain = await chainOf();
    const [a, b] = [await start(chain, 'a'), await start(chain, 'b')];
    const channelId = await openChannel(chain, a, b, { type });
    const { preimage, paid } = await held(a, b, 4);
    await a.call('forceClose', { channelId });
    await mine(chain, 1, a, b);
    await b.call('settle', { preimage });
    await b.call('sync', {});
    await mine(chain, 1, a, b);
    expect(await paid).toMatchObject({ state: 'succeeded', preimage });
  });

  test('an HTLC that has timed out is taken back, and failed', async () => {
    const chain = await chainOf();
    const [a, b] = [await start(chain, 'a'), await start(chain, 'b')];
    const channelId = await openChannel(chain, a, b, { type });
    const { paid } = await held(a, b, 4);
    await b.call('forceClose', { channelId });
    // Its expiry, its HTLC transaction or sweep, and what follows until it is deep enough.
    for (const blocks of [1, 20, 1, 1, 6]) await mine(chain, blocks, a, b);
    expect(await paid).toMatchObject({ state: 'failed' });
    expect(await confirmed(a)).toBeGreaterThan(540_000n + 50_000n);
  });

  test('a revoked commitment is punished', async () => {
    const chain = await chainOf();
    const [a, b] = [await start(chain, 'a'), await start(chain, 'b')];
    await openChannel(chain, a, b, { type });
    const { preimage } = await held(a, b, 5);
    await b.call('stop', {});
    await b.call('snapshot', { name: 'old' });
    await b.call('start', {});
    await connect(a, b);
    await b.call('settle', { preimage });
    await until(
      () => channelsOf(a),
      ([channel]) => channel?.htlcs?.length === 0,
    );
    // It can be paid only once the commitment before is revoked.
    const { invoice } = await b.call('invoice', { amountMsat: 1_000_000n });
    expect(await a.call('pay', { invoice })).toMatchObject({ state: 'succeeded' });
    await a.call('disconnect', { publicKey: keyOf(b) });
    await b.call('stop', {});
    await b.call('restore', { name: 'old' });
    await b.call('start', {});
    const [channel] = await channelsOf(b);
    await b.call('forceClose', { channelId: channel?.channelId ?? '' });
    await chain.mine(1);
    await a.call('sync', {});
    await mine(chain, 1, a);
    // All but fees: the 549,000 of its own, and what the cheater had.
    expect(await confirmed(a)).toBeGreaterThan(940_000n);
  });
});

test('a preimage that comes to light on the chain goes upstream', async () => {
  const chain = await chainOf();
  const [a, b, c] = [await start(chain, 'a'), await start(chain, 'b'), await start(chain, 'c')];
  await openChannel(chain, a, b);
  const far = await openChannel(chain, b, c);
  const { preimage, paid } = await held(a, c, 6);
  await c.call('forceClose', { channelId: far });
  await c.call('settle', { preimage });
  await mine(chain, 1, a, b, c);
  await mine(chain, 1, a, b, c);
  expect(await paid).toMatchObject({ state: 'succeeded', preimage });
});

test('a close that a reorganisation takes back confirms again', async () => {
  const chain = await chainOf();
  const [a, b] = [await start(chain, 'a'), await start(chain, 'b')];
  const channelId = await openChannel(chain, a, b);
  await a.call('forceClose', { channelId });
  await mine(chain, 1, a, b);
  expect(await channelsOf(b)).toMatchObject([{ state: 'closed' }]);
  await chain.reorg(1, { transactions: 'none' });
  await b.call('sync', {});
  expect(await channelsOf(b)).toMatchObject([{ state: 'closing' }]);
  await mine(chain, 1, a, b);
  expect(await channelsOf(b)).toMatchObject([{ state: 'closed' }]);
});
