import {
  encodeFeatures,
  EMPTY,
  FEATURE_NAMES,
  FEATURES,
  hasFeature,
  suite,
  type FeatureName,
  type Peer,
} from 'boltgrid';
import { expectPong, greetWith, LARGEST_MESSAGE, USUAL_FEATURES } from './_peers.ts';

/** Type and the two lengths come before the bitmap of an init without TLVs. */
const LARGEST_BITMAP = LARGEST_MESSAGE - 6;
const HIGHEST_BIT = LARGEST_BITMAP * 8 - 1;
/** Even bits that no table gives a meaning, each the lower of its pair. */
const UNKNOWN_EVEN = { low: 98, middle: 1_000, high: 9_998, highest: HIGHEST_BIT - 1 };
const UNKNOWN_ODD = { low: 99, middle: 1_001, high: 9_999, highest: HIGHEST_BIT };

const withBits = (...bits: readonly number[]): Uint8Array => encodeFeatures([...USUAL_FEATURES, ...bits]);

/** Those that BOLT 9 presents in init, and that no node may take for granted. */
function isOfInit(name: FeatureName): boolean {
  const contexts: readonly string[] = FEATURES[name].contexts;
  return contexts.includes('I');
}

/** How the node takes the features of our init. */
export default suite('bolt01/features', { title: 'feature bits that the node is offered' }, ({ test }) => {
  test(
    'unknown-odd',
    {
      title: 'ignores unknown odd bits, and serves the peer',
      chain: 'none',
      requirements: ['bolt01-init-14'],
      each: {
        ...UNKNOWN_ODD,
        'several-at-once': [99, 101, 233, 999, 1_001, 4_097],
      },
    },
    async ({ connect }, bits) => {
      const peer = await connect({ init: { features: withBits(...[bits].flat()) } });
      await peer.expectIgnored();
    },
  );

  test(
    'unknown-odd-in-globalfeatures',
    {
      title: 'ignores unknown odd bits in globalfeatures',
      chain: 'none',
      requirements: ['bolt01-init-14'],
      each: UNKNOWN_ODD,
    },
    async ({ connect }, bit) => {
      // Both bitmaps share the message.
      const bits = bit === UNKNOWN_ODD.highest ? bit - 8 * withBits().length : bit;
      const peer = await connect({ init: { globalfeatures: encodeFeatures([bits]), features: withBits() } });
      await peer.expectIgnored();
    },
  );

  test(
    'unknown-even',
    {
      title: 'closes when an unknown even bit is set',
      chain: 'none',
      requirements: ['bolt01-init-15'],
      each: UNKNOWN_EVEN,
    },
    async (context, bit) => {
      const peer = await greetWith(context, { features: withBits(bit) });
      await peer.expectConnectionClosed();
    },
  );

  test(
    'unknown-even-in-globalfeatures',
    {
      title: 'closes when an unknown even bit is set in globalfeatures alone',
      chain: 'none',
      requirements: ['bolt01-init-12'],
      each: { low: 98, middle: 1_000, high: 9_998 },
    },
    async (context, bit) => {
      const peer = await greetWith(context, { globalfeatures: encodeFeatures([bit]), features: withBits() });
      await peer.expectConnectionClosed();
    },
  );

  test(
    'split',
    {
      title: 'combines the two bitmaps: what one lacks may be in the other',
      chain: 'none',
      requirements: ['bolt01-init-12'],
      each: {
        'all-in-globalfeatures': () => [withBits(), EMPTY],
        'low-and-high': () => [
          encodeFeatures([1, 5, 7, 9, 13]),
          encodeFeatures([15, 17, 19, 23, 25, 27, 39, 45, 47]),
        ],
        'high-and-low': () => [
          encodeFeatures([15, 17, 19, 23, 25, 27, 39, 45, 47]),
          encodeFeatures([1, 5, 7, 9, 13]),
        ],
        'every-other': () => [
          encodeFeatures(USUAL_FEATURES.filter((_, i) => i % 2 === 0)),
          encodeFeatures(USUAL_FEATURES.filter((_, i) => i % 2 === 1)),
        ],
        'all-twice': () => [withBits(), withBits()],
      } satisfies Record<string, () => readonly [Uint8Array, Uint8Array]>,
    },
    async (context, bitmaps) => {
      const [globalfeatures, features] = bitmaps();
      const peer = await context.connect({ init: { globalfeatures, features } });
      await expectPong(context, peer, 'bolt01-init-12');
    },
  );

  test(
    'padded',
    {
      title: 'reads features that begin with zero bytes',
      chain: 'none',
      requirements: ['bolt01-init-13'],
      each: { 'one-byte': 1, 'many-bytes': 100, 'to-the-end': LARGEST_BITMAP - withBits().length },
    },
    async (context, padding) => {
      const peer = await context.connect({
        init: { features: Uint8Array.of(...new Uint8Array(padding), ...withBits()) },
      });
      await expectPong(context, peer, 'bolt01-init-13');
    },
  );

  test(
    'echo',
    {
      title: 'accepts its own features from a peer, while another peer is connected and after one has left',
      chain: 'none',
      requirements: ['bolt01-init-13'],
      each: { 'while-connected': false, 'after-it-left': true },
    },
    async (context, leaves) => {
      const first = await context.connect();
      const { globalfeatures, features, tlvs } = first.init.fields;
      if (leaves) await first.disconnect();
      const networks = tlvs.networks && { networks: tlvs.networks };
      const echo = await context.connect({ init: { globalfeatures, features, tlvs: { ...networks } } });
      await expectPong(context, echo, 'bolt01-init-13');
      if (!leaves) await expectPong(context, first, 'bolt01-init-13');
    },
  );

  test(
    'offered-becomes-compulsory',
    {
      title: 'accepts as compulsory each feature that it offers itself',
      chain: 'none',
      requirements: ['bolt01-init-13'],
    },
    async (context) => {
      const offered = FEATURE_NAMES.filter((name) => hasFeature(context.node.features, name));
      const bits = new Set(USUAL_FEATURES);
      for (const name of offered) {
        bits.delete(FEATURES[name].even + 1);
        bits.add(FEATURES[name].even);
      }
      const peer = await context.connect({ init: { features: encodeFeatures(bits) } });
      await expectPong(context, peer, 'bolt01-init-13');
    },
  );

  test(
    'required-but-not-offered',
    {
      title: 'closes when a peer requires a feature that it does not offer',
      chain: 'none',
      requirements: ['bolt01-init-13'],
    },
    async (context) => {
      // "it can assume the peer supports it, as it did not disconnect as it would be required to do"
      const lacking = FEATURE_NAMES.filter(
        (name) => isOfInit(name) && !hasFeature(context.node.features, name),
      );
      // All are connected before the first close is awaited: a node may take its time over each.
      const peers: Peer[] = [];
      for (const name of lacking) {
        const dependencies = FEATURES[name].dependencies.map((dependency) => FEATURES[dependency].even + 1);
        peers.push(await greetWith(context, { features: withBits(FEATURES[name].even, ...dependencies) }));
      }
      for (const peer of peers) await peer.expectConnectionClosed();
    },
  );

  test(
    'every-feature-optional',
    {
      title: 'accepts a peer that offers every feature of BOLT 9 as optional',
      chain: 'none',
      requirements: ['bolt01-init-14'],
    },
    async (context) => {
      const odd = FEATURE_NAMES.map((name) => FEATURES[name].even + 1);
      const peer = await context.connect({ init: { features: encodeFeatures(odd) } });
      await expectPong(context, peer, 'bolt01-init-14');
    },
  );

  test(
    'anchors-of-old',
    {
      title: 'closes when a peer requires option_anchor_outputs (bit 20), which it does not offer',
      chain: 'none',
      requirements: ['bolt01-init-15'],
    },
    async (context) => {
      // A node of that time may still offer it; then another bit stands in for what it cannot know.
      const { features } = context.node;
      const bit = features.has(20) || features.has(21) ? 98 : 20;
      const peer = await greetWith(context, { features: withBits(bit) });
      await peer.expectConnectionClosed();
    },
  );

  test(
    'reconnect-with-others',
    {
      title: 'judges the features of each connection by themselves',
      chain: 'none',
      requirements: ['bolt01-init-13', 'bolt01-init-15'],
    },
    async (context) => {
      const first = await context.connect();
      await first.disconnect();
      const refused = await greetWith(context, { features: withBits(98) }, first.key);
      await refused.expectConnectionClosed({ requirement: 'bolt01-init-15' });
      const accepted = await context.connect({ key: first.key, init: { features: withBits(99) } });
      await expectPong(context, accepted, 'bolt01-init-13');
    },
  );

  test(
    'missing-dependency',
    {
      title: 'closes when a feature that it knows is offered without one that it depends on',
      chain: 'none',
      requirements: ['bolt01-init-17'],
      features: ['option_zeroconf', 'option_scid_alias'],
    },
    async (context) => {
      const without = USUAL_FEATURES.filter((bit) => bit !== 47);
      for (const zeroconf of [51, 50]) {
        const peer = await greetWith(context, { features: encodeFeatures([...without, zeroconf]) });
        await peer.expectConnectionClosed();
      }
    },
  );

  test(
    'missing-dependency-of-simple-close',
    {
      title: 'closes when option_simple_close is offered without option_shutdown_anysegwit',
      chain: 'none',
      requirements: ['bolt01-init-17'],
      features: ['option_simple_close', 'option_shutdown_anysegwit'],
    },
    async (context) => {
      const without = USUAL_FEATURES.filter((bit) => bit !== 27);
      const peer = await greetWith(context, { features: encodeFeatures([...without, 61]) });
      await peer.expectConnectionClosed();
    },
  );

  test(
    'dependency-in-the-other-bitmap',
    {
      title: 'finds a dependency in the other bitmap, and as compulsory where the feature is optional',
      chain: 'none',
      requirements: ['bolt01-init-12'],
      features: ['option_zeroconf', 'option_scid_alias'],
      each: { optional: 47, compulsory: 46 },
    },
    async (context, dependency) => {
      const without = USUAL_FEATURES.filter((bit) => bit !== 47);
      const init = {
        globalfeatures: encodeFeatures([dependency]),
        features: encodeFeatures([...without, 51]),
      };
      const peer = await context.connect({ init });
      await expectPong(context, peer, 'bolt01-init-12');
    },
  );
});
