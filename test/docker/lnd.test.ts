import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { toHex } from '../../src/core/bytes.ts';
import type { RunningNode } from '../../src/nodes/node.ts';
import { engine } from './engine.ts';
import { twoNodes } from './two-nodes-contract.ts';
import { eventually, findNode, startNetwork, type Network } from './two-nodes.ts';

await twoNodes('lnd', '0.21.2', 'default');
for (const version of ['0.20.2', '0.19.3', '0.18.5']) await twoNodes('lnd', version, 'fast');

const START_MS = 180_000;
const CASE_MS = 90_000;

const found = engine && (await findNode(engine, 'lnd', '0.21.2', 'fast'));

/** What the contract of two nodes has no use for, on a line of three. */
describe.skipIf(!found)('three nodes of lnd@0.21.2', () => {
  let network: Network;
  let close = (): Promise<void> => Promise.resolve();
  let alice: RunningNode;
  let bob: RunningNode;
  let carol: RunningNode;
  let toBob: string;
  let toCarol: string;

  const key = (node: RunningNode): string => toHex(node.publicKey);
  const channelOf = async (node: RunningNode, id: string) =>
    (await node.call('channels', {})).channels.find(({ channelId }) => channelId === id);
  const connectAndOpen = async (from: RunningNode, to: RunningNode, announce: boolean): Promise<string> => {
    await from.call('connect', { publicKey: key(to), ...to.announced });
    const terms = { publicKey: key(to), amountSat: 1_000_000n, pushSat: 300_000n, announce };
    return (await from.call('open', terms)).channelId;
  };

  beforeAll(async () => {
    if (!engine || !found) return;
    network = await startNetwork(engine, found, ['alice', 'bob', 'carol']);
    close = () => network.close();
    [alice, bob, carol] = network.nodes as [RunningNode, RunningNode, RunningNode];
  }, START_MS);

  afterAll(() => close(), START_MS);

  it('refuses to open a channel with a node that it is not connected to', async () => {
    await expect(alice.call('open', { publicKey: key(bob), amountSat: 1_000_000n })).rejects.toMatchObject({
      code: 'node.not-ready',
    });
  });

  it(
    'opens channels with what was asked for',
    async () => {
      await alice.call('connect', { publicKey: key(bob), ...bob.announced });
      const terms = { publicKey: key(bob), amountSat: 500_000n, reserveSat: 7000n, feeratePerKw: 500 };
      const { channelId } = await alice.call('open', { ...terms, type: 'static-remotekey' });
      expect(await channelOf(alice, channelId)).toMatchObject({
        ...{ state: 'pending', usable: false, opener: 'local', confirmations: 0, confirmationsRequired: 1 },
      });
      await network.mine(1);
      expect(
        await eventually(
          'the channel',
          () => channelOf(alice, channelId),
          (channel) => channel?.usable === true,
        ),
      ).toMatchObject({ remoteReserveSat: 7000n, channelType: '1000', feeratePerKw: 500 });
    },
    CASE_MS,
  );

  it(
    'forwards',
    async () => {
      toBob = await connectAndOpen(alice, bob, false);
      toCarol = await connectAndOpen(bob, carol, true);
      await network.mine(6);
      for (const [node, id] of [
        [alice, toBob],
        [bob, toBob],
        [bob, toCarol],
        [carol, toCarol],
      ] as const) {
        await eventually(
          'a channel in use',
          () => channelOf(node, id),
          (channel) => channel?.usable === true,
        );
      }
      await eventually(
        'the channel to Carol, as Alice sees it',
        () => alice.call('graph', {}),
        ({ channels }) =>
          channels.some(
            ({ node1, node2, policies }) => [node1, node2].includes(key(carol)) && policies.length === 2,
          ),
      );
      const { invoice } = await carol.call('invoice', { amountMsat: 20_000_000n, description: 'far' });
      // 1000 msat and a millionth of 20,000,000: LND's default policy.
      expect(await alice.call('pay', { invoice })).toMatchObject({ state: 'succeeded', feeMsat: 1020n });
      await expect(alice.call('pay', { invoice })).rejects.toMatchObject({ code: 'node.rejected' });
      const other = await carol.call('invoice', { amountMsat: 20_000_000n, description: 'for nothing' });
      expect(await alice.call('pay', { invoice: other.invoice, feeLimitMsat: 0n })).toMatchObject({
        state: 'failed',
      });
    },
    CASE_MS,
  );

  it(
    'tells which node failed a payment, and why',
    async () => {
      const { shortChannelId: first = '' } = (await channelOf(alice, toBob)) ?? {};
      const { shortChannelId: second = '' } = (await channelOf(bob, toCarol)) ?? {};
      const route = (feeMsat: bigint) => [
        { publicKey: key(bob), shortChannelId: first, amountMsat: 10_000n + feeMsat, cltvDelta: 200 },
        { publicKey: key(carol), shortChannelId: second, amountMsat: 10_000n, cltvDelta: 90 },
      ];
      const payment = { paymentHash: '22'.repeat(32), paymentSecret: '33'.repeat(32) };
      expect(await alice.call('payRoute', { ...payment, route: route(5000n) })).toMatchObject({
        ...{ state: 'failed', failure: { failureCode: 0x400f, erringNode: key(carol) } },
      });
      expect(await alice.call('payRoute', { ...payment, route: route(0n) })).toMatchObject({
        state: 'failed',
        failure: { failureCode: 0x100c, erringNode: key(bob), erringShortChannelId: second },
      });
    },
    CASE_MS,
  );

  it(
    'answers many calls at once',
    async () => {
      const invoices = await Promise.all(
        Array.from({ length: 20 }, (_, i) =>
          carol.call('invoice', { amountMsat: 100_000n + BigInt(i), description: `number ${i}` }),
        ),
      );
      const payments = await Promise.all(invoices.map(({ invoice }) => alice.call('pay', { invoice })));
      expect(payments.map(({ state }) => state)).toEqual(payments.map(() => 'succeeded'));
    },
    CASE_MS,
  );

  it('puts hints for private channels into an invoice when asked to', async () => {
    const { invoice } = await bob.call('invoice', { amountMsat: 1000n, privateHints: true });
    expect((await alice.call('decode', { text: invoice })).routeHints).toBe(1);
  });

  it('takes another name, again and again', async () => {
    await alice.call('setIdentity', { alias: 'renamed', color: 'ff0000' });
    await alice.call('setIdentity', { alias: 'renamed', color: 'ff0000' });
    expect(await alice.call('info', {})).toMatchObject({ alias: 'renamed' });
  });

  it(
    'closes while a payment is held, once it was settled',
    async () => {
      const preimage = '77'.repeat(32);
      const digest = await crypto.subtle.digest('SHA-256', Buffer.from(preimage, 'hex'));
      const paymentHash = toHex(new Uint8Array(digest));
      const { invoice } = await carol.call('holdInvoice', { paymentHash, amountMsat: 30_000_000n });
      const paying = alice.call('pay', { invoice });
      await eventually(
        'the held payment',
        () => carol.call('invoiceStatus', { paymentHash }),
        ({ state }) => state === 'held',
      );
      expect((await channelOf(bob, toCarol))?.htlcs).toMatchObject([{ direction: 'out', paymentHash }]);
      await bob.call('close', { channelId: toCarol });
      await carol.call('settle', { preimage });
      expect(await paying).toMatchObject({ state: 'succeeded', preimage });
      await eventually(
        'the closing transaction',
        () => channelOf(bob, toCarol),
        (channel) => channel?.state === 'closing' && channel.closingTxid !== undefined,
      );
      await expect(bob.call('close', { channelId: toCarol })).rejects.toMatchObject({
        code: 'node.rejected',
      });
    },
    CASE_MS,
  );
});
