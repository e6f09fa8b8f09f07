import { defaultCrypto } from '../../src/crypto/crypto.ts';
import { refuses, takes } from './bolt02/messages.ts';
import type { Mutant } from './mutant.ts';

const POINT = defaultCrypto.curve.publicKey(new Uint8Array(32).fill(1));

/** Of bolt02/open-accept: what an opener makes of accept_channel. */
export const mutants: readonly Mutant[] = [
  {
    name: 'accepted-with-a-reserve-under-its-own-dust-limit',
    breaks: 'bolt02-accept-channel-08',
    kills: ['one below', 'zero'].map((entry) => `bolt02/open-accept#reserve-under-its-dust-limit[${entry}]`),
    change: takes('accept_channel', (fields) =>
      fields.channel_reserve_satoshis < 354n ? { ...fields, channel_reserve_satoshis: 354n } : fields,
    ),
  },
  {
    name: 'accepted-with-a-dust-limit-above-its-own-reserve',
    breaks: 'bolt02-accept-channel-09',
    kills: ['one above', 'largest'].map(
      (entry) => `bolt02/open-accept#dust-limit-over-its-reserve[${entry}]`,
    ),
    change: takes('accept_channel', (fields) =>
      fields.dust_limit_satoshis > 5000n ? { ...fields, dust_limit_satoshis: 354n } : fields,
    ),
  },
  {
    name: 'accepted-with-a-dust-limit-above-the-reserve',
    breaks: 'bolt02-open-channel-41',
    kills: ['bolt02/open-accept#dust-limit-over-reserve[one above]'],
    change: takes('accept_channel', (fields) =>
      fields.dust_limit_satoshis > fields.channel_reserve_satoshis
        ? { ...fields, channel_reserve_satoshis: fields.dust_limit_satoshis }
        : fields,
    ),
  },
  {
    name: 'accepted-with-any-low-dust-limit',
    breaks: 'bolt02-open-channel-42',
    kills: [
      'bolt02/open-accept#dust-limit-too-low[one below]',
      'bolt02/open-accept#dust-limit-too-low[zero]',
    ],
    change: takes('accept_channel', (fields) =>
      fields.dust_limit_satoshis < 354n ? { ...fields, dust_limit_satoshis: 354n } : fields,
    ),
  },
  {
    name: 'accepted-with-any-number-of-htlcs',
    breaks: 'bolt02-open-channel-38',
    kills: ['bolt02/open-accept#too-many-htlcs[one above]', 'bolt02/open-accept#too-many-htlcs[largest]'],
    change: takes('accept_channel', (fields) => ({
      ...fields,
      max_accepted_htlcs: Math.min(fields.max_accepted_htlcs, 483),
    })),
  },
  {
    name: 'accepted-with-any-delay',
    breaks: 'bolt02-open-channel-37',
    kills: ['bolt02/open-accept#delay-of-a-year'],
    change: takes('accept_channel', (fields) => ({
      ...fields,
      to_self_delay: Math.min(fields.to_self_delay, 2016),
    })),
  },
  {
    name: 'accepted-with-any-reserve',
    breaks: 'bolt02-open-channel-44',
    kills: ['all of the funding', 'largest'].map(
      (entry) => `bolt02/open-accept#both-under-reserve[${entry}]`,
    ),
    change: takes('accept_channel', (fields) =>
      fields.channel_reserve_satoshis > 100_000n ? { ...fields, channel_reserve_satoshis: 10_000n } : fields,
    ),
  },
  ...(['funding_pubkey', 'revocation_basepoint', 'htlc_basepoint'] as const).map((field) => ({
    name: `accepted-with-any-${field}`,
    breaks: 'bolt02-open-channel-40',
    kills: ['off the curve', 'beyond the field'].map(
      (how) => `bolt02/open-accept#wrong-point[${field} ${how}]`,
    ),
    change: takes('accept_channel', (fields) => ({ ...fields, [field]: POINT })),
  })),
  {
    name: 'accepted-with-fewer-than-483-htlcs-only',
    breaks: 'bolt02-funding-created-05',
    kills: ['bolt02/open-accept#at-the-bounds[most htlcs]'],
    change: refuses('accept_channel', ({ max_accepted_htlcs }) => max_accepted_htlcs >= 483),
  },
];
