import { concat, EMPTY, equalBytes, suite, type Peer, type PeerChannel, type SubjectContext } from 'boltgrid';
import { expectAccepted, expectOpenRefused, NEW_OPEN, UNFUNDED, type OpenFields } from './_open.ts';
import { bitmap, bitmapOf, TYPES, withBitmap, withoutType } from './_types.ts';

const ECHO = 'bolt02-accept-channel-06';

interface Asked {
  readonly channel_type: ReadonlySet<number>;
  readonly announce: boolean;
}

const asked = (name: keyof typeof TYPES, announce = false): Asked => ({
  channel_type: TYPES[name],
  announce,
});

/** BOLT 2, Defined Channel Types: the node as accepter. */
export default suite('bolt02/type-accepter', { title: 'channel_type, as accepter' }, ({ test }) => {
  test(
    'echoed',
    {
      title:
        'takes up a channel with just the channel_type that was asked for, and signs commitments of that type',
      ...UNFUNDED,
      requirements: [ECHO, 'bolt02-funding-signed-01'],
      each: {
        'static_remotekey, announced': asked('static_remotekey', true),
        static_remotekey: asked('static_remotekey'),
        'anchors, announced': asked('anchors', true),
        anchors: asked('anchors'),
      },
    },
    async (context, options) => {
      await expectEchoed(context, await context.connect(), options);
    },
  );

  test(
    'echoed-alias',
    {
      title: 'takes up a channel that is not announced with option_scid_alias in its channel_type',
      ...UNFUNDED,
      features: ['option_scid_alias'],
      requirements: [ECHO, 'bolt02-funding-signed-01'],
      each: {
        static_remotekey: asked('static_remotekey and scid_alias'),
        anchors: asked('anchors and scid_alias'),
      },
    },
    async (context, options) => {
      await expectEchoed(context, await context.connect(), options);
    },
  );

  test(
    'not-what-is-offered',
    {
      title: 'gives a channel no more than was asked for, whatever both sides offer besides',
      ...UNFUNDED,
      requirements: [ECHO, 'bolt02-funding-signed-01'],
      each: {
        'static_remotekey, with anchors and scid_alias offered': { add: [23, 47], drop: [] },
        'static_remotekey, with anchors offered as compulsory': { add: [22], drop: [23] },
        'static_remotekey, with nothing offered': { add: [], drop: [5, 17, 19, 23, 25, 27, 39, 47] },
      },
    },
    async (context, features) => {
      const { features: bits } = context.node;
      // A bit that the node does not know closes the connection (BOLT 1), which other cases judge.
      const known = features.add.filter((bit) => bit % 2 === 1 || bits.has(bit) || bits.has(bit + 1));
      const peer = await context.connect({ features: { ...features, add: known } });
      await expectEchoed(context, peer, asked('static_remotekey'));
    },
  );

  test(
    'two-types',
    {
      title: 'keeps the channel_types of two channels of different peers apart',
      ...UNFUNDED,
      features: ['option_anchors'],
      requirements: [ECHO, 'bolt02-funding-signed-01'],
    },
    async (context) => {
      const { connect } = context;
      const first = await taken(context, await connect(), asked('anchors'));
      const second = await taken(context, await connect(), asked('static_remotekey'));
      for (const channel of [second, first]) {
        await channel?.fund();
        await channel?.expect('funding_signed', {}, { requirement: 'bolt02-funding-signed-01' });
      }
    },
  );

  test(
    'undefined',
    {
      title: 'fails a channel whose channel_type is not defined',
      ...UNFUNDED,
      requirements: ['bolt02-open-channel-46', NEW_OPEN],
      each: {
        'no bit at all': EMPTY,
        'a byte of no bits': Uint8Array.of(0),
        'scid_alias alone': bitmap(46),
        'anchors as an odd bit': bitmap(12, 23),
        'static_remotekey as an odd bit': bitmap(13),
        'both bits of anchors': bitmap(12, 22, 23),
        'a feature that is none of channels': bitmap(12, 22, 14),
        'an unknown bit': bitmap(12, 22, 98),
        'an unknown odd bit': bitmap(12, 22, 99),
        'many bits': new Uint8Array(32).fill(0xff),
      },
    },
    (context, type) =>
      expectOpenRefused(context, 'bolt02-open-channel-46', (fields) => withBitmap(fields, type)),
  );

  test(
    'missing',
    {
      title: 'fails a channel without a channel_type',
      ...UNFUNDED,
      requirements: ['bolt02-open-channel-24', NEW_OPEN],
      each: {
        'with other records': withoutType<OpenFields>,
        'without any record': (fields: OpenFields) => ({ ...fields, tlvs: {} }),
      },
    },
    (context, spoil) => expectOpenRefused(context, 'bolt02-open-channel-24', spoil),
  );

  test(
    'unusual',
    {
      title: 'takes up a usual channel of a peer whose last channel_type no opener should ask for',
      ...UNFUNDED,
      requirements: [NEW_OPEN],
      // A reader may find them suitable: only writers have a rule.
      each: {
        'scid_alias, to be announced': (fields: OpenFields) =>
          withBitmap({ ...fields, channel_flags: 1 }, bitmap(12, 46)),
        'features that were not negotiated': (fields: OpenFields) =>
          withBitmap(fields, bitmap(12, 22, 46, 50)),
        'a bitmap with bytes to spare': (fields: OpenFields) =>
          withBitmap(fields, concat(new Uint8Array(4), bitmapOf(fields))),
        'a very long bitmap': (fields: OpenFields) =>
          withBitmap(fields, concat(new Uint8Array(60_000), bitmapOf(fields))),
      },
    },
    async ({ connect }, spoil) => {
      const peer = await connect({ features: { drop: [23, 47] } });
      await peer.channel().open({}, { open_channel: spoil });
      await peer.expectPongOrClose();
      await expectAccepted(await (await connect()).reconnect(), NEW_OPEN);
      await expectAccepted(await peer.reconnect(), NEW_OPEN);
    },
  );
});

/** A channel that the node takes up; `undefined` where it finds the type not suitable, which it may unless it offers it. */
async function taken(
  { check, node }: Pick<SubjectContext, 'check' | 'node'>,
  peer: Peer,
  options: Asked,
): Promise<PeerChannel | undefined> {
  const channel = peer.channel();
  let wanted: OpenFields | undefined;
  await channel.open(options, { open_channel: (fields) => (wanted = fields) });
  const isOffered = [...options.channel_type].every(
    (bit) => node.features.has(bit) || node.features.has(bit + 1),
  );
  if (!isOffered || !options.channel_type.has(22)) {
    if (await channel.expectRefusedUnless('accept_channel', { requirement: ECHO })) return undefined;
  } else await channel.expect('accept_channel', {}, { requirement: ECHO });
  const { state } = channel;
  if (!wanted || state.name !== 'opening' || state.opening.name !== 'awaits_funding') return undefined;
  const got = bitmapOf(state.opening.accept);
  check(ECHO, equalBytes(got, bitmapOf(wanted)), { expected: bitmapOf(wanted), got });
  return channel;
}

async function expectEchoed(
  context: Pick<SubjectContext, 'check' | 'node'>,
  peer: Peer,
  options: Asked,
): Promise<void> {
  const channel = await taken(context, peer, options);
  await channel?.fund();
  await channel?.expect('funding_signed', {}, { requirement: 'bolt02-funding-signed-01' });
}
