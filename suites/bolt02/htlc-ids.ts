import { suite } from 'boltgrid';
import { balanced, invoiceOf } from './_channels.ts';
import { expectAllFulfilled, HTLC_CASE_MS, unasked } from './_htlcs.ts';

const PART_MSAT = 6_000_000n;

/** BOLT 2, Adding an HTLC: what tells one HTLC from another, seen by the node that receives them. */
export default suite('bolt02/htlc-ids', { title: 'ids and payment hashes of HTLCs' }, ({ test }) => {
  test(
    'repeated-after-reconnection',
    {
      title: 'takes an id again after a reconnection where it had not acknowledged the HTLC',
      chain: 'confirm',
      requirements: ['bolt02-update-add-htlc-21'],
      ops: ['invoice'],
      each: { 'one HTLC': 1, 'three HTLCs': 3 },
    },
    async (context, count) => {
      const { connect, node } = context;
      const peer = await connect();
      const channel = await balanced(peer);
      for (let i = 0; i < count; i++) await channel.addHtlc(unasked(context, 7_000_000n, `lost ${i}`));
      await peer.barrier();
      await peer.reconnect();
      await channel.reestablish();
      const ids: bigint[] = [];
      for (let i = 0; i < count; i++)
        ids.push(await channel.addHtlcFor(await invoiceOf(node, 1_000_000n * BigInt(i + 1))));
      await channel.commit();
      await expectAllFulfilled(context, channel, ids, 'bolt02-update-add-htlc-21');
    },
  );

  test(
    'after-removal',
    {
      title: 'takes ids that go on where those before have been removed, also after a reconnection',
      chain: 'confirm',
      requirements: ['bolt02-update-add-htlc-15', 'bolt02-reestablish-05'],
      ops: ['invoice'],
    },
    async (context) => {
      const { connect, node } = context;
      const peer = await connect();
      const channel = await balanced(peer);
      for (const label of ['first', 'second']) {
        const failed = await channel.addHtlc(unasked(context, 3_000_000n, label));
        await channel.commit();
        await channel.expectRemoved(failed);
        await channel.pay(await invoiceOf(node, 2_000_000n));
      }
      await peer.reconnect();
      await channel.reestablish();
      await channel.pay(await invoiceOf(node, 2_000_000n));
    },
  );

  test(
    'same-hash-of-an-invoice',
    {
      title: 'takes several HTLCs with one payment_hash, and fulfills them as the parts of one payment',
      chain: 'confirm',
      requirements: [
        'bolt02-update-add-htlc-20',
        'bolt04-mpp-15',
        'bolt04-mpp-17',
        'bolt04-mpp-18',
        'bolt04-mpp-23',
      ],
      features: ['basic_mpp'],
      ops: ['invoice'],
      deadlineMs: HTLC_CASE_MS,
      each: {
        'two, signed together': { parts: 2, isTogether: true },
        'two, one after the other': { parts: 2, isTogether: false },
        'eight, signed together': { parts: 8, isTogether: true },
      },
    },
    async (context, { parts, isTogether }) => {
      const { connect, node, check } = context;
      const peer = await connect();
      const channel = await balanced(peer);
      const total_msat = PART_MSAT * BigInt(parts);
      const invoice = await invoiceOf(node, total_msat);
      const ids: bigint[] = [];
      let left = total_msat;
      for (let i = 0; i < parts; i++) {
        // Of different amounts: no two outputs are the same.
        const amount_msat = i === parts - 1 ? left : PART_MSAT - BigInt(i + 1) * 10_000n;
        left -= amount_msat;
        ids.push(await channel.addHtlcFor(invoice, { amount_msat, total_msat }));
        if (isTogether || i === parts - 1) continue;
        await channel.commit();
        const early = await peer.barrier();
        check('bolt04-mpp-18', early.length === 0, { expected: 'nothing yet', got: early });
      }
      await channel.commit({}, { requirement: 'bolt02-update-add-htlc-20' });
      await expectAllFulfilled(context, channel, ids, 'bolt04-mpp-23');
    },
  );

  test(
    'identical',
    {
      title: 'takes HTLCs that have hash, amount and expiry in common',
      chain: 'confirm',
      requirements: ['bolt02-update-add-htlc-20', 'bolt04-mpp-23'],
      features: ['basic_mpp'],
      ops: ['invoice'],
      deadlineMs: HTLC_CASE_MS,
    },
    async (context) => {
      const { connect, node } = context;
      const peer = await connect();
      const channel = await balanced(peer);
      const total_msat = PART_MSAT * 3n;
      const invoice = await invoiceOf(node, total_msat);
      const ids: bigint[] = [];
      for (let i = 0; i < 3; i++)
        ids.push(await channel.addHtlcFor(invoice, { amount_msat: PART_MSAT, total_msat }));
      await channel.commit({}, { requirement: 'bolt02-update-add-htlc-20' });
      await expectAllFulfilled(context, channel, ids, 'bolt04-mpp-23');
    },
  );

  test(
    'same-hash-unknown',
    {
      title: 'fails each of several HTLCs with one payment_hash that it does not know',
      chain: 'confirm',
      requirements: ['bolt02-update-add-htlc-20', 'bolt04-failure-38'],
    },
    async (context) => {
      const { connect, check } = context;
      const peer = await connect();
      const channel = await balanced(peer);
      const ids: bigint[] = [];
      for (let i = 0; i < 3; i++) ids.push(await channel.addHtlc(unasked(context, 5_000_000n)));
      await channel.commit({}, { requirement: 'bolt02-update-add-htlc-20' });
      for (const id of ids) {
        const { how } = await channel.expectRemoved(id, { requirement: 'bolt04-failure-38' });
        check('bolt04-failure-38', how === 'failed', { expected: 'failed', got: how });
      }
    },
  );
});
