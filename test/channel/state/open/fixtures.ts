import type { ChannelSecrets } from '../../../../src/channel/keys/channel-secrets.ts';
import { channelSecrets } from '../../../../src/channel/keys/channel-secrets.ts';
import { channelType } from '../../../../src/channel/state/open/channel-type.ts';
import {
  accepterDefaults,
  openerDefaults,
  type OpenerChoices,
} from '../../../../src/channel/state/open/defaults.ts';
import { acceptFields, openFields } from '../../../../src/channel/state/open/messages.ts';
import type {
  AcceptFields,
  Negotiation,
  OpenFields,
} from '../../../../src/channel/state/open/negotiation.ts';
import type { CommitmentFormat } from '../../../../src/channel/transactions/types.ts';
import { FEATURES, type FeatureName } from '../../../../src/wire/features.ts';

export const FUNDING_SATOSHIS = 1_000_000n;
export const TEMPORARY_ID = new Uint8Array(32).fill(7);
const CHAIN = new Uint8Array(32).fill(3);

const seed = new Uint8Array(32).fill(1);
export const secretsOf: Readonly<Record<'opener' | 'accepter', ChannelSecrets>> = {
  opener: channelSecrets(seed, 'opener'),
  accepter: channelSecrets(seed, 'accepter'),
};

const ALL: readonly FeatureName[] = [
  'option_upfront_shutdown_script',
  'option_support_large_channel',
  'option_anchors',
  'option_shutdown_anysegwit',
  'option_scid_alias',
  'option_zeroconf',
];

/** Both sides offer everything that is of use here, but what is left out. */
export const negotiationWithout = (...names: readonly FeatureName[]): Negotiation => {
  const bits = new Set(ALL.filter((name) => !names.includes(name)).map((name) => FEATURES[name].even + 1));
  return { chain_hash: CHAIN, features: { local: bits, remote: bits }, channelIds: [] };
};

export const negotiation = negotiationWithout();

export const openWith = (
  choices: Partial<OpenerChoices> = {},
  funding_satoshis = FUNDING_SATOSHIS,
): OpenFields =>
  openFields(secretsOf.opener, negotiation, TEMPORARY_ID, funding_satoshis, {
    ...openerDefaults(funding_satoshis, negotiation),
    ...choices,
  });

export const acceptOf = (open: OpenFields): AcceptFields =>
  acceptFields(
    secretsOf.accepter,
    open,
    accepterDefaults(open.funding_satoshis, open.dust_limit_satoshis, false),
  );

const FORMATS: readonly CommitmentFormat[] = ['option_static_remotekey', 'option_anchors'];

/** Every type that BOLT 2 defines, by name. */
export const CHANNEL_TYPES: readonly (readonly [string, ReadonlySet<number>])[] = FORMATS.flatMap((format) =>
  [false, true].flatMap((option_scid_alias) =>
    [false, true].map((option_zeroconf) => {
      const extra = [option_scid_alias && 'scid_alias', option_zeroconf && 'zeroconf'].filter(Boolean);
      return [
        [format, ...extra].join(' with '),
        channelType(format, { option_scid_alias, option_zeroconf }),
      ] as const;
    }),
  ),
);
