import { suite, type PeerChannel } from 'boltgrid';
import { invoiceOf } from './_channels.ts';

/** A usual feerate of a regtest, which nodes measure others by: what is raised from here is still within reason. */
const MODEST = { push_msat: 400_000_000n, feerate_per_kw: 1000 };
/** In which even an absurd fee can be paid. */
const RICH = { funding_satoshis: 16_000_000n, push_msat: 1_000_000_000n };

/** BOLT 2, Updating Fees. */
export default suite('bolt02/fees', { title: 'update_fee' }, ({ test }) => {
  test(
    'accepted',
    {
      title: 'commits to a feerate that the opener changes within reason',
      chain: 'confirm',
      requirements: ['bolt02-commitment-signed-23'],
      ops: ['invoice'],
      each: { doubled: 2, 'raised by a tenth': 1.1, 'lowered by a tenth': 0.9 },
    },
    async ({ connect, node }, factor) => {
      const channel = await (await connect()).openChannel(MODEST);
      await channel.updateFee(Math.floor(channel.commitments.ledger.feerate_per_kw * factor));
      await channel.do({ do: 'commitment_signed' });
      await channel.expect('revoke_and_ack', {}, { requirement: 'bolt02-commitment-signed-23' });
      await channel.settle();
      await channel.pay(await invoiceOf(node, 5_000_000n));
    },
  );

  test(
    'several',
    {
      title: 'takes the last of several feerates that are committed to at once',
      chain: 'confirm',
      requirements: ['bolt02-commitment-signed-23'],
      ops: ['invoice'],
    },
    async ({ connect, node }) => {
      const channel = await (await connect()).openChannel(MODEST);
      const { feerate_per_kw } = channel.commitments.ledger;
      for (const factor of [1.2, 1.4, 1.3]) await channel.updateFee(Math.floor(feerate_per_kw * factor));
      await channel.do({ do: 'commitment_signed' });
      await channel.expect('revoke_and_ack', {}, { requirement: 'bolt02-commitment-signed-23' });
      await channel.settle();
      await channel.pay(await invoiceOf(node, 5_000_000n));
    },
  );

  test(
    'with-htlcs',
    {
      title: 'commits to a new feerate together with an HTLC',
      chain: 'confirm',
      requirements: ['bolt02-commitment-signed-23'],
      ops: ['invoice'],
    },
    async ({ connect, node }) => {
      const channel = await (await connect()).openChannel(MODEST);
      await channel.updateFee(Math.floor(channel.commitments.ledger.feerate_per_kw * 1.5));
      const id = await channel.payInvoice(await invoiceOf(node, 9_000_000n));
      await channel.expectRemoved(id, { requirement: 'bolt02-commitment-signed-23' });
    },
  );

  test(
    'forgotten-on-reconnect',
    {
      title: 'forgets a feerate that was not committed to when the connection is lost',
      chain: 'confirm',
      requirements: ['bolt02-reestablish-06'],
      ops: ['invoice'],
    },
    async ({ connect, node }) => {
      const peer = await connect();
      const channel = await peer.openChannel(MODEST);
      await channel.updateFee(Math.floor(channel.commitments.ledger.feerate_per_kw * 2));
      await peer.barrier();
      await peer.reconnect();
      await channel.reestablish();
      // With a stale feerate the node would not take our signature.
      await channel.pay(await invoiceOf(node, 5_000_000n));
    },
  );

  test(
    'by-the-accepter',
    {
      title: 'fails the channel where the side that does not pay the fee sends update_fee',
      chain: 'confirm',
      requirements: ['bolt02-update-fee-09'],
      ops: ['open'],
    },
    async ({ connect, node }) => {
      const peer = await connect();
      const opening = node.call('open', {
        publicKey: Buffer.from(peer.publicKey).toString('hex'),
        amountSat: 1_000_000n,
      });
      const [channel] = await Promise.all([peer.acceptChannel(), opening]);
      await feeAnyway(channel, channel.commitments.ledger.feerate_per_kw + 100);
      // It may have sent one of its own meanwhile.
      await channel.expectRefused({
        requirement: 'bolt02-update-fee-09',
        passing: ['update_fee', 'commitment_signed'],
      });
    },
  );

  test(
    'unreasonable',
    {
      title: 'fails the channel where the feerate is far too low or far too high',
      chain: 'confirm',
      requirements: ['bolt02-update-fee-08'],
      each: {
        zero: 0,
        one: 1,
        'four bitcoin a megabyte': 1_000_000,
        'the largest that can be paid': 8_000_000,
      },
    },
    async ({ connect }, feerate_per_kw) => {
      const channel = await (await connect()).openChannel(RICH);
      await feeAnyway(channel, feerate_per_kw);
      await channel.do({ do: 'commitment_signed' });
      await channel.expectRefused({ requirement: 'bolt02-update-fee-08' });
    },
  );

  test(
    'unaffordable',
    {
      title: 'fails the channel where the opener cannot pay the new fee and keep its reserve',
      chain: 'confirm',
      requirements: ['bolt02-update-fee-10'],
    },
    async ({ connect }) => {
      const peer = await connect();
      // What is left above the reserve pays the fee now, and not three times of it.
      const channel = await peer.openChannel({ funding_satoshis: 200_000n, push_msat: 190_000_000n });
      await feeAnyway(channel, channel.commitments.ledger.feerate_per_kw * 4);
      await channel.do({ do: 'commitment_signed' });
      await channel.expectRefused({ requirement: 'bolt02-update-fee-10' });
    },
  );
});

/** Whether BOLT 2 allows it or not. */
const feeAnyway = (channel: PeerChannel, feerate_per_kw: number): Promise<void> =>
  channel.do({ do: 'update', update: { name: 'update_fee', fields: { feerate_per_kw } }, anyway: true });
