import { suite, type PeerChannel, type SubjectContext } from 'boltgrid';
import { balanced } from './_channels.ts';
import {
  expectHtlcRefused,
  expectHtlcTaken,
  expectRefusedOnceSigned,
  HTLC_CASE_MS,
  spendableMsat,
  unasked,
} from './_htlcs.ts';

/** From here on a lock time is a time and no height. */
const FIRST_TIME = 500_000_000;
/** Nothing is trimmed, whatever dust limit the node has. */
const SMALL_MSAT = 2_000_000n;

/** BOLT 2, Adding an HTLC: what a node allows of all HTLCs together, and of an expiry. */
export default suite('bolt02/htlc-limits', { title: 'limits of HTLCs' }, ({ test }) => {
  test(
    'in-flight',
    {
      title: 'takes HTLCs up to its max_htlc_value_in_flight_msat',
      chain: 'confirm',
      requirements: ['bolt02-commitment-signed-23', 'bolt04-failure-38'],
      deadlineMs: HTLC_CASE_MS,
    },
    async (context) => {
      const channel = await large(context);
      const limit = Math.min(
        Number(channel.commitments.terms.remote.max_htlc_value_in_flight_msat),
        Number(spendableMsat(channel, 2)),
      );
      const first = await channel.addHtlc(unasked(context, SMALL_MSAT, 'first'));
      const second = await channel.addHtlc(unasked(context, BigInt(limit) - SMALL_MSAT, 'second'));
      await channel.commit();
      for (const id of [first, second]) await channel.expectRemoved(id, { requirement: 'bolt04-failure-38' });
    },
  );

  test(
    'over-in-flight',
    {
      title: 'refuses HTLCs of more than its max_htlc_value_in_flight_msat',
      chain: 'confirm',
      requirements: ['bolt02-update-add-htlc-18'],
      deadlineMs: HTLC_CASE_MS,
      each: { 'in one HTLC': 1, 'in two HTLCs': 2 },
    },
    async (context, count) => {
      const { check } = context;
      const channel = await large(context);
      const { max_htlc_value_in_flight_msat: most } = channel.commitments.terms.remote;
      if (most >= spendableMsat(channel, 2)) {
        check('bolt02-update-add-htlc-18', true, { note: 'its limit is more than the channel has' });
        return;
      }
      if (count === 2) await channel.addHtlc(unasked(context, SMALL_MSAT, 'first'));
      const amount_msat = most + 1n - (count === 2 ? SMALL_MSAT : 0n);
      await expectHtlcRefused(channel, unasked(context, amount_msat), 'bolt02-update-add-htlc-18');
    },
  );

  test(
    'accepted',
    {
      title: 'takes as many HTLCs as its max_accepted_htlcs says',
      chain: 'confirm',
      requirements: ['bolt02-commitment-signed-23', 'bolt04-failure-38'],
      deadlineMs: HTLC_CASE_MS,
    },
    async (context) => {
      const channel = await large(context);
      const ids = await addMany(context, channel, channel.commitments.terms.remote.max_accepted_htlcs);
      await channel.commit();
      for (const id of ids) await channel.expectRemoved(id, { requirement: 'bolt04-failure-38' });
    },
  );

  test(
    'over-accepted',
    {
      title: 'refuses one HTLC more than its max_accepted_htlcs',
      chain: 'confirm',
      requirements: ['bolt02-update-add-htlc-18'],
      deadlineMs: HTLC_CASE_MS,
    },
    async (context) => {
      const channel = await large(context);
      await addMany(context, channel, channel.commitments.terms.remote.max_accepted_htlcs);
      await channel.addHtlc({ ...unasked(context, SMALL_MSAT), anyway: true });
      await expectRefusedOnceSigned(channel, 'bolt02-update-add-htlc-18');
    },
  );

  test(
    'expiry-is-a-time',
    {
      title: 'refuses an HTLC with a cltv_expiry that is no height',
      chain: 'confirm',
      requirements: ['bolt02-update-add-htlc-19'],
      each: { '500000000': FIRST_TIME, '500000001': FIRST_TIME + 1, 'the largest u32': 0xffff_ffff },
    },
    async (context, cltv_expiry) => {
      const channel = await balanced(await context.connect());
      const htlc = { ...unasked(context, 5_000_000n), cltv_expiry };
      await expectHtlcRefused(channel, htlc, 'bolt02-update-add-htlc-19');
    },
  );

  test(
    'expiry-is-a-height',
    {
      title: 'takes an HTLC that expires at any height, and fails it once it is committed',
      chain: 'confirm',
      requirements: ['bolt02-commitment-signed-23', 'bolt04-failure-38'],
      each: { '499999999': FIRST_TIME - 1, 'in the past': 1, zero: 0 },
    },
    async (context, cltv_expiry) => {
      const channel = await balanced(await context.connect());
      const htlc = { ...unasked(context, 5_000_000n), cltv_expiry };
      await expectHtlcTaken(channel, htlc, 'bolt04-failure-38');
    },
  );
});

/** A channel that is all ours, and large enough for as many HTLCs as a node may take. */
async function large({ connect }: Pick<SubjectContext, 'connect'>): Promise<PeerChannel> {
  const peer = await connect();
  return peer.openChannel({ funding_satoshis: 10_000_000n, feerate_per_kw: 1000 });
}

async function addMany(
  context: Pick<SubjectContext, 'secret'>,
  channel: PeerChannel,
  count: number,
): Promise<bigint[]> {
  const ids: bigint[] = [];
  for (let i = 0; i < count; i++) ids.push(await channel.addHtlc(unasked(context, SMALL_MSAT, `${i}`)));
  return ids;
}
