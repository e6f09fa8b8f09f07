import { p2wpkh, suite, toHex } from 'boltgrid';
import { balanced, heldHtlc, invoiceOf } from './_channels.ts';

const DROPPED = { update_add_htlc: () => [], commitment_signed: () => [] };

/** BOLT 2, Message Retransmission: the connection breaks while messages are on their way, and nothing is lost, nothing done twice. */
export default suite('bolt02/reestablish-lost', { title: 'messages that were lost' }, ({ test }) => {
  test(
    'our-update-uncommitted',
    {
      title: 'forgets an update of ours that we had not committed to',
      chain: 'confirm',
      requirements: ['bolt02-reestablish-06'],
      ops: ['invoice'],
    },
    async ({ connect, node }) => {
      const peer = await connect();
      const channel = await balanced(peer);
      await channel.addHtlc({ amount_msat: 7_000_000n, payment_hash: new Uint8Array(32).fill(7) });
      await peer.barrier();
      await peer.reconnect();
      await channel.reestablish();
      // With the same id: the node must know nothing of the other.
      await channel.pay(await invoiceOf(node, 9_000_000n));
    },
  );

  test(
    'our-commitment',
    {
      title: 'asks for a commitment_signed of ours that it never got',
      chain: 'confirm',
      requirements: ['bolt02-reestablish-11', 'bolt02-reestablish-05'],
      ops: ['invoice'],
      each: { 'with its update': DROPPED, alone: { commitment_signed: () => [] } },
    },
    async ({ connect, node, check }, dropped) => {
      const peer = await connect();
      const channel = await balanced(peer);
      const before = channel.commitments.numbers.remote;
      const id = await channel.addHtlcFor(await invoiceOf(node, 9_000_000n), { changes: dropped });
      await channel.do({ do: 'commitment_signed' }, dropped);
      await peer.reconnect();
      const { next_commitment_number } = await channel.reestablish();
      check('bolt02-reestablish-11', next_commitment_number === before + 1n, {
        expected: before + 1n,
        got: next_commitment_number,
      });
      const { how } = await channel.expectRemoved(id);
      check('bolt02-reestablish-05', how === 'fulfilled', { expected: 'fulfilled', got: how });
    },
  );

  test(
    'its-revocation',
    {
      title: 'repeats a revoke_and_ack that we never got, and then its commitment_signed',
      chain: 'confirm',
      requirements: ['bolt02-reestablish-32', 'bolt02-reestablish-33'],
      ops: ['invoice'],
    },
    async ({ connect, node, check }) => {
      const peer = await connect();
      const channel = await balanced(peer);
      await channel.addHtlcFor(await invoiceOf(node, 9_000_000n));
      await channel.do({ do: 'commitment_signed' });
      // The channel is not told of them.
      await peer.expect('revoke_and_ack');
      await peer.expect('commitment_signed');
      const again = await peer.reconnect();
      await channel.do({ do: 'channel_reestablish' });
      await channel.expect('channel_reestablish');
      const expectEither = () =>
        again.expectOneOf(['revoke_and_ack', 'commitment_signed'], { requirement: 'bolt02-reestablish-32' });
      const order = [(await expectEither()).name, (await expectEither()).name];
      check('bolt02-reestablish-33', order[0] === 'revoke_and_ack', {
        expected: ['revoke_and_ack', 'commitment_signed'],
        got: order,
      });
    },
  );

  test(
    'its-fulfillment',
    {
      title: 'repeats an update of its own that we never got, with its commitment_signed of the same number',
      chain: 'confirm',
      requirements: ['bolt02-reestablish-30', 'bolt02-reestablish-05'],
      ops: ['holdInvoice', 'settle', 'invoiceStatus'],
      each: { 'both lost': 2, 'commitment_signed lost': 1 },
    },
    async (context, lost) => {
      const { connect, node, secret, check } = context;
      const peer = await connect();
      const channel = await balanced(peer);
      const preimage = secret('preimage');
      const id = await heldHtlc(context, channel, preimage);
      await node.call('settle', { preimage: toHex(preimage) });
      if (lost === 2) await peer.expect('update_fulfill_htlc');
      else await channel.expect('update_fulfill_htlc');
      await peer.expect('commitment_signed');
      await peer.reconnect();
      await channel.do({ do: 'channel_reestablish' });
      const { next_revocation_number } = await channel.expect('channel_reestablish');
      const { local } = channel.commitments.numbers;
      check('bolt02-reestablish-30', next_revocation_number === local, {
        expected: local,
        got: next_revocation_number,
        note: 'it has signed commitment_signed once more than we have revoked',
      });
      const removed = await channel.expectRemoved(id, { requirement: 'bolt02-reestablish-30' });
      check('bolt02-reestablish-05', removed.how === 'fulfilled', {
        expected: 'fulfilled',
        got: removed.how,
      });
    },
  );

  test(
    'our-revocation',
    {
      title: 'waits for a revoke_and_ack of ours that it never got',
      chain: 'confirm',
      requirements: ['bolt02-reestablish-12', 'bolt02-reestablish-05'],
      ops: ['invoice'],
    },
    async ({ connect, node, check }) => {
      const peer = await connect();
      const channel = await balanced(peer);
      const id = await channel.addHtlcFor(await invoiceOf(node, 9_000_000n));
      await channel.do({ do: 'commitment_signed' });
      await channel.expect('revoke_and_ack');
      await channel.expect('commitment_signed');
      await channel.do({ do: 'revoke_and_ack' }, { revoke_and_ack: () => [] });
      await peer.reconnect();
      const { next_revocation_number } = await channel.reestablish();
      const { local } = channel.commitments.numbers;
      check('bolt02-reestablish-12', next_revocation_number < local, {
        expected: `below ${local}`,
        got: next_revocation_number,
      });
      const { how } = await channel.expectRemoved(id);
      check('bolt02-reestablish-05', how === 'fulfilled', { expected: 'fulfilled', got: how });
    },
  );

  test(
    'shutdown',
    {
      title: 'repeats its shutdown on a new connection while an HTLC is pending',
      chain: 'confirm',
      requirements: ['bolt02-reestablish-49'],
      ops: ['holdInvoice', 'settle', 'invoiceStatus'],
    },
    async (context) => {
      const { connect, node, secret } = context;
      const peer = await connect();
      const channel = await balanced(peer);
      const preimage = secret('preimage');
      const id = await heldHtlc(context, channel, preimage);
      await channel.do({ do: 'shutdown', scriptpubkey: p2wpkh(peer.publicKey) });
      await channel.expect('shutdown');
      await peer.reconnect();
      await channel.do({ do: 'channel_reestablish' });
      await channel.expect('channel_reestablish');
      await channel.expect('shutdown', {}, { requirement: 'bolt02-reestablish-49' });
      await channel.settle();
      await node.call('settle', { preimage: toHex(preimage) });
      await channel.expectRemoved(id);
      await channel.close();
    },
  );
});
