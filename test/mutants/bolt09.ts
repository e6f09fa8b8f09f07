import type { Rules } from '../../src/reference/rules.ts';
import { INIT_RULES, type InitRules } from '../../src/reference/rules/init.ts';
import { GOSSIP_RULES } from '../../src/reference/rules/gossip.ts';
import { IGNORE, send } from '../../src/reference/situation.ts';
import { bolts } from '../../src/wire/bolts.ts';
import { encodeMessage } from '../../src/wire/codec.ts';
import { encodeFeatures, pairsWithBothBits } from '../../src/wire/features.ts';
import { changed, type Mutant } from './mutant.ts';

const init = (entries: Partial<InitRules>): ((rules: Rules) => Rules) => changed('init', entries);

const EMPTY_REPLY = {
  first_blocknum: 0,
  number_of_blocks: 1_000,
  sync_complete: 1,
  encoded_short_ids: Uint8Array.of(0),
  tlvs: {},
};

/** Its own init with other features in it. */
const offering = (change: (features: ReadonlySet<number>) => Iterable<number>): ((rules: Rules) => Rules) =>
  init({
    own: (situation, remoteAddress) => ({
      ...INIT_RULES.own(situation, remoteAddress),
      features: encodeFeatures(change(situation.node.features)),
    }),
  });

/** Offers option_provide_storage on every other connection. */
function moody(rules: Rules): Rules {
  let connections = 0;
  return offering((features) =>
    ++connections % 2 === 0 ? [...features].filter((bit) => bit !== 43) : features,
  )(rules);
}

export const mutants: readonly Mutant[] = [
  {
    name: 'sets-both-bits',
    breaks: 'bolt09-features-05',
    kills: ['bolt09/offered#one-bit-of-a-pair'],
    change: offering((features) => [...features, 6]),
  },
  {
    name: 'offers-zeroconf-without-aliases',
    breaks: 'bolt09-features-06',
    kills: ['bolt09/offered#dependencies'],
    change: offering((features) => [...features].filter((bit) => bit !== 47)),
  },
  {
    name: 'offers-a-feature-of-invoices',
    breaks: 'bolt09-features-04',
    kills: ['bolt09/offered#context'],
    change: offering((features) => [...features, 49]),
  },
  {
    name: 'offers-storage-now-and-then',
    breaks: 'bolt09-features-01',
    kills: ['bolt09/offered#same-for-every-peer'],
    change: moody,
  },
  {
    name: 'answers-no-range-queries',
    breaks: 'bolt07-query-channel-range-09',
    kills: ['bolt09/offered#gossip-queries-by-range'],
    change: changed('gossip', { queryRange: () => IGNORE }),
  },
  {
    name: 'answers-range-queries-for-another-chain',
    breaks: 'bolt07-query-channel-range-10',
    kills: ['bolt09/offered#gossip-queries-by-range'],
    change: changed('gossip', {
      queryRange: (_, situation) =>
        send(
          encodeMessage(bolts, 'reply_channel_range', {
            ...EMPTY_REPLY,
            chain_hash: situation.node.publicKey.subarray(1),
          }),
        ),
    }),
  },
  {
    name: 'ends-no-replies-to-queries',
    breaks: 'bolt07-query-short-channel-ids-31',
    kills: ['bolt09/offered#gossip-queries-by-id'],
    change: changed('gossip', {
      queryIds: (query, situation) => GOSSIP_RULES.queryIds(query, situation).slice(0, -1),
    }),
  },
  {
    name: 'takes-both-bits-for-optional',
    breaks: 'bolt09-features-08',
    kills: ['bolt09/received#both-bits-unknown'],
    change: init({ isCompulsory: (bit, features) => bit % 2 === 0 && !features.has(bit + 1) }),
  },
  {
    name: 'refuses-both-bits',
    breaks: 'bolt09-features-08',
    kills: ['bolt09/received#both-bits-known'],
    change: init({
      dependencies: (features) => (pairsWithBothBits(features).length > 0 ? 'refuse' : 'accept'),
    }),
  },
];
