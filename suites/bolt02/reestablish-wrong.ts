import { suite, type ChainVerbs, type NodeControl, type Peer, type PeerChannel } from 'boltgrid';
import { balanced, invoiceOf } from './_channels.ts';

type Greeting = Parameters<
  NonNullable<NonNullable<Parameters<PeerChannel['reestablish']>[0]>['channel_reestablish']>
>[0];

/** BOLT 2, Message Retransmission: a greeting that does not fit what the node knows. */
export default suite(
  'bolt02/reestablish-wrong',
  { title: 'channel_reestablish that does not fit' },
  ({ test }) => {
    test(
      'next-commitment-zero',
      {
        title: 'fails the channel and broadcasts its commitment where next_commitment_number is 0',
        chain: 'confirm',
        requirements: ['bolt02-reestablish-26'],
        ops: ['invoice'],
      },
      async ({ connect, node, chain }) => {
        const { channel } = await used(await connect(), node);
        await greetWith(channel, (fields) => ({ ...fields, next_commitment_number: 0n }));
        await expectUnilateral(chain, channel, 'bolt02-reestablish-26');
      },
    );

    test(
      'next-commitment-number',
      {
        title: 'fails the channel where next_commitment_number is neither of the two that are possible',
        chain: 'confirm',
        requirements: ['bolt02-reestablish-31'],
        ops: ['invoice'],
        each: { 'one too high': 1n, 'far too high': 1_000n, 'two too low': -2n },
      },
      async ({ connect, node, check }, change) => {
        const { channel } = await used(await connect(), node);
        await greetWith(channel, (fields) => ({
          ...fields,
          next_commitment_number: fields.next_commitment_number + change,
        }));
        const { by } = await channel.expectRefused({ requirement: 'bolt02-reestablish-31' });
        check('bolt02-reestablish-31', by === 'error', { expected: 'error', got: by });
      },
    );

    test(
      'next-revocation-number',
      {
        title:
          'fails the channel where next_revocation_number tells of secrets that we had long ago, or never',
        chain: 'confirm',
        requirements: ['bolt02-reestablish-34'],
        ops: ['invoice'],
        each: { 'two too low': -2n, 'one too high': 1n },
      },
      async ({ connect, node, check }, change) => {
        const { channel } = await used(await connect(), node);
        await greetWith(channel, (fields) => ({
          ...fields,
          next_revocation_number: fields.next_revocation_number + change,
        }));
        const { by } = await channel.expectRefused({ requirement: 'bolt02-reestablish-34' });
        check('bolt02-reestablish-34', by === 'error', { expected: 'error', got: by });
      },
    );

    test(
      'never-revoked',
      {
        title: 'fails a channel of which it has revoked nothing where next_revocation_number is not 0',
        chain: 'confirm',
        requirements: ['bolt02-reestablish-35'],
      },
      async ({ connect, check }) => {
        const peer = await connect();
        const channel = await balanced(peer);
        await peer.reconnect();
        await greetWith(channel, (fields) => ({
          ...fields,
          next_revocation_number: 1n,
          your_last_per_commitment_secret: new Uint8Array(32).fill(1),
        }));
        const { by } = await channel.expectRefused({
          requirement: 'bolt02-reestablish-35',
          passing: ['channel_ready'],
        });
        check('bolt02-reestablish-35', by === 'error', { expected: 'error', got: by });
      },
    );

    test(
      'wrong-secret',
      {
        title: 'fails the channel where your_last_per_commitment_secret is none of its secrets',
        chain: 'confirm',
        requirements: ['bolt02-reestablish-39'],
        ops: ['invoice'],
        each: { zeros: 0, 'another number': 0x5e },
      },
      async ({ connect, node, check }, byte) => {
        const { channel } = await used(await connect(), node);
        await greetWith(channel, (fields) => ({
          ...fields,
          your_last_per_commitment_secret: new Uint8Array(32).fill(byte),
        }));
        const { by } = await channel.expectRefused({ requirement: 'bolt02-reestablish-39' });
        check('bolt02-reestablish-39', by === 'error', { expected: 'error', got: by });
      },
    );

    test(
      'after-a-failure',
      {
        title: 'repeats its error for a channel that it failed, and does not go on with it',
        chain: 'confirm',
        requirements: ['bolt02-reestablish-08'],
        ops: ['invoice'],
      },
      async ({ connect, node, check }) => {
        const { peer, channel } = await used(await connect(), node);
        await greetWith(channel, (fields) => ({
          ...fields,
          next_commitment_number: fields.next_commitment_number + 1_000n,
        }));
        await channel.expectRefused();
        await peer.reconnect();
        await channel.do({ do: 'channel_reestablish' });
        const { by } = await channel.expectRefused({
          requirement: 'bolt02-reestablish-08',
          passing: ['channel_reestablish'],
        });
        check('bolt02-reestablish-08', by === 'error', { expected: 'error', got: by });
      },
    );
  },
);

/** A channel with payments, on a new connection over which nothing has been said of it. */
async function used(first: Peer, node: NodeControl): Promise<{ peer: Peer; channel: PeerChannel }> {
  const channel = await balanced(first);
  for (let i = 0; i < 2; i++) await channel.pay(await invoiceOf(node, 5_000_000n));
  return { peer: await first.reconnect(), channel };
}

/** After the node’s own greeting: what it does is then an answer to ours. */
async function greetWith(channel: PeerChannel, change: (fields: Greeting) => Greeting): Promise<void> {
  await channel.expect('channel_reestablish');
  await channel.do({ do: 'channel_reestablish' }, { channel_reestablish: change });
}

/** The node closes on its own. */
async function expectUnilateral(chain: ChainVerbs, channel: PeerChannel, requirement: string): Promise<void> {
  await chain.spenderOf(channel.fundingTxid, channel.fundingOutputIndex, {
    requirement,
    what: 'the funding output',
  });
}
