import type { OpenFields } from '../../src/channel/state/open/negotiation.ts';
import { INIT_RULES } from '../../src/reference/rules/init.ts';
import { encodeFeatures, featureBits, FEATURES } from '../../src/wire/features.ts';
import { CHANNEL_RULES } from '../../src/reference/rules/channels.ts';
import type { Rules } from '../../src/reference/rules.ts';
import { channelRules, refuses, takes, tolerates } from './bolt02/messages.ts';
import { changed, type Mutant } from './mutant.ts';

/** As if the opener kept at least 5 % of what it funds. */
const modestly = (open: OpenFields): OpenFields => {
  const push_msat = open.funding_satoshis * 950n;
  return open.push_msat > push_msat ? { ...open, push_msat } : open;
};

/** Once it has met such an open, it wants no other of that peer. */
function sulkingAfter(isOffence: (fields: OpenFields) => boolean): (rules: Rules) => Rules {
  return (rules) => {
    const offenders = new Set<string>();
    return channelRules({
      incoming: (message, channel, situation) => {
        const peer = Buffer.from(situation.peer.publicKey).toString('hex');
        if (message.name === 'open_channel' && isOffence(message.fields)) offenders.add(peer);
        return CHANNEL_RULES.incoming(message, channel, situation);
      },
      refusals: (message, channel, situation) =>
        offenders.has(Buffer.from(situation.peer.publicKey).toString('hex'))
          ? ['not again']
          : CHANNEL_RULES.refusals(message, channel, situation),
    })(rules);
  };
}

/** It does not say that it supports them, and its channels know nothing of that. */
const withoutLargeChannels = changed('init', {
  own: (situation, remoteAddress) => {
    const fields = INIT_RULES.own(situation, remoteAddress);
    const bits = featureBits(fields.features);
    bits.delete(FEATURES.option_support_large_channel.even + 1);
    return { ...fields, features: encodeFeatures(bits) };
  },
});

/** Of bolt02/open-amounts: what an accepter makes of the amounts in open_channel. */
export const mutants: readonly Mutant[] = [
  {
    name: 'open-with-a-push-above-the-funding',
    breaks: 'bolt02-open-channel-36',
    kills: ['one above', 'twice', 'largest'].map(
      (entry) => `bolt02/open-amounts#push-above-funding[${entry}]`,
    ),
    change: takes('open_channel', (fields) =>
      fields.push_msat > fields.funding_satoshis * 1000n ? modestly(fields) : fields,
    ),
  },
  {
    name: 'open-without-a-fee-unanswered',
    breaks: 'bolt02-open-channel-43',
    kills: ['all pushed', 'half the fee', 'one satoshi short', 'one millisatoshi short'].map(
      (entry) => `bolt02/open-amounts#push-leaves-no-fee[${entry}]`,
    ),
    change: tolerates(({ name }) => name === 'open_channel'),
  },
  {
    name: 'open-with-a-small-push-only',
    breaks: 'bolt02-open-channel-43',
    kills: ['bolt02/open-amounts#push[all but fee and reserves]', 'bolt02/open-amounts#push[half]'],
    change: refuses('open_channel', ({ push_msat }) => push_msat >= 500_000_000n),
  },
  {
    name: 'open-with-both-sides-under-the-reserve',
    breaks: 'bolt02-open-channel-44',
    kills: ['far under it', 'accepter at it', 'all of the funding', 'largest'].map(
      (entry) => `bolt02/open-amounts#both-under-reserve[${entry}]`,
    ),
    change: takes('open_channel', (fields) =>
      fields.channel_reserve_satoshis > 354n ? { ...fields, channel_reserve_satoshis: 354n } : fields,
    ),
  },
  {
    name: 'open-with-a-large-channel-that-it-does-not-offer',
    breaks: 'bolt02-open-channel-45',
    kills: ['bolt02/open-amounts#large-channel[least]', 'bolt02/open-amounts#large-channel[one more]'],
    change: withoutLargeChannels,
  },
  {
    name: 'open-with-half-a-large-channel-only',
    breaks: 'bolt02-open-channel-45',
    kills: ['bolt02/open-amounts#largest-usual-channel'],
    change: refuses('open_channel', ({ funding_satoshis }) => funding_satoshis >= 1n << 23n),
  },
  {
    name: 'open-never-again-after-the-largest-amount',
    breaks: 'bolt02-open-channel-25',
    kills: ['bolt02/open-amounts#extremes[funding_satoshis largest]'],
    change: sulkingAfter(({ funding_satoshis }) => funding_satoshis === (1n << 64n) - 1n),
  },
];
