import {
  BoltgridError,
  defaultCrypto,
  equalBytes,
  p2wpkh,
  suite,
  type Peer,
  type SubjectContext,
  type TransactionOutput,
} from 'boltgrid';
import { expectAccepted, expectFundingCreated, openedByNode } from './_open.ts';

/** For what a node does when it sees a block. */
const BLOCK_SEEN_MS = 30_000;
/** Asked of the node as opener. */
const DEPTH = 4;

/** BOLT 2, The channel_ready Message: when the funding transaction is what it should be, and deep enough. */
export default suite('bolt02/open-ready', { title: 'the funding transaction on the chain' }, ({ test }) => {
  test(
    'wrong-output',
    {
      title: 'sends no channel_ready for a funding output that is not the one that was agreed on',
      chain: 'confirm',
      requirements: ['bolt02-channel-ready-01', 'bolt02-funding-signed-03'],
      each: {
        'one satoshi less': ({ amountSat, script }: TransactionOutput) => ({
          amountSat: amountSat - 1n,
          script,
        }),
        'one satoshi more': ({ amountSat, script }: TransactionOutput) => ({
          amountSat: amountSat + 1n,
          script,
        }),
        'another script': ({ amountSat }: TransactionOutput) => ({
          amountSat,
          script: p2wpkh(defaultCrypto.curve.publicKey(new Uint8Array(32).fill(7))),
        }),
      },
      deadlineMs: 60_000,
    },
    async (context, spoil) => {
      const peer = await fundedWrongly(context, spoil);
      // A right channel, funded later: when it is ready the node has seen the block of the wrong one.
      await (await context.connect()).openChannel();
      await peer.expectPongOrClose();
      const ready = peer.received.filter(({ name }) => name === 'channel_ready');
      context.check('bolt02-channel-ready-01', ready.length === 0, {
        expected: 'no channel_ready',
        got: ready,
      });
    },
  );

  test(
    'depth-as-accepter',
    {
      title:
        'sends channel_ready as accepter when the funding transaction is at minimum_depth, and not before',
      chain: 'owns',
      requirements: ['bolt02-channel-ready-02', 'bolt02-channel-ready-12', 'bolt02-channel-ready-03'],
      deadlineMs: 60_000,
    },
    async ({ connect, chain, check }) => {
      const peer = await connect();
      const channel = await expectAccepted(peer, 'bolt02-channel-ready-02');
      await channel.fund();
      await channel.expect('funding_signed', {}, { requirement: 'bolt02-channel-ready-02' });
      await channel.do({ do: 'broadcast_funding' });
      const { minimum_depth } = channel.live.readying;
      if (minimum_depth > 1) await chain.mine(minimum_depth - 1);
      const early = (await peer.barrier()).filter(({ name }) => name === 'channel_ready');
      check('bolt02-channel-ready-02', early.length === 0, {
        expected: `nothing before minimum_depth, ${minimum_depth}`,
        got: early,
      });
      if (early.length > 0) return;
      await chain.mine(1);
      await channel.bury(0);
      await channel.expect('channel_ready', {}, { withinMs: BLOCK_SEEN_MS });
    },
  );

  test(
    'depth-as-opener',
    {
      title: 'sends no channel_ready as opener before minimum_depth, unless with an alias',
      chain: 'owns',
      requirements: ['bolt02-channel-ready-12', 'bolt02-funding-created-05'],
      ops: ['open'],
      deadlineMs: 60_000,
    },
    async (context) => {
      const { chain, check } = context;
      const { peer, channel, result } = await expectFundingCreated(await openedByNode(context), {
        minimum_depth: DEPTH,
      });
      await channel.do({ do: 'funding_signed' });
      await result;
      await chain.mine(DEPTH - 1);
      const early = (await peer.barrier()).flatMap((message) =>
        message.name === 'channel_ready' ? [message.fields] : [],
      );
      const isNamed = early.every(({ tlvs }) => tlvs.short_channel_id !== undefined);
      check('bolt02-channel-ready-12', isNamed, { expected: 'nothing without an alias', got: early });
    },
  );
});

/** Everything is signed for the right output, but the transaction that is buried has another in its place. */
async function fundedWrongly(
  { connect, chain }: SubjectContext,
  spoil: (output: TransactionOutput) => TransactionOutput,
): Promise<Peer> {
  const peer = await connect();
  const channel = await expectAccepted(peer, 'bolt02-funding-signed-03');
  const { state } = channel;
  if (state.name !== 'opening' || state.opening.name !== 'awaits_funding')
    throw new BoltgridError('suite.wrong-state', 'harness', 'the channel does not wait for its funding');
  const { fundingOutput } = state.opening;
  const wrong = spoil(fundingOutput);
  const paid = await chain.fund(wrong.script, wrong.amountSat);
  const outputs = paid.outputs.map((output) =>
    output.amountSat === wrong.amountSat && equalBytes(output.script, wrong.script) ? fundingOutput : output,
  );
  await channel.do({ do: 'funding_created', transaction: { ...paid, outputs } });
  await channel.expect('funding_signed', {}, { requirement: 'bolt02-funding-signed-03' });
  await chain.broadcast(paid);
  await chain.confirm(paid.txid, channel.live.readying.minimum_depth);
  return peer;
}
