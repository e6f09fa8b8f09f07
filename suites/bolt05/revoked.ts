import { suite, toHex, type Commitments, type PeerChannel, type SubjectContext } from 'boltgrid';
import { balanced, heldHtlc, invoiceOf } from '../bolt02/_channels.ts';
import { paidByNode, payable, PAYER_OPS } from '../bolt02/_payments.ts';
import { CHAIN_CASE_MS, closedOnChain, expectTaken } from './_chain.ts';

const AMOUNT_MSAT = 20_000_000n;

/** BOLT 5, Revoked Transaction Close Handling: we cheat. */
export default suite('bolt05/revoked', { title: 'revoked commitments of ours' }, ({ test }) => {
  test(
    'to-local',
    {
      title: 'takes our main output of a revoked commitment before our delay is over',
      chain: 'owns',
      requirements: ['bolt05-revoked-03', 'bolt05-nomenclature-01', 'bolt05-nomenclature-02'],
      ops: ['invoice'],
      deadlineMs: CHAIN_CASE_MS,
    },
    async (context) => {
      const { channel, old } = await paidSince(context);
      const watch = channel.watch({ earlier: [old] });
      await context.chain.broadcast(channel.ownCommitment(old));
      await closedOnChain(context, watch);
      await expectTaken(context, watch, 'to_local');
    },
  );

  test(
    'while-stopped',
    {
      title: 'takes our main output of a revoked commitment that came to the chain while the node was down',
      chain: 'owns',
      requirements: ['bolt05-revoked-03', 'bolt05-nomenclature-01'],
      ops: ['invoice', 'stop', 'start'],
      deadlineMs: CHAIN_CASE_MS,
    },
    async (context) => {
      const { node, chain } = context;
      const { channel, old } = await paidSince(context);
      const watch = channel.watch({ earlier: [old] });
      await node.call('stop', {});
      await chain.broadcast(channel.ownCommitment(old));
      await closedOnChain(context, watch);
      await node.call('start', {});
      await expectTaken(context, watch, 'to_local');
    },
  );

  test(
    'reorg',
    {
      title: 'takes our main output of another revoked commitment after the block of the first was abandoned',
      chain: 'owns',
      requirements: ['bolt05-revoked-03', 'bolt05-nomenclature-03'],
      ops: ['invoice'],
      deadlineMs: CHAIN_CASE_MS,
    },
    async (context) => {
      const { chain, check, node } = context;
      const { channel, old } = await paidSince(context);
      const later = channel.commitments;
      await channel.pay(await invoiceOf(node, AMOUNT_MSAT));
      const watch = channel.watch({ earlier: [old, later] });
      await chain.broadcast(channel.ownCommitment(old));
      const { height } = await closedOnChain(context, watch);
      await expectTaken(context, watch, 'to_local');
      const depth = (await chain.height()) - height + 1;
      await chain.reorg(depth, { transactions: { only: [channel.ownCommitment(later)] } });
      const again: typeof check = (_, ok, evidence) => {
        check('bolt05-nomenclature-03', ok, evidence);
      };
      await expectTaken({ ...context, check: again }, watch, 'to_local');
    },
  );

  test(
    'our-htlc',
    {
      title: 'takes an HTLC of ours of a revoked commitment',
      chain: 'owns',
      requirements: ['bolt05-revoked-04', 'bolt05-revoked-03'],
      ops: ['holdInvoice', 'invoiceStatus', 'settle'],
      deadlineMs: CHAIN_CASE_MS,
    },
    async (context) => {
      const { connect, node, secret, chain } = context;
      const peer = await connect();
      const channel = await balanced(peer);
      const preimage = secret('preimage');
      const id = await heldHtlc(context, channel, preimage);
      const old = channel.commitments;
      await node.call('settle', { preimage: toHex(preimage) });
      await channel.expectRemoved(id);
      const watch = channel.watch({ earlier: [old] });
      await chain.broadcast(channel.ownCommitment(old));
      await closedOnChain(context, watch);
      await expectTaken(context, watch, 'offered_htlc', 'to_local', 'second_stage');
    },
  );

  test(
    'its-htlc',
    {
      title: 'takes an HTLC that it offered of a revoked commitment, also when we have claimed it',
      chain: 'owns',
      requirements: ['bolt05-revoked-05', 'bolt05-revoked-07', 'bolt05-revoked-12', 'bolt05-revoked-03'],
      ops: [...PAYER_OPS],
      deadlineMs: CHAIN_CASE_MS,
      each: { 'the output': false, 'our HTLC-success transaction': true },
    },
    async (context, claims) => {
      const { connect, chain } = context;
      const peer = await connect();
      const channel = await payable(context, peer);
      const { htlc, preimage } = await paidByNode(context, peer, channel, AMOUNT_MSAT);
      const old = channel.commitments;
      await channel.fulfill(htlc.id, preimage);
      await channel.commit();
      const watch = channel.watch({ earlier: [old] });
      await chain.broadcast(channel.ownCommitment(old));
      await closedOnChain(context, watch);
      if (claims) {
        const cheat = channel.watch({ commitments: old });
        cheat.learn(preimage);
        await chain.mine(1, { only: await cheat.owed() });
      }
      await expectTaken(context, watch, 'received_htlc', 'second_stage', 'to_local');
    },
  );
});

/** A channel with a payment since the state that is kept. */
async function paidSince({
  connect,
  node,
}: Pick<SubjectContext, 'connect' | 'node'>): Promise<{ channel: PeerChannel; old: Commitments }> {
  const channel = await balanced(await connect());
  const old = channel.commitments;
  await channel.pay(await invoiceOf(node, AMOUNT_MSAT));
  return { channel, old };
}
