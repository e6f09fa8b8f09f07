import { INIT_RULES } from '../../src/reference/rules/init.ts';
import { channelRules, says } from './bolt02/messages.ts';
import { changed, type Mutant } from './mutant.ts';

/** Of bolt02/open-opener: the node's own open_channel. */
export const mutants: readonly Mutant[] = [
  {
    name: 'opens-with-a-point-that-is-none',
    breaks: 'bolt02-open-channel-06',
    kills: ['bolt02/open-opener#fields'],
    change: says('open_channel', (fields) => ({
      ...fields,
      htlc_basepoint: Uint8Array.of(2, ...new Uint8Array(31), 5),
    })),
  },
  {
    name: 'opens-with-a-first-point-that-is-none',
    breaks: 'bolt02-open-channel-07',
    kills: ['bolt02/open-opener#fields'],
    change: says('open_channel', (fields) => ({
      ...fields,
      first_per_commitment_point: Uint8Array.of(2, ...new Uint8Array(31), 5),
    })),
  },
  {
    name: 'opens-with-a-flag-that-is-not-defined',
    breaks: 'bolt02-open-channel-09',
    kills: ['bolt02/open-opener#fields'],
    change: says('open_channel', (fields) => ({ ...fields, channel_flags: fields.channel_flags | 2 })),
  },
  {
    name: 'opens-every-channel-announced',
    breaks: 'bolt02-open-channel-09',
    kills: ['bolt02/open-opener#fields[not announced]'],
    change: channelRules({ opening: (choices) => ({ ...choices, announce: true }) }),
  },
  {
    name: 'opens-with-a-reserve-under-its-dust-limit',
    breaks: 'bolt02-open-channel-08',
    kills: ['bolt02/open-opener#fields'],
    change: says('open_channel', (fields) => ({ ...fields, channel_reserve_satoshis: 353n })),
  },
  {
    name: 'opens-without-an-upfront-script',
    breaks: 'bolt02-open-channel-10',
    kills: ['bolt02/open-opener#fields'],
    change: says('open_channel', ({ tlvs, ...fields }) => ({
      ...fields,
      tlvs: tlvs.channel_type ? { channel_type: tlvs.channel_type } : {},
    })),
  },
  {
    name: 'opens-with-a-type-in-too-many-bytes',
    breaks: 'bolt02-open-channel-15',
    kills: ['bolt02/open-opener#fields'],
    change: says('open_channel', (fields) => ({
      ...fields,
      tlvs: {
        ...fields.tlvs,
        channel_type: { type: Uint8Array.of(0, ...(fields.tlvs.channel_type?.type ?? [])) },
      },
    })),
  },
  {
    name: 'opens-on-another-chain',
    breaks: 'bolt02-open-channel-35',
    kills: ['bolt02/open-opener#fields'],
    change: says('open_channel', (fields) => ({ ...fields, chain_hash: new Uint8Array(32) })),
  },
  {
    name: 'opens-with-a-push-in-satoshis',
    breaks: 'bolt02-open-channel-05',
    kills: ['bolt02/open-opener#push[half]', 'bolt02/open-opener#push[one satoshi]'],
    change: says('open_channel', (fields) => ({ ...fields, push_msat: fields.push_msat / 1000n })),
  },
  {
    name: 'opens-with-a-quarter-of-a-push-that-is-too-much',
    breaks: 'bolt02-open-channel-05',
    kills: ['bolt02/open-opener#push-too-much[one more]', 'bolt02/open-opener#push-too-much[twice]'],
    change: channelRules({
      opening: ({ push_msat, ...choices }) => ({
        ...choices,
        ...(push_msat !== undefined && { push_msat: push_msat / 4n }),
      }),
    }),
  },
  {
    name: 'opens-a-large-channel-all-the-same',
    breaks: 'bolt02-open-channel-04',
    kills: ['bolt02/open-opener#large-channel'],
    // It takes the peer for one that offers option_support_large_channel.
    change: changed('init', { combine: (init) => new Set([...INIT_RULES.combine(init), 19]) }),
  },
];
