import {
  EMPTY,
  equalBytes,
  suite,
  type OperationParams,
  type PeerOptions,
  type SubjectContext,
} from 'boltgrid';
import { expectGivenUp, openedByNode, UNFUNDED, type AcceptFields, type OpenFields } from './_open.ts';
import { bitmap, bitmapOf, typeOf, TYPES, withBitmap, withoutType } from './_types.ts';

const DEFINED = 'bolt02-open-channel-14';
const NEGOTIATED = 'bolt02-open-channel-16';

/** What we offer, in place of what a usual peer does. */
const OFFERS = {
  'all that is usual': 'default',
  'no anchors': { drop: [23] },
  'no scid_alias': { drop: [47] },
  'neither anchors nor scid_alias': { drop: [23, 47] },
  'only what every node has': 'minimal',
} as const satisfies Record<string, PeerOptions['features']>;

type Offer = (typeof OFFERS)[keyof typeof OFFERS];

/** BOLT 2, Defined Channel Types: the node as opener. */
export default suite('bolt02/type-opener', { title: 'channel_type, as opener' }, ({ test }) => {
  for (const announce of [false, true]) {
    test(
      announce ? 'announced' : 'not-announced',
      {
        title: `asks for a defined channel_type of features that both sides offer, in a channel that ${announce ? 'will' : 'will not'} be announced`,
        ...UNFUNDED,
        ops: ['open', 'open.announce'],
        requirements: [
          NEGOTIATED,
          'bolt02-open-channel-13',
          DEFINED,
          'bolt02-open-channel-15',
          'bolt02-open-channel-17',
        ],
        each: OFFERS,
      },
      async (context, features: Offer) => {
        const open = await askedByNode(context, features, { announce });
        if (!open) return;
        const { open: fields, offered } = open;
        const type = typeOf(fields);
        const foreign = [...type].filter((bit) => !offered.has(bit) && !offered.has(bit + 1));
        context.check(NEGOTIATED, foreign.length === 0, {
          expected: 'features that we offered',
          got: foreign,
        });
        const isDefined = Object.values(TYPES).some((each) => equalBytes(bitmap(...each), bitmap(...type)));
        context.check(DEFINED, isDefined, { expected: 'a defined type', got: bitmapOf(fields) });
        context.check('bolt02-open-channel-15', equalBytes(bitmapOf(fields), bitmap(...type)), {
          expected: bitmap(...type),
          got: bitmapOf(fields),
        });
        context.check('bolt02-open-channel-17', !announce || !type.has(46), {
          expected: 'no option_scid_alias',
          got: bitmapOf(fields),
        });
      },
    );
  }

  test(
    'another-type',
    {
      title: 'fails its channel where accept_channel has another channel_type',
      ...UNFUNDED,
      ops: ['open'],
      requirements: ['bolt02-accept-channel-11'],
      each: {
        'with anchors or without': (accept: AcceptFields) =>
          withBitmap(accept, typeOf(accept).has(22) ? bitmap(12) : bitmap(12, 22)),
        'with option_scid_alias or without': (accept: AcceptFields) => {
          const type = typeOf(accept);
          return withBitmap(
            accept,
            bitmap(...[...type].filter((bit) => bit !== 46), ...(type.has(46) ? [] : [46])),
          );
        },
        'with an unknown odd bit': (accept: AcceptFields) =>
          withBitmap(accept, bitmap(...typeOf(accept), 99)),
        'no bit at all': (accept: AcceptFields) => withBitmap(accept, EMPTY),
      },
    },
    async (context, spoil) => {
      const opened = await openedByNode(context);
      await opened.channel.accept({}, { accept_channel: spoil });
      await expectGivenUp(context, opened, 'bolt02-accept-channel-11');
    },
  );

  test(
    'no-type',
    {
      title: 'fails its channel where accept_channel has no channel_type',
      ...UNFUNDED,
      ops: ['open'],
      requirements: ['bolt02-accept-channel-10'],
      each: {
        'but other records': withoutType<AcceptFields>,
        'and no other record': (accept: AcceptFields) => ({ ...accept, tlvs: {} }),
      },
    },
    async (context, spoil) => {
      const opened = await openedByNode(context);
      await opened.channel.accept({}, { accept_channel: spoil });
      await expectGivenUp(context, opened, 'bolt02-accept-channel-10');
    },
  );

  test(
    'asked-for',
    {
      title: 'asks for the channel_type that it was told to, whatever both sides offer besides',
      ...UNFUNDED,
      ops: ['open', 'open.type', 'open.announce'],
      requirements: [DEFINED],
      each: {
        'static_remotekey, announced': { type: 'static-remotekey', announce: true },
        static_remotekey: { type: 'static-remotekey', announce: false },
        'anchors, announced': { type: 'anchors', announce: true },
        anchors: { type: 'anchors', announce: false },
      } satisfies Record<string, Partial<OperationParams<'open'>>>,
    },
    async (context, params: Partial<OperationParams<'open'>>) => {
      const asked = await askedByNode(context, 'default', params);
      if (!asked) return;
      const got = typeOf(asked.open);
      context.check(DEFINED, got.has(22) === (params.type === 'anchors'), {
        expected: params.type,
        got: bitmapOf(asked.open),
      });
    },
  );
});

/** What the node asks of a peer that offers this; `undefined` where it finds that it offers too little. */
async function askedByNode(
  { connect, node, eventually }: SubjectContext,
  features: Offer,
  params: Partial<OperationParams<'open'>>,
): Promise<{ readonly open: OpenFields; readonly offered: ReadonlySet<number> } | undefined> {
  const peer = await connect({ features });
  const offered = new Set(offeredBits(features));
  let hasFailed = false;
  void node
    .call('open', {
      publicKey: Buffer.from(peer.publicKey).toString('hex'),
      amountSat: 1_000_000n,
      ...params,
    })
    .catch(() => {
      hasFailed = true;
    });
  const came = (): boolean => peer.received.some(({ name }) => name === 'open_channel');
  await eventually(
    'the node opens a channel, or says that it will not',
    () => Promise.resolve(hasFailed || came()),
    (isDecided) => isDecided,
    { withinMs: 20_000 },
  );
  if (!came()) return undefined;
  const open = await peer.channel().expect('open_channel');
  return { open, offered };
}

/** With what every node has; see PeerOptions. */
function offeredBits(features: Offer): readonly number[] {
  const assumed = [1, 9, 13, 15, 45];
  if (features === 'minimal') return assumed;
  const drop: readonly number[] = features === 'default' ? [] : features.drop;
  return [...assumed, 5, 7, 17, 19, 23, 25, 27, 39, 47].filter((bit) => !drop.includes(bit));
}
