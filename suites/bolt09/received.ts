import { encodeFeatures, EMPTY, suite } from 'boltgrid';

/** Usual features, all optional. */
const USUAL = [1, 5, 7, 9, 13, 15, 17, 19, 23, 25, 27, 39, 45, 47];

/** Both bits of a pair, which an origin MUST NOT set, and a receiver treats as mandatory. */
export default suite('bolt09/received', { title: 'both bits of a pair, from a peer' }, ({ test }) => {
  test(
    'both-bits-unknown',
    {
      title: 'treats an unknown feature with both bits as mandatory: it closes',
      chain: 'none',
      requirements: ['bolt09-features-08'],
      each: {
        low: { globalfeatures: [], features: [98, 99] },
        high: { globalfeatures: [], features: [1_000, 1_001] },
        'one-bit-in-each-bitmap': { globalfeatures: [98], features: [99] },
      },
    },
    async ({ connect }, { globalfeatures, features }) => {
      const peer = await connect({ init: false });
      await peer.send('init', {
        globalfeatures: encodeFeatures(globalfeatures),
        features: encodeFeatures([...USUAL, ...features]),
        tlvs: {},
      });
      await peer.expectConnectionClosed();
    },
  );

  test(
    'both-bits-known',
    {
      title: 'treats a feature that it offers itself as mandatory where both bits are set: it goes on',
      chain: 'none',
      requirements: ['bolt09-features-08'],
    },
    async ({ connect, node, check }) => {
      const pairs = [...node.features].filter((bit) => USUAL.includes(bit) || USUAL.includes(bit + 1));
      const bits = pairs.flatMap((bit) => [bit - (bit % 2), bit - (bit % 2) + 1]);
      const peer = await connect({ init: { features: encodeFeatures([...USUAL, ...bits]) } });
      await peer.send('ping', { num_pong_bytes: 80, ignored: EMPTY });
      const { ignored } = await peer.expect('pong');
      check('bolt09-features-08', ignored.length === 80, { expected: 80, got: ignored.length });
    },
  );
});
