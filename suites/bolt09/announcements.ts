import {
  BoltgridError,
  equalBytes,
  featureBits,
  FEATURE_NAMES,
  FEATURES,
  fromHex,
  hasFeature,
  missingDependencies,
  pairsWithBothBits,
  suite,
  type Bolts,
  type KnownMessage,
  type PairContext,
  type Peer,
} from 'boltgrid';
import { CHANNEL_OPS, openChannel } from '../pair/_channel.ts';
import { outsideContext } from './_contexts.ts';

const REGTEST = fromHex('06226e46111a0b59caaf126043eb5bbf28c34f3a5e332a1fc7b2b73cf188910f');
/** Signatures and announcements follow the sixth confirmation; then a node may wait for its next gossip flush. */
const GOSSIP_MS = 40_000;
const CASE_MS = 90_000;

type Announcement = 'node_announcement' | 'channel_announcement';

/** What two nodes announce of themselves and of their channel, as a peer of ours hears it from the first. */
export default suite(
  'bolt09/announcements',
  { title: 'features in announcements', kind: 'pair' },
  ({ test }) => {
    const options = {
      chain: 'confirm',
      ops: CHANNEL_OPS,
      opsOf: { a: ['open.announce'] },
      deadlineMs: CASE_MS,
    } as const;

    test(
      'node',
      {
        ...options,
        title:
          'announce themselves with features of node_announcement, with what these depend on, and no pair with both bits',
        requirements: ['bolt09-features-04', 'bolt09-features-05', 'bolt09-features-06'],
      },
      async (context) => {
        await openChannel(context, { announce: true });
        for (const side of ['a', 'b'] as const) {
          const features = featureBits((await announcementOf(context, side)).fields.features);
          const { check } = context;
          const { id } = context[side];
          const stray = outsideContext(features, ['N']);
          check('bolt09-features-04', stray.length === 0, {
            expected: 'none',
            got: stray,
            note: `of other contexts, by ${id}`,
          });
          const both = pairsWithBothBits(features);
          check('bolt09-features-05', both.length === 0, {
            expected: 'none',
            got: both,
            note: `both bits, by ${id}`,
          });
          const missing = missingDependencies(features);
          check('bolt09-features-06', missing.length === 0, {
            expected: 'none',
            got: missing,
            note: `missing, by ${id}`,
          });
        }
      },
    );

    test(
      'node-as-in-init',
      {
        ...options,
        title: 'announce what they offer in init and BOLT 9 presents in both',
        requirements: ['bolt09-features-01'],
      },
      async (context) => {
        await openChannel(context, { announce: true });
        for (const side of ['a', 'b'] as const) {
          const announced = featureBits((await announcementOf(context, side)).fields.features);
          const { id, features } = context[side];
          const lacking = FEATURE_NAMES.filter((name) => {
            const contexts: readonly string[] = FEATURES[name].contexts;
            return contexts.includes('N') && hasFeature(features, name) && !hasFeature(announced, name);
          });
          context.check('bolt09-features-01', lacking.length === 0, {
            expected: 'all of them',
            got: lacking,
            note: `in init but not announced, by ${id}`,
          });
        }
      },
    );

    test(
      'channel',
      {
        ...options,
        title: 'announce a channel without features that BOLT 9 presents elsewhere',
        requirements: ['bolt09-features-04'],
      },
      async (context) => {
        await openChannel(context, { announce: true });
        const listener = await gossipFrom(context, 'a');
        const { fields } = await heard(context, listener, 'channel_announcement', ({ fields }) =>
          [fields.node_id_1, fields.node_id_2].some((key) => equalBytes(key, context.a.publicKey)),
        );
        const stray = outsideContext(featureBits(fields.features), ['C', 'C-', 'C+']);
        context.check('bolt09-features-04', stray.length === 0, { expected: 'none', got: stray });
      },
    );
  },
);

/** What a node announces of itself, from its own mouth. */
async function announcementOf(
  context: PairContext,
  side: 'a' | 'b',
): Promise<KnownMessage<Bolts, 'node_announcement'>> {
  const listener = await gossipFrom(context, side);
  const { publicKey } = context[side];
  return heard(context, listener, 'node_announcement', ({ fields }) => equalBytes(fields.node_id, publicKey));
}

/** A peer that has asked for all gossip: what is to come by a filter, and what has been by a query, since not every node sends it for a filter. */
async function gossipFrom({ connect }: PairContext, side: 'a' | 'b'): Promise<Peer> {
  const peer = await connect(side);
  await peer.send('gossip_timestamp_filter', {
    chain_hash: REGTEST,
    first_timestamp: 0,
    timestamp_range: 0xffff_ffff,
  });
  if (hasFeature(peer.features, 'gossip_queries')) {
    await peer.send('query_channel_range', {
      chain_hash: REGTEST,
      first_blocknum: 0,
      number_of_blocks: 0xffff_ffff,
      tlvs: {},
    });
  }
  return peer;
}

/** Asks for all of the channels that the node has answered `query_channel_range` with; `false` while it has not. */
async function queryChannels(peer: Peer): Promise<boolean> {
  const reply = peer.aside.find((message) => message.name === 'reply_channel_range');
  if (reply?.name !== 'reply_channel_range') return false;
  const { encoded_short_ids } = reply.fields;
  await peer.send('query_short_channel_ids', { chain_hash: REGTEST, encoded_short_ids, tlvs: {} });
  return true;
}

async function heard<N extends Announcement>(
  { eventually }: PairContext,
  peer: Peer,
  name: N,
  isWanted: (message: KnownMessage<Bolts, N>) => boolean,
): Promise<KnownMessage<Bolts, N>> {
  let hasQueried = false;
  const [found] = await eventually(
    `a ${name} is heard`,
    async () => {
      await peer.barrier();
      hasQueried ||= await queryChannels(peer);
      const named = peer.aside.filter((message) => message.name === name);
      return (named as unknown as readonly KnownMessage<Bolts, N>[]).filter(isWanted);
    },
    ({ length }) => length > 0,
    { withinMs: GOSSIP_MS },
  );
  if (!found) throw new BoltgridError('suite.unheard', 'harness', `no ${name} although one was found`);
  return found;
}
