import { suite } from 'boltgrid';
import { balanced } from './_channels.ts';
import {
  commitmentCostMsat,
  expectHtlcRefused,
  expectHtlcTaken,
  HTLC_CASE_MS,
  spendableMsat,
  unasked,
} from './_htlcs.ts';

const LARGEST_U64 = 0xffff_ffff_ffff_ffffn;

/** BOLT 2, Adding an HTLC: amounts, seen by the node that receives the HTLC. */
export default suite('bolt02/htlc-amounts', { title: 'amounts of HTLCs' }, ({ test }) => {
  test(
    'zero',
    {
      title: 'refuses an HTLC of nothing',
      chain: 'confirm',
      requirements: ['bolt02-update-add-htlc-16'],
    },
    async (context) => {
      const channel = await balanced(await context.connect());
      await expectHtlcRefused(channel, unasked(context, 0n), 'bolt02-update-add-htlc-16');
    },
  );

  test(
    'below-minimum',
    {
      title: 'refuses an HTLC one below its htlc_minimum_msat',
      chain: 'confirm',
      requirements: ['bolt02-update-add-htlc-16'],
    },
    async (context) => {
      const channel = await balanced(await context.connect());
      const { htlc_minimum_msat } = channel.commitments.terms.remote;
      // Where there is no minimum this is an HTLC of nothing.
      const amount_msat = htlc_minimum_msat === 0n ? 0n : htlc_minimum_msat - 1n;
      await expectHtlcRefused(channel, unasked(context, amount_msat), 'bolt02-update-add-htlc-16');
    },
  );

  test(
    'minimum',
    {
      title: 'takes an HTLC of exactly its htlc_minimum_msat',
      chain: 'confirm',
      requirements: ['bolt02-commitment-signed-23', 'bolt04-failure-38'],
    },
    async (context) => {
      const channel = await balanced(await context.connect());
      const { htlc_minimum_msat } = channel.commitments.terms.remote;
      const amount_msat = htlc_minimum_msat === 0n ? 1n : htlc_minimum_msat;
      await expectHtlcTaken(channel, unasked(context, amount_msat), 'bolt04-failure-38');
    },
  );

  test(
    'reserve-kept',
    {
      title: 'takes an HTLC that leaves us exactly the fee and our reserve',
      chain: 'confirm',
      requirements: ['bolt02-commitment-signed-23', 'bolt04-failure-38'],
    },
    async (context) => {
      // Large enough that the node's limit for all HTLCs together does not matter.
      const peer = await context.connect();
      const channel = await peer.openChannel(MOSTLY_PUSHED);
      const all = unasked(context, spendableMsat(channel, 1));
      await expectHtlcTaken(channel, all, 'bolt04-failure-38');
    },
  );

  test(
    'unaffordable',
    {
      title: 'refuses an HTLC that we cannot pay while we keep the fee and our reserve',
      chain: 'confirm',
      requirements: ['bolt02-update-add-htlc-17'],
      each: {
        'one satoshi of the reserve': (spendable) => spendable + 1000n,
        'half of the reserve': (spendable, reserve) => spendable + reserve / 2n,
        'all of the reserve': (spendable, reserve) => spendable + reserve,
        'the fee too': (spendable, reserve, cost) => spendable + reserve + cost,
      } satisfies Record<string, (spendable: bigint, reserve: bigint, cost: bigint) => bigint>,
    },
    async (context, amountOf) => {
      const peer = await context.connect();
      const channel = await peer.openChannel(MOSTLY_PUSHED);
      const reserveMsat = channel.commitments.terms.remote.channel_reserve_satoshis * 1000n;
      const amount_msat = amountOf(spendableMsat(channel, 1), reserveMsat, commitmentCostMsat(channel, 1));
      await expectHtlcRefused(channel, unasked(context, amount_msat), 'bolt02-update-add-htlc-17');
    },
  );

  test(
    'more-than-there-is',
    {
      title: 'refuses an HTLC of more than our balance, the channel, or all bitcoin',
      chain: 'confirm',
      requirements: ['bolt02-update-add-htlc-17'],
      each: {
        'our balance and 1 sat': 600_001_000n,
        'the channel': 1_000_000_000n,
        'all bitcoin': 2_100_000_000_000_000_000n,
        '2^63': 1n << 63n,
        'the largest u64': LARGEST_U64,
      },
    },
    async (context, amount_msat) => {
      const channel = await balanced(await context.connect());
      await channel.addHtlc(unasked(context, 1_000_000n), {
        update_add_htlc: (fields) => ({ ...fields, amount_msat }),
      });
      // There is no such commitment that we could sign.
      await channel.do({ do: 'commitment_signed' });
      await channel.expectRefused({ requirement: 'bolt02-update-add-htlc-17' });
    },
  );

  test(
    'valid-after-refused',
    {
      title: 'takes a right HTLC on a new connection after one of nothing, if that did not fail the channel',
      chain: 'confirm',
      requirements: ['bolt02-reestablish-06', 'bolt02-update-add-htlc-16'],
      deadlineMs: HTLC_CASE_MS,
    },
    async (context) => {
      const peer = await context.connect();
      const channel = await balanced(peer);
      await channel.addHtlc({ ...unasked(context, 0n), anyway: true });
      const { by } = await channel.expectRefused({ requirement: 'bolt02-update-add-htlc-16' });
      if (by === 'error') return;
      await peer.reconnect();
      await channel.reestablish();
      await expectHtlcTaken(channel, unasked(context, 5_000_000n), 'bolt02-reestablish-06');
    },
  );
});

/** We keep 100,000 sat: an HTLC of all that is below what nodes allow in flight. */
const MOSTLY_PUSHED = { push_msat: 900_000_000n } as const;
