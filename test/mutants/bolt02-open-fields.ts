import { defaultCrypto } from '../../src/crypto/crypto.ts';
import { REGTEST } from '../../src/peer/channel/talk.ts';
import { channelRules, refuses, says, takes } from './bolt02/messages.ts';
import type { Mutant } from './mutant.ts';

const POINT = defaultCrypto.curve.publicKey(new Uint8Array(32).fill(1));

/** Of bolt02/open-fields: what an accepter makes of open_channel, field by field. */
export const mutants: readonly Mutant[] = [
  {
    name: 'open-on-any-chain',
    breaks: 'bolt02-open-channel-35',
    kills: ['bolt02/open-fields#wrong-chain[main chain]', 'bolt02/open-fields#wrong-chain[zeros]'],
    change: takes('open_channel', (fields) => ({ ...fields, chain_hash: REGTEST })),
  },
  {
    name: 'open-on-a-chain-whose-first-bytes-fit',
    breaks: 'bolt02-open-channel-35',
    kills: ['bolt02/open-fields#wrong-chain[last bit]'],
    change: takes('open_channel', (fields) =>
      fields.chain_hash[0] === REGTEST[0] ? { ...fields, chain_hash: REGTEST } : fields,
    ),
  },
  ...(
    [
      'funding_pubkey',
      'revocation_basepoint',
      'payment_basepoint',
      'delayed_payment_basepoint',
      'htlc_basepoint',
    ] as const
  ).map((field) => ({
    name: `open-with-any-${field}`,
    breaks: 'bolt02-open-channel-40',
    kills: ['off the curve', 'beyond the field'].map(
      (how) => `bolt02/open-fields#wrong-point[${field} ${how}]`,
    ),
    change: takes('open_channel', (fields) => ({ ...fields, [field]: POINT })),
  })),
  {
    name: 'open-without-undefined-flags',
    breaks: 'bolt02-open-channel-23',
    kills: [
      'bolt02/open-fields#undefined-flags[highest]',
      'bolt02/open-fields#undefined-flags[lowest]',
      'bolt02/open-fields#undefined-flags[all]',
    ],
    change: channelRules({ incoming: (message) => message }),
  },
  {
    name: 'open-with-a-dust-limit-of-p2wpkh',
    breaks: 'bolt02-open-channel-42',
    kills: [
      'bolt02/open-fields#dust-limit-too-low[one below]',
      'bolt02/open-fields#dust-limit-too-low[dust of p2wpkh]',
    ],
    change: takes('open_channel', (fields) =>
      fields.dust_limit_satoshis >= 294n && fields.dust_limit_satoshis < 354n
        ? { ...fields, dust_limit_satoshis: 354n }
        : fields,
    ),
  },
  {
    name: 'open-with-a-dust-limit-above-354-only',
    breaks: 'bolt02-open-channel-42',
    kills: ['bolt02/open-fields#least-dust-limit'],
    change: refuses('open_channel', ({ dust_limit_satoshis }) => dust_limit_satoshis <= 354n),
  },
  {
    name: 'open-with-a-dust-limit-above-the-reserve',
    breaks: 'bolt02-open-channel-41',
    kills: ['no reserve', 'one above, both least', 'one above'].map(
      (entry) => `bolt02/open-fields#dust-limit-above-reserve[${entry}]`,
    ),
    change: takes('open_channel', (fields) =>
      fields.channel_reserve_satoshis < fields.dust_limit_satoshis
        ? { ...fields, channel_reserve_satoshis: fields.dust_limit_satoshis }
        : fields,
    ),
  },
  {
    name: 'open-with-a-dust-limit-below-the-reserve-only',
    breaks: 'bolt02-open-channel-41',
    kills: ['bolt02/open-fields#dust-limit-at-reserve'],
    change: refuses(
      'open_channel',
      ({ dust_limit_satoshis, channel_reserve_satoshis }) => dust_limit_satoshis >= channel_reserve_satoshis,
    ),
  },
  {
    name: 'open-with-484-htlcs',
    breaks: 'bolt02-open-channel-38',
    kills: ['bolt02/open-fields#too-many-htlcs[one above]'],
    change: takes('open_channel', (fields) =>
      fields.max_accepted_htlcs === 484 ? { ...fields, max_accepted_htlcs: 483 } : fields,
    ),
  },
  {
    name: 'open-with-fewer-than-483-htlcs-only',
    breaks: 'bolt02-open-channel-38',
    kills: ['bolt02/open-fields#most-htlcs'],
    change: refuses('open_channel', ({ max_accepted_htlcs }) => max_accepted_htlcs >= 483),
  },
  {
    name: 'open-with-any-delay',
    breaks: 'bolt02-open-channel-37',
    kills: ['bolt02/open-fields#delay-of-a-year'],
    change: takes('open_channel', (fields) => ({
      ...fields,
      to_self_delay: Math.min(fields.to_self_delay, 2016),
    })),
  },
  {
    name: 'accept-with-a-dust-limit-above-the-reserve',
    breaks: 'bolt02-accept-channel-05',
    kills: ['bolt02/open-fields#low-reserve[least]', 'bolt02/open-fields#low-reserve[a little more]'],
    change: says('accept_channel', (fields) => ({ ...fields, dust_limit_satoshis: 546n })),
  },
  {
    name: 'accept-with-an-id-of-its-own',
    breaks: 'bolt02-accept-channel-01',
    kills: ['bolt02/open-fields#usual'],
    change: says('accept_channel', (fields) => ({
      ...fields,
      temporary_channel_id: Uint8Array.from(fields.temporary_channel_id).reverse(),
    })),
  },
  {
    name: 'accept-with-a-reserve-that-is-dust',
    breaks: 'bolt02-accept-channel-04',
    kills: ['bolt02/open-fields#usual'],
    change: says('accept_channel', (fields) => ({ ...fields, channel_reserve_satoshis: 353n })),
  },
];
