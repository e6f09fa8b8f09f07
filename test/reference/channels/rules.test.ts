import { expect, test } from 'vitest';
import { DEFAULT_RULES, type Rules } from '../../../src/reference/rules.ts';
import { chainOf, channelsOf, keyOf, mine, openChannel, start, until } from './nodes.ts';
import { Partner, world } from './partner.ts';

const GROUPS = ['channels', 'htlcs', 'onchain'] as const;

/** The default rules, those of channels each noting its name when it is looked up. */
function watched(used: Set<string>): Rules {
  const watch = <G extends (typeof GROUPS)[number]>(group: G): Rules[G] =>
    new Proxy(DEFAULT_RULES[group], {
      get: (target, name, receiver) => {
        used.add(`${group}.${String(name)}`);
        return Reflect.get(target, name, receiver) as unknown;
      },
    });
  return { ...DEFAULT_RULES, channels: watch('channels'), htlcs: watch('htlcs'), onchain: watch('onchain') };
}

test('every rule of channels is asked: none stands in the table to no effect', async () => {
  const used = new Set<string>();
  const rules = watched(used);
  const partner = await Partner.connect(await world({ rules }));
  await partner.open();
  const { channel_id } = partner.live.readying.commitments.terms;
  await partner.send({
    name: 'update_fulfill_htlc',
    fields: { channel_id, id: 0n, payment_preimage: new Uint8Array(32), tlvs: {} },
  });
  await partner.expect('error');
  await partner.reconnect();
  await partner.expect('error');

  const chain = await chainOf();
  const [a, b, c] = [await start(chain, 'a'), await start(chain, 'b', { rules }), await start(chain, 'c')];
  const near = await openChannel(chain, a, b);
  const far = await openChannel(chain, b, c);
  const { invoice } = await c.call('invoice', { amountMsat: 20_000_000n });
  await a.call('pay', { invoice });
  const own = await b.call('invoice', { amountMsat: 20_000_000n });
  await a.call('pay', { invoice: own.invoice });
  const unknown = await a.call('payRoute', {
    paymentHash: '44'.repeat(32),
    route: [{ publicKey: keyOf(b), shortChannelId: '1x1x1', amountMsat: 1_000_000n, cltvDelta: 30 }],
  });
  expect(unknown).toMatchObject({ state: 'failed' });
  const paymentHash = '55'.repeat(32);
  const hold = await c.call('holdInvoice', { amountMsat: 20_000_000n, paymentHash });
  const paid = a.call('pay', { invoice: hold.invoice });
  await until(
    () => c.call('invoiceStatus', { paymentHash }),
    ({ state }) => state === 'held',
  );
  const kept = await b.call('holdInvoice', { amountMsat: 20_000_000n, paymentHash: '66'.repeat(32) });
  const alsoPaid = a.call('pay', { invoice: kept.invoice });
  await until(
    () => b.call('invoiceStatus', { paymentHash: '66'.repeat(32) }),
    ({ state }) => state === 'held',
  );
  await c.call('forceClose', { channelId: far });
  // What nobody settles is given back before it expires, and what is on the chain is taken back afterwards.
  for (const blocks of [1, 13]) await mine(chain, blocks, a, b, c);
  expect(await alsoPaid).toMatchObject({ state: 'failed' });
  for (const blocks of [8, 1, 1, 6]) await mine(chain, blocks, a, b, c);
  expect(await paid).toMatchObject({ state: 'failed' });
  await b.call('close', { channelId: near });
  await until(
    () => channelsOf(b),
    (channels) => channels.every(({ closingTxid }) => closingTxid !== undefined),
  );

  const all = GROUPS.flatMap((group) => Object.keys(DEFAULT_RULES[group]).map((name) => `${group}.${name}`));
  expect(all.filter((name) => !used.has(name))).toEqual([]);
});
