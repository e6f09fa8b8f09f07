import { defaultCrypto } from '../../../crypto/crypto.ts';
import { basepointsOf, type ChannelSecrets } from '../../keys/channel-secrets.ts';
import { perCommitmentPoint, perCommitmentSecret } from '../../keys/per-commitment-secret.ts';
import { encodeChannelType } from './channel-type.ts';
import type { AccepterChoices, OpenerChoices, SideChoices } from './defaults.ts';
import type { AcceptFields, Negotiation, OpenFields } from './negotiation.ts';
import { typeBits } from './rules.ts';

/** Our own `open_channel` and `accept_channel`, out of our secrets and choices; their second versions share the parts. */

export const openFields = (
  secrets: ChannelSecrets,
  { chain_hash }: Negotiation,
  temporary_channel_id: Uint8Array,
  funding_satoshis: bigint,
  choices: OpenerChoices,
): OpenFields => ({
  chain_hash,
  temporary_channel_id,
  funding_satoshis,
  push_msat: choices.push_msat,
  feerate_per_kw: choices.feerate_per_kw,
  channel_flags: choices.announce ? 1 : 0,
  ...limits(choices),
  channel_reserve_satoshis: choices.channel_reserve_satoshis,
  ...pointsOf(secrets),
  tlvs: records(choices, choices.channel_type),
});

export const acceptFields = (
  secrets: ChannelSecrets,
  open: OpenFields,
  choices: AccepterChoices,
): AcceptFields => ({
  temporary_channel_id: open.temporary_channel_id,
  minimum_depth: choices.minimum_depth,
  ...limits(choices),
  channel_reserve_satoshis: choices.channel_reserve_satoshis,
  ...pointsOf(secrets),
  tlvs: records(choices, typeBits(open)),
});

export const limits = (choices: Omit<SideChoices, 'channel_reserve_satoshis'>) => ({
  dust_limit_satoshis: choices.dust_limit_satoshis,
  max_htlc_value_in_flight_msat: choices.max_htlc_value_in_flight_msat,
  htlc_minimum_msat: choices.htlc_minimum_msat,
  to_self_delay: choices.to_self_delay,
  max_accepted_htlcs: choices.max_accepted_htlcs,
});

export const pointsOf = (secrets: ChannelSecrets) => ({
  ...basepointsOf(secrets),
  funding_pubkey: defaultCrypto.curve.publicKey(secrets.funding),
  first_per_commitment_point: perCommitmentPoint(perCommitmentSecret(secrets.shachainSeed, 0n)),
});

export const records = (
  { upfront_shutdown_script }: Pick<SideChoices, 'upfront_shutdown_script'>,
  type: ReadonlySet<number>,
) => ({
  upfront_shutdown_script: { shutdown_scriptpubkey: upfront_shutdown_script },
  channel_type: { type: encodeChannelType(type) },
});
