import { suite, toHex } from 'boltgrid';
import { balanced, heldHtlc, invoiceOf } from '../bolt02/_channels.ts';
import { paidByNode, payable, PAYER_OPS } from '../bolt02/_payments.ts';
import { CHAIN_CASE_MS, closedOnChain, expectTaken, nodeCloses } from './_chain.ts';

const AMOUNT_MSAT = 20_000_000n;

/** BOLT 5, Unilateral Close Handling: the latest commitment of either side. */
export default suite('bolt05/unilateral', { title: 'unilateral closes' }, ({ test }) => {
  test(
    'own',
    {
      title: 'broadcasts its last commitment, and sweeps its own output after the delay and not before',
      chain: 'owns',
      requirements: [
        'bolt05-failing-a-channel-06',
        'bolt05-local-commitment-01',
        'bolt05-local-commitment-02',
        'bolt05-revoked-01',
      ],
      ops: ['forceClose', 'invoice'],
      deadlineMs: CHAIN_CASE_MS,
    },
    async (context) => {
      const { connect, node, check } = context;
      const peer = await connect();
      const channel = await balanced(peer);
      await channel.pay(await invoiceOf(node, AMOUNT_MSAT));
      const watch = channel.watch();
      await node.call('forceClose', { channelId: toHex(channel.id) });
      const { owner, status } = await nodeCloses(context, channel, watch, 'bolt05-failing-a-channel-06');
      check('bolt05-failing-a-channel-06', owner === 'remote' && status === 'latest', {
        expected: 'the latest commitment of the node',
        got: [owner, status],
      });
      await expectTaken(context, watch, 'to_local');
    },
  );

  test(
    'own-received',
    {
      title: 'claims an HTLC that it knows the preimage of from its own commitment',
      chain: 'owns',
      requirements: [
        'bolt05-local-commitment-remote-offers-01',
        'bolt05-local-commitment-05',
        'bolt05-local-commitment-remote-offers-05',
        'bolt05-local-commitment-remote-offers-06',
        'bolt05-htlc-transactions-02',
        'bolt05-htlc-transactions-04',
        'bolt05-failing-a-channel-06',
      ],
      ops: ['forceClose', 'holdInvoice', 'invoiceStatus', 'settle'],
      deadlineMs: CHAIN_CASE_MS,
    },
    async (context) => {
      const { connect, node, secret } = context;
      const peer = await connect();
      const channel = await balanced(peer);
      const preimage = secret('preimage');
      await heldHtlc(context, channel, preimage);
      const watch = channel.watch();
      await node.call('settle', { preimage: toHex(preimage) });
      watch.nodeKnows(preimage);
      await node.call('forceClose', { channelId: toHex(channel.id) });
      await nodeCloses(context, channel, watch, 'bolt05-failing-a-channel-06');
      await expectTaken(context, watch, 'received_htlc', 'second_stage');
    },
  );

  test(
    'own-offered',
    {
      title: 'times out an HTLC that it offered from its own commitment, at the expiry and not before',
      chain: 'owns',
      requirements: [
        'bolt05-local-commitment-local-offers-02',
        'bolt05-local-commitment-04',
        'bolt05-local-commitment-local-offers-05',
        'bolt05-local-commitment-local-offers-06',
        'bolt05-htlc-transactions-02',
        'bolt05-htlc-transactions-04',
        'bolt05-failing-a-channel-06',
      ],
      ops: ['forceClose', ...PAYER_OPS],
      deadlineMs: CHAIN_CASE_MS,
    },
    async (context) => {
      const { connect, node } = context;
      const peer = await connect();
      const channel = await payable(context, peer);
      await paidByNode(context, peer, channel, AMOUNT_MSAT);
      const watch = channel.watch();
      await node.call('forceClose', { channelId: toHex(channel.id) });
      await nodeCloses(context, channel, watch, 'bolt05-failing-a-channel-06');
      await expectTaken(context, watch, 'offered_htlc', 'second_stage');
    },
  );

  test(
    'ours-received',
    {
      title: 'claims an HTLC that it knows the preimage of from our commitment',
      chain: 'owns',
      requirements: ['bolt05-remote-commitment-remote-offers-01', 'bolt05-remote-commitment-05'],
      ops: ['holdInvoice', 'invoiceStatus', 'settle'],
      deadlineMs: CHAIN_CASE_MS,
      each: { running: false, 'settled before the block': true },
    },
    async (context, isSettledFirst) => {
      const { connect, node, secret, chain } = context;
      const peer = await connect();
      const channel = await balanced(peer);
      const preimage = secret('preimage');
      await heldHtlc(context, channel, preimage);
      const watch = channel.watch();
      watch.nodeKnows(preimage);
      if (isSettledFirst) await node.call('settle', { preimage: toHex(preimage) });
      await chain.broadcast(channel.ownCommitment());
      await closedOnChain(context, watch);
      if (!isSettledFirst) await node.call('settle', { preimage: toHex(preimage) });
      await expectTaken(context, watch, 'offered_htlc');
    },
  );

  test(
    'ours-offered',
    {
      title: 'times out an HTLC that it offered from our commitment, at the expiry and not before',
      chain: 'owns',
      requirements: ['bolt05-remote-commitment-local-offers-02', 'bolt05-remote-commitment-04'],
      ops: [...PAYER_OPS],
      deadlineMs: CHAIN_CASE_MS,
    },
    async (context) => {
      const { connect, chain } = context;
      const peer = await connect();
      const channel = await payable(context, peer);
      await paidByNode(context, peer, channel, AMOUNT_MSAT);
      const watch = channel.watch();
      await chain.broadcast(channel.ownCommitment());
      await closedOnChain(context, watch);
      await expectTaken(context, watch, 'received_htlc');
    },
  );
});
