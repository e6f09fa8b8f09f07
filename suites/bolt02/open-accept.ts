import { suite } from 'boltgrid';
import {
  expectGivenUp,
  MOST_U16,
  MOST_U64,
  openedByNode,
  WRONG_POINTS,
  type AcceptFields,
  type OpenFields,
} from './_open.ts';

type Wrong = (accept: AcceptFields, open: OpenFields) => AcceptFields;

interface Refused {
  readonly slug: string;
  readonly title: string;
  readonly requirement: string;
  readonly each: Readonly<Record<string, Wrong>>;
}

const withFields =
  (wrong: Partial<AcceptFields>): Wrong =>
  (accept) => ({ ...accept, ...wrong });

/** "Other fields have the same requirements as their counterparts in open_channel": those have their ids. */
const REFUSED: readonly Refused[] = [
  {
    slug: 'reserve-under-its-dust-limit',
    title: 'fails its channel where our channel_reserve_satoshis is below its dust_limit_satoshis',
    requirement: 'bolt02-accept-channel-08',
    each: {
      'one below': (accept, { dust_limit_satoshis }) => ({
        ...accept,
        channel_reserve_satoshis: dust_limit_satoshis - 1n,
      }),
      zero: withFields({ channel_reserve_satoshis: 0n }),
    },
  },
  {
    slug: 'dust-limit-over-its-reserve',
    title: 'fails its channel where our dust_limit_satoshis is above its channel_reserve_satoshis',
    requirement: 'bolt02-accept-channel-09',
    each: {
      'one above': (accept, { channel_reserve_satoshis }) => ({
        ...accept,
        dust_limit_satoshis: channel_reserve_satoshis + 1n,
        channel_reserve_satoshis: channel_reserve_satoshis + 1n,
      }),
      largest: withFields({ dust_limit_satoshis: MOST_U64 }),
    },
  },
  {
    slug: 'dust-limit-over-reserve',
    title: 'fails its channel where our dust_limit_satoshis is above our channel_reserve_satoshis',
    requirement: 'bolt02-open-channel-41',
    each: {
      'one above': (accept, { dust_limit_satoshis }) => ({
        ...accept,
        channel_reserve_satoshis: dust_limit_satoshis,
        dust_limit_satoshis: dust_limit_satoshis + 1n,
      }),
    },
  },
  {
    slug: 'dust-limit-too-low',
    title: 'fails its channel where our dust_limit_satoshis is below 354',
    requirement: 'bolt02-open-channel-42',
    each: {
      'one below': withFields({ dust_limit_satoshis: 353n }),
      zero: withFields({ dust_limit_satoshis: 0n }),
    },
  },
  {
    slug: 'too-many-htlcs',
    title: 'fails its channel where our max_accepted_htlcs is above 483',
    requirement: 'bolt02-open-channel-38',
    each: {
      'one above': withFields({ max_accepted_htlcs: 484 }),
      largest: withFields({ max_accepted_htlcs: MOST_U16 }),
    },
  },
  {
    slug: 'delay-of-a-year',
    title: 'fails its channel where our to_self_delay would lock its coins for more than a year',
    requirement: 'bolt02-open-channel-37',
    each: { largest: withFields({ to_self_delay: MOST_U16 }) },
  },
  {
    slug: 'both-under-reserve',
    title: 'fails its channel where neither side would have more than our channel_reserve_satoshis',
    requirement: 'bolt02-open-channel-44',
    each: {
      'all of the funding': (accept, { funding_satoshis }) => ({
        ...accept,
        channel_reserve_satoshis: funding_satoshis,
      }),
      largest: withFields({ channel_reserve_satoshis: MOST_U64 }),
    },
  },
  {
    slug: 'wrong-point',
    title: 'fails its channel where our basic points are not all on the curve and compressed',
    requirement: 'bolt02-open-channel-40',
    each: Object.fromEntries(Object.entries(WRONG_POINTS).map(([name, wrong]) => [name, withFields(wrong)])),
  },
];

/** BOLT 2, The accept_channel Message: each field at and past its bounds, the node as opener. */
export default suite('bolt02/open-accept', { title: 'fields of accept_channel' }, ({ test }) => {
  for (const { slug, title, requirement, each } of REFUSED) {
    test(
      slug,
      {
        title,
        chain: 'confirm',
        requirements: [requirement],
        ops: ['open'],
        each,
      },
      async (context, wrong) => {
        const opened = await openedByNode(context);
        const { channel, open } = opened;
        await channel.accept({}, { accept_channel: (fields) => wrong(fields, open) });
        await expectGivenUp(context, opened, requirement);
      },
    );
  }

  test(
    'at-the-bounds',
    {
      title: 'goes on with its channel where our fields are just within their bounds',
      chain: 'confirm',
      requirements: [
        'bolt02-funding-created-05',
        'bolt02-accept-channel-08',
        'bolt02-open-channel-38',
        'bolt02-open-channel-42',
      ],
      ops: ['open'],
      each: {
        'least dust limit': withFields({ dust_limit_satoshis: 354n }),
        'reserve at its dust limit': (accept: AcceptFields, { dust_limit_satoshis }: OpenFields) => ({
          ...accept,
          dust_limit_satoshis: 354n,
          channel_reserve_satoshis: dust_limit_satoshis,
        }),
        'most htlcs': withFields({ max_accepted_htlcs: 483 }),
        'nothing too small to pay': withFields({ htlc_minimum_msat: 0n }),
        'all in flight': withFields({ max_htlc_value_in_flight_msat: MOST_U64 }),
      },
    },
    async (context, bound) => {
      const { channel, open } = await openedByNode(context);
      await channel.accept({}, { accept_channel: (fields) => bound(fields, open) });
      await channel.expect('funding_created', {}, { requirement: 'bolt02-funding-created-05' });
    },
  );
});
