import { suite, toHex, type OperationParams, type Peer, type SubjectContext } from 'boltgrid';
import { openedByNode } from './_open.ts';

const LARGE_SATOSHIS = 1n << 24n;

/** BOLT 2, The open_channel Message, as the node sends it. The engine judges every field. */
export default suite('bolt02/open-opener', { title: 'open_channel of the node' }, ({ test }) => {
  test(
    'fields',
    {
      title: 'opens a channel by an open_channel without faults, with the flags that it was asked for',
      chain: 'confirm',
      requirements: [
        'bolt02-open-channel-06',
        'bolt02-open-channel-01',
        'bolt02-open-channel-07',
        'bolt02-open-channel-08',
        'bolt02-open-channel-09',
        'bolt02-open-channel-10',
        'bolt02-open-channel-12',
        'bolt02-open-channel-13',
        'bolt02-open-channel-14',
        'bolt02-open-channel-15',
        'bolt02-open-channel-16',
        'bolt02-open-channel-17',
      ],
      ops: ['open', 'open.announce'],
      each: { announced: true, 'not announced': false },
    },
    async (context, announce) => {
      const { open } = await openedByNode(context, { announce });
      context.check('bolt02-open-channel-09', open.channel_flags === Number(announce), {
        expected: Number(announce),
        got: open.channel_flags,
      });
    },
  );

  test(
    'push',
    {
      title: 'pushes what it was asked to, never more than it funds',
      chain: 'confirm',
      requirements: ['bolt02-open-channel-05'],
      ops: ['open', 'open.pushSat'],
      each: { nothing: 0n, 'one satoshi': 1n, half: 500_000n },
    },
    async (context, pushSat) => {
      const { open } = await openedByNode(context, { pushSat });
      context.check('bolt02-open-channel-05', open.push_msat === pushSat * 1000n, {
        expected: pushSat * 1000n,
        got: open.push_msat,
      });
    },
  );

  test(
    'push-too-much',
    {
      title: 'sends no open_channel that pushes more than it funds',
      chain: 'confirm',
      requirements: ['bolt02-open-channel-05'],
      ops: ['open', 'open.pushSat'],
      each: { 'one more': 1_000_001n, twice: 2_000_000n },
    },
    async (context, pushSat) => {
      const peer = await context.connect();
      await expectNotOpened(context, peer, 'bolt02-open-channel-05', { amountSat: 1_000_000n, pushSat });
    },
  );

  test(
    'large-channel',
    {
      title: 'opens no channel of 2^24 satoshis with a peer that does not offer option_support_large_channel',
      chain: 'confirm',
      requirements: ['bolt02-open-channel-04'],
      ops: ['open'],
    },
    async (context) => {
      const peer = await context.connect({ features: { drop: [18, 19] } });
      await expectNotOpened(context, peer, 'bolt02-open-channel-04', { amountSat: LARGE_SATOSHIS });
    },
  );
});

/** The node is told to open a channel that it may not open, and sends no `open_channel`. */
async function expectNotOpened(
  { node, eventually, check }: SubjectContext,
  peer: Peer,
  requirement: string,
  params: Omit<OperationParams<'open'>, 'publicKey'>,
): Promise<void> {
  let isRefused = false;
  node.call('open', { publicKey: toHex(peer.publicKey), ...params }).catch(() => (isRefused = true));
  const hasOpened = (): boolean => peer.received.some(({ name }) => name === 'open_channel');
  await eventually(
    'the node refuses, or opens a channel',
    async () => Promise.resolve(isRefused || hasOpened()),
    (isDecided) => isDecided,
    { requirement },
  );
  await peer.barrier();
  check(requirement, !hasOpened(), { expected: 'no open_channel', got: peer.received });
}
