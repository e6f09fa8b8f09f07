import { hasFeature, suite } from 'boltgrid';
import {
  expectAccepted,
  expectCommitmentRefused,
  expectOpenRefused,
  firstCostSat,
  MOST_U16,
  MOST_U32,
  MOST_U64,
  NEW_OPEN,
  type OpenFields,
  UNFUNDED,
} from './_open.ts';

const LARGE_SATOSHIS = 1n << 24n;
const FUNDING_SATOSHIS = 1_000_000n;
/** Of each side, when nothing else is said. */
const RESERVE_SATOSHIS = FUNDING_SATOSHIS / 100n;

/** Pushes all but what the opener then has, by a function of what the first commitment costs. */
const keeping =
  (msat: (costMsat: bigint) => bigint) =>
  (fields: OpenFields): OpenFields => ({
    ...fields,
    push_msat: fields.funding_satoshis * 1000n - msat(firstCostSat(fields) * 1000n),
  });

/** BOLT 2, The open_channel Message: amounts that depend on each other, the node as accepter. */
export default suite('bolt02/open-amounts', { title: 'amounts of open_channel' }, ({ test }) => {
  test(
    'push-above-funding',
    {
      title: 'fails a channel whose push_msat is more than its funding_satoshis',
      ...UNFUNDED,
      requirements: ['bolt02-open-channel-36', NEW_OPEN],
      each: {
        'one above': FUNDING_SATOSHIS * 1000n + 1n,
        twice: FUNDING_SATOSHIS * 2000n,
        largest: MOST_U64,
      },
    },
    (context, push_msat) =>
      expectOpenRefused(context, 'bolt02-open-channel-36', (fields) => ({ ...fields, push_msat })),
  );

  test(
    'push-leaves-no-fee',
    {
      title: 'fails a channel whose opener cannot pay the fee of the first commitment',
      ...UNFUNDED,
      requirements: ['bolt02-open-channel-43', NEW_OPEN],
      each: {
        'all pushed': keeping(() => 0n),
        'half the fee': keeping((costMsat) => costMsat / 2n),
        'one satoshi short': keeping((costMsat) => costMsat - 1000n),
        'one millisatoshi short': keeping((costMsat) => costMsat - 1n),
        'largest feerate': (fields: OpenFields) => ({ ...fields, feerate_per_kw: MOST_U32 }),
      },
    },
    (context, spoil) => expectCommitmentRefused(context, 'bolt02-open-channel-43', spoil),
  );

  test(
    'push',
    {
      title: 'takes up a channel whose opener pushes what it can spare',
      ...UNFUNDED,
      requirements: ['bolt02-open-channel-43', 'bolt02-open-channel-36'],
      each: {
        'one millisatoshi': (fields: OpenFields) => ({ ...fields, push_msat: 1n }),
        half: (fields: OpenFields) => ({ ...fields, push_msat: FUNDING_SATOSHIS * 500n }),
        // Twice the reserve: some nodes ask for a little more than it.
        'all but fee and reserves': keeping((costMsat) => costMsat + 2n * RESERVE_SATOSHIS * 1000n),
      },
    },
    async ({ connect }, push) => {
      await expectAccepted(await connect(), 'bolt02-open-channel-43', undefined, { open_channel: push });
    },
  );

  test(
    'both-under-reserve',
    {
      title: 'fails a channel of which neither side would have more than the reserve',
      ...UNFUNDED,
      requirements: ['bolt02-open-channel-44', NEW_OPEN],
      each: {
        'far under it': { push_msat: 500_000_000n, channel_reserve_satoshis: 900_000n },
        'accepter at it': { push_msat: 600_000_000n, channel_reserve_satoshis: 600_000n },
        'all of the funding': { channel_reserve_satoshis: FUNDING_SATOSHIS },
        largest: { channel_reserve_satoshis: MOST_U64 },
      },
    },
    (context, wrong: Partial<OpenFields>) =>
      expectCommitmentRefused(context, 'bolt02-open-channel-44', (fields) => ({ ...fields, ...wrong })),
  );

  test(
    'large-channel',
    {
      title: 'fails a channel of 2^24 satoshis where it does not offer option_support_large_channel',
      ...UNFUNDED,
      requirements: ['bolt02-open-channel-45', NEW_OPEN],
      each: { least: LARGE_SATOSHIS, 'one more': LARGE_SATOSHIS + 1n },
    },
    async (context, funding_satoshis) => {
      const { connect, node, check } = context;
      if (hasFeature(node.features, 'option_support_large_channel')) {
        const peer = await connect();
        await peer.channel().open({ funding_satoshis });
        await peer.expectPongOrClose();
        check('bolt02-open-channel-45', true, { note: 'it offers large channels, and has its own limit' });
      } else {
        await expectOpenRefused(context, 'bolt02-open-channel-45', (fields) => ({
          ...fields,
          funding_satoshis,
        }));
      }
    },
  );

  test(
    'largest-usual-channel',
    {
      title: 'takes up a channel of 2^24 - 1 satoshis',
      ...UNFUNDED,
      requirements: ['bolt02-open-channel-45'],
    },
    async ({ connect }) => {
      await expectAccepted(await connect(), 'bolt02-open-channel-45', {
        funding_satoshis: LARGE_SATOSHIS - 1n,
      });
    },
  );

  test(
    'extremes',
    {
      title: 'takes up a channel of a peer whose last one had a field at the end of its range',
      ...UNFUNDED,
      requirements: [NEW_OPEN],
      each: {
        'funding_satoshis largest': { funding_satoshis: MOST_U64 },
        // 1000 times as much is 384 with 64 bits.
        'funding_satoshis wraps around': { funding_satoshis: MOST_U64 / 1000n + 1n },
        'funding_satoshis and push_msat largest': { funding_satoshis: MOST_U64, push_msat: MOST_U64 },
        'dust_limit_satoshis and reserve largest': {
          dust_limit_satoshis: MOST_U64,
          channel_reserve_satoshis: MOST_U64,
        },
        'max_htlc_value_in_flight_msat zero': { max_htlc_value_in_flight_msat: 0n },
        'max_htlc_value_in_flight_msat largest': { max_htlc_value_in_flight_msat: MOST_U64 },
        'htlc_minimum_msat zero': { htlc_minimum_msat: 0n },
        'htlc_minimum_msat largest': { htlc_minimum_msat: MOST_U64 },
        'to_self_delay zero': { to_self_delay: 0 },
        'to_self_delay largest': { to_self_delay: MOST_U16 },
        'max_accepted_htlcs zero': { max_accepted_htlcs: 0 },
        'feerate_per_kw zero': { feerate_per_kw: 0 },
        'feerate_per_kw highest': { feerate_per_kw: MOST_U32 },
        'funding_satoshis zero': { funding_satoshis: 0n },
      },
    },
    // Whether the node wants the first one is up to it.
    async ({ connect }, extreme: Partial<OpenFields>) => {
      const peer = await connect();
      await peer.channel().open({}, { open_channel: (fields) => ({ ...fields, ...extreme }) });
      await peer.expectPongOrClose({ requirement: NEW_OPEN });
      await expectAccepted(await peer.reconnect(), NEW_OPEN);
    },
  );
});
