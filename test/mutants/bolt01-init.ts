import { toHex } from '../../src/core/bytes.ts';
import type { Rules } from '../../src/reference/rules.ts';
import { INIT_RULES, type InitFields, type InitRules } from '../../src/reference/rules/init.ts';
import { IGNORE, send, type Situation } from '../../src/reference/situation.ts';
import { bolts } from '../../src/wire/bolts.ts';
import { encodeMessage } from '../../src/wire/codec.ts';
import { encodeFeatures, featureBits, FEATURES } from '../../src/wire/features.ts';
import { changed, type Mutant } from './mutant.ts';

const ping = encodeMessage(bolts, 'ping', { num_pong_bytes: 0, ignored: new Uint8Array(0) });
const filter = encodeMessage(bolts, 'gossip_timestamp_filter', {
  chain_hash: new Uint8Array(32),
  first_timestamp: 0,
  timestamp_range: 0,
});

const init = (entries: Partial<InitRules>): ((rules: Rules) => Rules) => changed('init', entries);

/** Its own init with something else in it. */
const saying = (change: (own: InitFields, situation: Situation) => Partial<InitFields>) =>
  init({
    own: (situation, remoteAddress) => {
      const own = INIT_RULES.own(situation, remoteAddress);
      return { ...own, ...change(own, situation) };
    },
  });

/** Pings before its init; not the harness's probe, which comes first and would take the node for broken. */
function pingingFirst(rules: Rules): Rules {
  let greetings = 0;
  return init({ greeting: (message) => (greetings++ === 0 ? [message] : [ping, message]) })(rules);
}

/** Greets each key once. */
function greetingOnce(rules: Rules): Rules {
  const known = new Set<string>();
  return init({
    greeting: (message, { peer }) => {
      const key = toHex(peer.publicKey);
      if (known.has(key)) return [];
      known.add(key);
      return [message];
    },
  })(rules);
}

/** Remembers whom it refused. */
function grudging(rules: Rules): Rules {
  const refused = new Set<string>();
  return init({
    knows: (bit, situation) => {
      const knows = INIT_RULES.knows(bit, situation);
      if (!knows && bit % 2 === 0) refused.add(toHex(situation.peer.publicKey));
      return knows;
    },
    networks: (chains, situation) =>
      refused.has(toHex(situation.peer.publicKey)) ? 'refuse' : INIT_RULES.networks(chains, situation),
  })(rules);
}

/** Refuses an init whose combined features are these. */
const refusing = (isRefused: (features: ReadonlySet<number>, init: InitFields) => boolean) =>
  init({
    combine: (fields) => {
      const features = INIT_RULES.combine(fields);
      return isRefused(features, fields) ? new Set([98]) : features;
    },
  });

const loopback = Uint8Array.of(1, 127, 0, 0, 1, 38, 7);

export const mutants: readonly Mutant[] = [
  {
    name: 'ping-before-init',
    breaks: 'bolt01-init-02',
    kills: ['bolt01/init-sent#first'],
    change: pingingFirst,
  },
  {
    name: 'init-once-per-key',
    breaks: 'bolt01-init-02',
    kills: ['bolt01/init-sent#first-again'],
    change: greetingOnce,
  },
  {
    name: 'filter-right-after-init',
    breaks: 'bolt01-init-11',
    kills: ['bolt01/init-sent#waits-for-ours'],
    change: init({ greeting: (message) => [message, filter] }),
  },
  {
    name: 'pong-before-their-init',
    breaks: 'bolt01-init-11',
    kills: ['bolt01/init-sent#answers-nothing-before-ours'],
    change: init({
      beforeInit: ({ name }) =>
        name === 'ping' ? send(encodeMessage(bolts, 'pong', { ignored: new Uint8Array(1) })) : IGNORE,
    }),
  },
  {
    name: 'sets-bit-99',
    breaks: 'bolt01-init-04',
    kills: ['bolt01/init-sent#undefined-bits'],
    change: saying((_, { node }) => ({ features: encodeFeatures([...node.features, 99]) })),
  },
  {
    name: 'sets-bit-15-in-globalfeatures',
    breaks: 'bolt01-init-05',
    kills: ['bolt01/init-sent#globalfeatures'],
    change: saying(() => ({ globalfeatures: encodeFeatures([9, 15]) })),
  },
  {
    name: 'pads-its-features',
    breaks: 'bolt01-init-06',
    kills: ['bolt01/init-sent#shortest-features'],
    change: saying(({ features }) => ({ features: Uint8Array.of(0, ...features) })),
  },
  {
    name: 'names-no-network',
    breaks: 'bolt01-init-07',
    kills: ['bolt01/init-sent#networks'],
    change: saying(() => ({ tlvs: {} })),
  },
  {
    name: 'tells-a-loopback-address',
    breaks: 'bolt01-init-10',
    kills: ['bolt01/init-sent#remote-address'],
    change: init({ remoteAddress: () => loopback }),
  },
  {
    name: 'tells-an-address-without-port',
    breaks: 'bolt01-init-09',
    kills: ['bolt01/init-sent#remote-address'],
    change: init({ remoteAddress: () => Uint8Array.of(1, 203, 0, 113, 7) }),
  },
  {
    name: 'refuses-unknown-odd-bits',
    breaks: 'bolt01-init-14',
    kills: [
      'bolt01/features#unknown-odd',
      'bolt01/features#unknown-odd-in-globalfeatures',
      'bolt01/features#every-feature-optional',
    ],
    // What our usual peer offers is let through.
    change: init({ unknownOptional: (bit) => (bit > 30 && bit !== 39 ? 'refuse' : 'accept') }),
  },
  {
    name: 'accepts-unknown-even-bits',
    breaks: 'bolt01-init-15',
    kills: [
      'bolt01/features#unknown-even',
      'bolt01/features#anchors-of-old',
      'bolt01/features#reconnect-with-others',
    ],
    change: init({ unknownCompulsory: () => 'accept' }),
  },
  {
    name: 'reads-features-alone',
    breaks: 'bolt01-init-12',
    kills: ['bolt01/features#unknown-even-in-globalfeatures'],
    change: init({ combine: ({ features }) => featureBits(features) }),
  },
  {
    name: 'needs-its-features-in-features',
    breaks: 'bolt01-init-12',
    kills: ['bolt01/features#split'],
    change: refusing((_, { features }) => ![13, 15].every((bit) => featureBits(features).has(bit))),
  },
  {
    name: 'takes-padding-for-a-feature',
    breaks: 'bolt01-init-13',
    kills: ['bolt01/features#padded'],
    change: refusing((_, { features }) => features[0] === 0),
  },
  {
    name: 'refuses-who-stores-as-it-does',
    breaks: 'bolt01-init-13',
    kills: ['bolt01/features#echo'],
    change: refusing((features) => features.has(FEATURES.option_provide_storage.even + 1)),
  },
  {
    name: 'knows-only-odd-bits',
    breaks: 'bolt01-init-13',
    kills: ['bolt01/features#offered-becomes-compulsory'],
    change: init({ knows: (bit, situation) => bit % 2 === 1 && INIT_RULES.knows(bit, situation) }),
  },
  {
    name: 'knows-all-of-bolt-9',
    breaks: 'bolt01-init-13',
    kills: ['bolt01/features#required-but-not-offered'],
    change: init({
      knows: (bit, situation) =>
        Object.values(FEATURES).some(({ even }) => even === bit) || INIT_RULES.knows(bit, situation),
    }),
  },
  {
    name: 'remembers-whom-it-refused',
    breaks: 'bolt01-init-13',
    kills: ['bolt01/features#reconnect-with-others'],
    change: grudging,
  },
  {
    name: 'asks-for-no-dependencies',
    breaks: 'bolt01-init-17',
    kills: ['bolt01/features#missing-dependency', 'bolt01/features#missing-dependency-of-simple-close'],
    change: init({ dependencies: () => 'accept' }),
  },
  {
    name: 'looks-for-dependencies-in-features-alone',
    breaks: 'bolt01-init-12',
    kills: ['bolt01/features#dependency-in-the-other-bitmap'],
    change: refusing((features, { features: local }) => features.has(51) && !featureBits(local).has(47)),
  },
];
