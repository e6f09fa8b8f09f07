import type { ChannelSecrets } from '../../keys/channel-secrets.ts';
import { perCommitmentPoint, perCommitmentSecret } from '../../keys/per-commitment-secret.ts';
import type { AccepterChoices, OpenerChoices } from '../open/defaults.ts';
import { limits, pointsOf, records } from '../open/messages.ts';
import type { Negotiation } from '../open/negotiation.ts';
import { typeBits } from '../open/rules.ts';
import { temporaryChannelIdOf } from './channel-id.ts';
import { firstOpen } from './first-version.ts';
import type { Accept2Fields, Open2Fields } from './states.ts';

/** What version 1 has and version 2 has not is left out of these. */
interface DualChoices {
  /** Only confirmed inputs of the other side will do. */
  readonly require_confirmed_inputs: boolean;
}

export interface Opener2Choices
  extends Omit<OpenerChoices, 'push_msat' | 'feerate_per_kw' | 'channel_reserve_satoshis'>, DualChoices {
  readonly funding_feerate_perkw: number;
  readonly commitment_feerate_perkw: number;
  readonly locktime: number;
}

export interface Accepter2Choices extends Omit<AccepterChoices, 'channel_reserve_satoshis'>, DualChoices {
  /** What we contribute. */
  readonly funding_satoshis: bigint;
}

export function open2Fields(
  secrets: ChannelSecrets,
  { chain_hash }: Negotiation,
  funding_satoshis: bigint,
  choices: Opener2Choices,
): Open2Fields {
  const points = pointsOf(secrets);
  return {
    chain_hash,
    temporary_channel_id: temporaryChannelIdOf(points.revocation_basepoint),
    funding_feerate_perkw: choices.funding_feerate_perkw,
    commitment_feerate_perkw: choices.commitment_feerate_perkw,
    funding_satoshis,
    ...limits(choices),
    locktime: choices.locktime,
    ...points,
    second_per_commitment_point: secondPoint(secrets),
    channel_flags: choices.announce ? 1 : 0,
    tlvs: {
      ...records(choices, choices.channel_type),
      ...confirmed(choices),
    },
  };
}

export function accept2Fields(
  secrets: ChannelSecrets,
  open: Open2Fields,
  choices: Accepter2Choices,
): Accept2Fields {
  const type = typeBits(firstOpen(open, { openerSat: open.funding_satoshis, accepterSat: 0n }));
  return {
    temporary_channel_id: open.temporary_channel_id,
    funding_satoshis: choices.funding_satoshis,
    ...limits(choices),
    minimum_depth: choices.minimum_depth,
    ...pointsOf(secrets),
    second_per_commitment_point: secondPoint(secrets),
    tlvs: { ...records(choices, type), ...confirmed(choices) },
  };
}

const secondPoint = ({ shachainSeed }: ChannelSecrets): Uint8Array =>
  perCommitmentPoint(perCommitmentSecret(shachainSeed, 1n));

const confirmed = ({ require_confirmed_inputs }: DualChoices) =>
  require_confirmed_inputs ? { require_confirmed_inputs: {} } : {};
