import { suite, type ChainVerbs, type Peer, type PeerChannel, type SubjectContext } from 'boltgrid';
import { expectAccepted, expectFundingCreated, openedByNode, UNFUNDED } from './_open.ts';

/** After so many blocks without the funding transaction the accepter forgets the channel. */
const TIMEOUT_BLOCKS = 2016;
/** A node may count from a block that it saw a little later. */
const SLACK_BLOCKS = 10;
const BLOCK_SEEN_MS = 60_000;
const MANY_BLOCKS_MS = 240_000;

/** So many at a time that every node follows in the time that it has for a block. */
const AT_A_TIME = 100;

const greetings = (peer: Peer) => peer.received.filter(({ name }) => name === 'channel_reestablish');

/** BOLT 2, Message Retransmission and channel_ready: which channels survive a reconnection, and which a long wait. */
export default suite('bolt02/open-forgetting', { title: 'channels remembered and forgotten' }, ({ test }) => {
  test(
    'signed-as-accepter',
    {
      title: 'remembers a channel for which it has sent funding_signed',
      ...UNFUNDED,
      requirements: ['bolt02-reestablish-03', 'bolt02-reestablish-09'],
      each: { once: 1, thrice: 3 },
    },
    async (context, reconnections) => {
      let peer = await context.connect();
      const channel = await expectAccepted(peer, 'bolt02-reestablish-03');
      await channel.fund();
      await channel.expect('funding_signed', {}, { requirement: 'bolt02-reestablish-03' });
      for (let i = 0; i < reconnections; i++) {
        peer = await peer.reconnect();
        await expectRemembered(context, channel, 'bolt02-reestablish-03');
      }
    },
  );

  test(
    'broadcast-as-opener',
    {
      title: 'remembers a channel whose funding transaction it has broadcast, and makes it ready',
      chain: 'confirm',
      requirements: [
        'bolt02-reestablish-01',
        'bolt02-reestablish-09',
        'bolt02-funding-signed-06',
        'bolt02-funding-created-05',
      ],
      ops: ['open'],
      deadlineMs: 60_000,
    },
    async (context) => {
      const { peer, channel } = await expectFundingCreated(await openedByNode(context));
      await channel.do({ do: 'funding_signed' });
      await context.eventually(
        'the funding transaction is broadcast',
        () => context.chain.transaction(channel.fundingTxid),
        (seen) => seen !== undefined,
        { requirement: 'bolt02-funding-signed-06' },
      );
      await peer.reconnect();
      await expectRemembered(context, channel, 'bolt02-reestablish-01');
      await channel.bury(channel.live.readying.minimum_depth);
      await channel.settle({ withinMs: BLOCK_SEEN_MS, requirement: 'bolt02-reestablish-01' });
    },
  );

  test(
    'unsigned-as-opener',
    {
      title: 'remembers no channel for which funding_signed never came',
      chain: 'confirm',
      requirements: ['bolt02-reestablish-02', 'bolt02-funding-signed-05', 'bolt02-funding-created-05'],
      ops: ['open'],
    },
    async (context) => {
      const { check, chain } = context;
      const { peer, channel } = await expectFundingCreated(await openedByNode(context));
      const { fundingTxid } = channel;
      const again = await peer.reconnect();
      await again.expectPongOrClose();
      check('bolt02-reestablish-02', greetings(again).length === 0, {
        expected: 'no channel_reestablish',
        got: greetings(again),
      });
      const seen = await chain.transaction(fundingTxid);
      check('bolt02-funding-signed-05', seen === undefined, { expected: 'nothing', got: seen?.txid });
    },
  );

  test(
    'never-funded',
    {
      title: 'forgets as accepter a channel whose funding transaction has not come in 2016 blocks',
      chain: 'owns',
      requirements: ['bolt02-channel-ready-13'],
      deadlineMs: MANY_BLOCKS_MS,
    },
    async ({ connect, chain, check }) => {
      const peer = await connect();
      const channel = await expectAccepted(peer, 'bolt02-channel-ready-13');
      await channel.fund();
      await channel.expect('funding_signed', {}, { requirement: 'bolt02-channel-ready-13' });
      await mineMany(chain, TIMEOUT_BLOCKS + SLACK_BLOCKS);
      const again = await peer.reconnect();
      await again.expectPongOrClose();
      check('bolt02-channel-ready-13', greetings(again).length === 0, {
        expected: 'no channel_reestablish',
        got: greetings(again),
      });
    },
  );

  test(
    'funded-late',
    {
      title: 'makes a channel ready as accepter whose funding transaction comes after 1900 blocks',
      chain: 'owns',
      requirements: ['bolt02-channel-ready-13'],
      deadlineMs: MANY_BLOCKS_MS,
    },
    async ({ connect, chain }) => {
      const peer = await connect();
      const channel = await expectAccepted(peer, 'bolt02-channel-ready-13');
      await channel.fund();
      await channel.expect('funding_signed', {}, { requirement: 'bolt02-channel-ready-13' });
      await mineMany(chain, 1900);
      await channel.do({ do: 'broadcast_funding' });
      await channel.bury(channel.live.readying.minimum_depth);
      await channel.settle({ withinMs: BLOCK_SEEN_MS, requirement: 'bolt02-channel-ready-13' });
    },
  );
});

/** The greeting comes; what comes instead tells that the channel is forgotten. */
async function expectRemembered(
  { check }: Pick<SubjectContext, 'check'>,
  channel: PeerChannel,
  requirement: string,
): Promise<void> {
  await channel.do({ do: 'channel_reestablish' });
  const refused = await channel.expectRefusedUnless('channel_reestablish', {
    requirement: 'bolt02-reestablish-09',
  });
  check(requirement, refused === undefined, { expected: 'channel_reestablish', got: refused?.by });
}

async function mineMany(chain: ChainVerbs, blocks: number): Promise<void> {
  for (let left = blocks; left > 0; left -= AT_A_TIME) await chain.mine(Math.min(left, AT_A_TIME));
}
