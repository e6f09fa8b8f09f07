import { suite } from 'boltgrid';
import { balanced, invoiceOf } from './_channels.ts';
import { expectAccepted } from './_open.ts';

const READY = 'bolt02-channel-ready-03';
const OWN_ALIAS = 'bolt02-channel-ready-08';
const ZERO_DEPTH = 'bolt02-accept-channel-02';
const READY_CASE_MS = 60_000;
/** For what a node does when it sees a block. */
const BLOCK_SEEN_MS = 30_000;

/** In blocks that no chain of a test reaches. */
const alias = (n: number): string => `15000000x${n}x1`;

/** BOLT 2, The channel_ready Message: held back, early, repeated, and its aliases. */
export default suite('bolt02/ready', { title: 'channel_ready and aliases' }, ({ test }) => {
  test(
    'held-back',
    {
      title: 'says nothing on a channel but channel_ready before ours has come, and uses it afterwards',
      chain: 'confirm',
      ops: ['invoice'],
      requirements: [READY],
      deadlineMs: READY_CASE_MS,
      each: { 'as soon as it can be': 0, 'six blocks late': 6 },
    },
    async ({ connect, node, check }, late) => {
      const peer = await connect();
      const channel = await expectAccepted(peer, READY, { push_msat: 400_000_000n });
      await channel.fund();
      await channel.expect('funding_signed');
      await channel.do({ do: 'broadcast_funding' });
      await channel.bury(channel.live.readying.minimum_depth);
      await channel.expect('channel_ready', {}, { withinMs: BLOCK_SEEN_MS });
      await channel.bury(late);
      const early = (await peer.barrier()).filter(({ name }) => name !== 'channel_ready');
      check(READY, early.length === 0, { expected: 'nothing', got: early });
      await channel.do({ do: 'channel_ready', alias: alias(1) });
      await channel.pay(await invoiceOf(node, 5_000_000n));
    },
  );

  test(
    'early',
    {
      title: 'uses a channel whose opener has sent channel_ready with an alias before any block',
      chain: 'confirm',
      ops: ['invoice'],
      requirements: [READY],
      deadlineMs: READY_CASE_MS,
    },
    async ({ connect, node }) => {
      const channel = await expectAccepted(await connect(), READY, { push_msat: 400_000_000n });
      await channel.fund();
      await channel.expect('funding_signed');
      await channel.do({ do: 'broadcast_funding' });
      await channel.do({ do: 'channel_ready', alias: alias(1) });
      await channel.establish();
      await channel.pay(await invoiceOf(node, 5_000_000n));
    },
  );

  test(
    'repeated',
    {
      title: 'goes on with a channel whose channel_ready has come again',
      chain: 'confirm',
      ops: ['invoice'],
      requirements: [READY],
      deadlineMs: READY_CASE_MS,
      each: { once: [1], 'five times': [1, 1, 1, 1, 1], 'with other aliases': [2, 3, 4], 'and back': [2, 1] },
    },
    async ({ connect, node }, aliases) => {
      const channel = await balanced(await connect());
      for (const n of aliases) await channel.do({ do: 'channel_ready', alias: alias(n) });
      await channel.pay(await invoiceOf(node, 5_000_000n));
    },
  );

  test(
    'own-aliases',
    {
      title: 'gives no two peers the same alias, nor one that names a channel in a block',
      chain: 'confirm',
      features: ['option_scid_alias'],
      requirements: [OWN_ALIAS, 'bolt02-channel-ready-04'],
      deadlineMs: READY_CASE_MS,
    },
    async ({ connect, check }) => {
      const channels = [await balanced(await connect()), await balanced(await connect())];
      const known = channels.map(({ live }) => live.readying);
      const aliases = known.flatMap((each) => each.aliases.remote);
      check(
        'bolt02-channel-ready-04',
        known.every((each) => each.aliases.remote.length > 0),
        {
          expected: 'an alias for each',
          got: aliases,
        },
      );
      const real = known.flatMap(({ short_channel_id }) => short_channel_id ?? []);
      const all = [...aliases, ...real];
      check(OWN_ALIAS, new Set(all).size === all.length, { expected: 'no name twice', got: all });
    },
  );

  test(
    'zeroconf',
    {
      title: 'asks for no depth where the channel_type has option_zeroconf, if it trusts the opener',
      chain: 'none',
      coins: true,
      features: ['option_zeroconf'],
      requirements: [ZERO_DEPTH, 'bolt02-open-channel-47'],
      each: { alone: [12, 22, 50], 'with scid_alias': [12, 22, 46, 50] },
    },
    async ({ connect, check }, bits) => {
      const channel = (await connect({ features: { add: [51] } })).channel();
      await channel.open({ channel_type: new Set(bits) });
      if (await channel.expectRefusedUnless('accept_channel', { requirement: 'bolt02-open-channel-47' }))
        return;
      const { state } = channel;
      if (state.name !== 'opening' || state.opening.name !== 'awaits_funding') return;
      const { minimum_depth } = state.opening.accept;
      check(ZERO_DEPTH, minimum_depth === 0, { expected: 0, got: minimum_depth });
    },
  );
});
