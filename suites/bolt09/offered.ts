import { equalBytes, fromHex, missingDependencies, pairsWithBothBits, suite } from 'boltgrid';
import { outsideContext } from './_contexts.ts';

const REGTEST = fromHex('06226e46111a0b59caaf126043eb5bbf28c34f3a5e332a1fc7b2b73cf188910f');

/** What the node offers in its own init, judged by BOLT 9's table. */
export default suite('bolt09/offered', { title: 'features in the node’s init' }, ({ test }) => {
  test(
    'one-bit-of-a-pair',
    {
      title: 'sets at most one bit of each pair',
      chain: 'none',
      requirements: ['bolt09-features-05'],
    },
    async ({ connect, check }) => {
      const { features } = await connect();
      const both = pairsWithBothBits(features);
      check('bolt09-features-05', both.length === 0, {
        expected: 'none',
        got: both,
        note: 'pairs with both bits',
      });
    },
  );

  test(
    'dependencies',
    {
      title: 'offers what its features depend on',
      chain: 'none',
      requirements: ['bolt09-features-06'],
    },
    async ({ connect, check }) => {
      const { features } = await connect();
      const missing = missingDependencies(features);
      check('bolt09-features-06', missing.length === 0, {
        expected: 'none',
        got: missing,
        note: 'missing dependencies',
      });
    },
  );

  test(
    'context',
    {
      title: 'sets no feature in init that BOLT 9 presents elsewhere only',
      chain: 'none',
      requirements: ['bolt09-features-04'],
    },
    async ({ connect, check }) => {
      const { features } = await connect();
      const stray = outsideContext(features, ['I']);
      check('bolt09-features-04', stray.length === 0, {
        expected: 'none',
        got: stray,
        note: 'features of other contexts',
      });
    },
  );

  test(
    'same-for-every-peer',
    {
      title: 'offers the same features on every connection, whatever the peer offers',
      chain: 'none',
      requirements: ['bolt09-features-01'],
    },
    async ({ connect, check }) => {
      const usual = await connect();
      const minimal = await connect({ features: 'minimal' });
      await usual.disconnect();
      const again = await connect({ key: usual.key });
      for (const { features } of [minimal, again]) {
        check('bolt09-features-01', equal(features, usual.features), {
          expected: [...usual.features],
          got: [...features],
          note: 'it supports what it supported a moment ago',
        });
      }
    },
  );

  // "MUST NOT set feature bits it does not support": a node that offers gossip_queries is worth querying (BOLT 7, "Query Messages").
  test(
    'gossip-queries-by-range',
    {
      title: 'answers query_channel_range where it offers gossip_queries',
      chain: 'none',
      requirements: ['bolt07-query-channel-range-09', 'bolt07-query-channel-range-10'],
      features: ['gossip_queries'],
    },
    async ({ connect, check }) => {
      const peer = await connect();
      await peer.send('query_channel_range', {
        chain_hash: REGTEST,
        first_blocknum: 0,
        number_of_blocks: 1_000,
        tlvs: {},
      });
      const { chain_hash } = await peer.expect('reply_channel_range');
      check('bolt07-query-channel-range-10', equalBytes(chain_hash, REGTEST), {
        expected: REGTEST,
        got: chain_hash,
      });
    },
  );

  test(
    'gossip-queries-by-id',
    {
      title:
        'answers query_short_channel_ids where it offers gossip_queries, for channels that it does not know too',
      chain: 'none',
      requirements: ['bolt07-query-short-channel-ids-31'],
      features: ['gossip_queries'],
    },
    async ({ connect }) => {
      const peer = await connect();
      const encoded_short_ids = Uint8Array.of(0, ...new Uint8Array(8).fill(9));
      await peer.send('query_short_channel_ids', { chain_hash: REGTEST, encoded_short_ids, tlvs: {} });
      await peer.expect('reply_short_channel_ids_end');
    },
  );
});

const equal = (a: ReadonlySet<number>, b: ReadonlySet<number>): boolean =>
  a.size === b.size && [...a].every((bit) => b.has(bit));
