import { suite } from 'boltgrid';
import { arrive, FORWARD_OPS, line, payment } from '../bolt02/_forwards.ts';
import { CHAIN_CASE_MS, closedOnChain, expectTaken } from './_chain.ts';

/** BOLT 5: what the chain says of an HTLC that the node forwarded goes upstream. */
export default suite('bolt05/upstream', { title: 'forwards that end on the chain' }, ({ test }) => {
  test(
    'preimage',
    {
      title: 'takes the preimage that we show on the chain, and fulfills the HTLC upstream',
      chain: 'owns',
      requirements: ['bolt05-remote-commitment-local-offers-01'],
      ops: [...FORWARD_OPS],
      deadlineMs: CHAIN_CASE_MS,
    },
    async (context) => {
      const { chain, check } = context;
      const both = await line(context);
      const forward = payment(context);
      const { id } = await arrive(both, forward);
      const watch = both.outgoing.watch();
      await chain.broadcast(both.outgoing.ownCommitment());
      await closedOnChain(context, watch);
      watch.learn(forward.preimage);
      await watch.take();
      await chain.mine(1);
      const { how } = await both.incoming.expectRemoved(id, {
        requirement: 'bolt05-remote-commitment-local-offers-01',
      });
      check('bolt05-remote-commitment-local-offers-01', how === 'fulfilled', {
        expected: 'fulfilled',
        got: how,
      });
    },
  );

  test(
    'timeout',
    {
      title: 'fails the HTLC upstream when what it offered us has timed out on the chain',
      chain: 'owns',
      requirements: ['bolt05-remote-commitment-local-offers-02'],
      ops: [...FORWARD_OPS],
      deadlineMs: CHAIN_CASE_MS,
    },
    async (context) => {
      const { chain, check } = context;
      const both = await line(context);
      const { id } = await arrive(both, payment(context));
      const watch = both.outgoing.watch();
      await chain.broadcast(both.outgoing.ownCommitment());
      await closedOnChain(context, watch);
      await expectTaken(context, watch, 'received_htlc');
      // A reasonable depth for every node.
      await chain.mine(8);
      const { how } = await both.incoming.expectRemoved(id);
      check('bolt05-remote-commitment-local-offers-02', how === 'failed', { expected: 'failed', got: how });
    },
  );
});
