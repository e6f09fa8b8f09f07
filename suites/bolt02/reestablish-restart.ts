import { suite, toHex, type Peer, type SubjectContext } from 'boltgrid';
import { balanced, heldHtlc, invoiceOf } from './_channels.ts';

const SNAPSHOT = 'old';

/** BOLT 2, Message Retransmission: the node itself was down, or comes back as it was long ago. */
export default suite('bolt02/reestablish-restart', { title: 'a node that was down' }, ({ test }) => {
  test(
    'restarted',
    {
      title: 'goes on with its channels after it was stopped and started',
      chain: 'owns',
      requirements: ['bolt02-reestablish-05', 'bolt02-reestablish-09'],
      ops: ['stop', 'start', 'invoice'],
    },
    async ({ connect, node }) => {
      const peer = await connect();
      const channel = await balanced(peer);
      await channel.pay(await invoiceOf(node, 5_000_000n));
      await restarted(node, peer);
      await channel.reestablish();
      await channel.pay(await invoiceOf(node, 5_000_000n));
    },
  );

  test(
    'restarted-with-htlc',
    {
      title: 'still holds an HTLC after it was stopped and started, and fulfills it',
      chain: 'owns',
      requirements: ['bolt02-reestablish-05'],
      ops: ['stop', 'start', 'holdInvoice', 'settle', 'invoiceStatus'],
    },
    async (context) => {
      const { connect, node, secret, check } = context;
      const peer = await connect();
      const channel = await balanced(peer);
      const preimage = secret('preimage');
      const id = await heldHtlc(context, channel, preimage);
      await restarted(node, peer);
      await channel.reestablish();
      await node.call('settle', { preimage: toHex(preimage) });
      const { how } = await channel.expectRemoved(id);
      check('bolt02-reestablish-05', how === 'fulfilled', { expected: 'fulfilled', got: how });
    },
  );

  test(
    'old-state',
    {
      title: 'does not broadcast its commitment when we show that its state is an old one',
      chain: 'owns',
      requirements: ['bolt02-reestablish-37', 'bolt02-reestablish-38', 'bolt02-reestablish-09'],
      ops: ['stop', 'start', 'snapshot', 'restore', 'invoice'],
    },
    async ({ connect, node, chain, check }) => {
      const peer = await connect();
      const channel = await balanced(peer);
      await channel.pay(await invoiceOf(node, 5_000_000n));
      await node.call('stop', {});
      await node.call('snapshot', { name: SNAPSHOT });
      await node.call('start', {});
      const again = await peer.reconnect();
      await channel.reestablish();
      for (let i = 0; i < 2; i++) await channel.pay(await invoiceOf(node, 5_000_000n));
      await node.call('stop', {});
      await node.call('restore', { name: SNAPSHOT });
      await node.call('start', {});
      const last = await again.reconnect();
      // Not by the channel, whose engine knows what the node has forgotten.
      await last.expect('channel_reestablish', {}, { requirement: 'bolt02-reestablish-09' });
      await channel.do({ do: 'channel_reestablish' });
      const { by } = await channel.expectRefused({ requirement: 'bolt02-reestablish-38' });
      check('bolt02-reestablish-38', by === 'error', { expected: 'error', got: by });
      // An error fails the channel: not even then.
      await last.send('error', { channel_id: channel.id, data: Buffer.from('go on') });
      await last.expectPongOrClose();
      await chain.mine(2);
      await node.call('info', {});
      const spender = await chain.spender(channel.fundingTxid, channel.fundingOutputIndex);
      check('bolt02-reestablish-37', spender === undefined, {
        expected: 'the funding output unspent',
        got: spender?.txid,
      });
    },
  );
});

/** Stopped, started, and connected to again. */
async function restarted(node: SubjectContext['node'], peer: Peer): Promise<Peer> {
  await node.call('stop', {});
  await node.call('start', {});
  return peer.reconnect();
}
