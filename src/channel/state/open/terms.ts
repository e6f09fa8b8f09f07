import { fromDisplayHash } from '../../../bitcoin/hash.ts';
import { BoltgridError } from '../../../core/error.ts';
import type { ChannelTerms, SideTerms } from '../terms.ts';
import type { Side } from '../update.ts';
import { formatOf } from './channel-type.ts';
import type { AcceptFields, OpenFields } from './negotiation.ts';
import { announces } from './open-rules.ts';
import { typeBits } from './rules.ts';
import type { Declared } from './states.ts';

export interface FundingOutpoint {
  /** As displayed. */
  readonly txid: string;
  readonly output_index: number;
}

/** The txid as messages carry it, with the index in its last two bytes by exclusive or (BOLT 2, funding_signed). */
export function channelIdOf({ txid, output_index }: FundingOutpoint): Uint8Array {
  const id = fromDisplayHash(txid);
  const at = id.length - 2;
  id[at] = (id[at] ?? 0) ^ (output_index >> 8);
  id[at + 1] = (id[at + 1] ?? 0) ^ (output_index & 0xff);
  return id;
}

/** What both messages came to, whose faults were looked for before. */
export function termsOf(
  { open, accept, secrets }: Declared,
  opener: Side,
  outpoint: FundingOutpoint,
): ChannelTerms {
  const channel_type = typeBits(open);
  const format = formatOf(channel_type);
  if (!format)
    throw new BoltgridError('channel.invariant', 'harness', 'a channel of no defined type was agreed on');
  const [local, remote] = opener === 'local' ? [open, accept] : [accept, open];
  return {
    channel_id: channelIdOf(outpoint),
    opener,
    format,
    channel_type,
    announce: announces(open),
    local: sideTerms(local),
    remote: sideTerms(remote),
    secrets,
  };
}

function sideTerms(fields: OpenFields | AcceptFields): SideTerms {
  const script = fields.tlvs.upfront_shutdown_script?.shutdown_scriptpubkey;
  return {
    funding_pubkey: fields.funding_pubkey,
    revocation_basepoint: fields.revocation_basepoint,
    payment_basepoint: fields.payment_basepoint,
    delayed_payment_basepoint: fields.delayed_payment_basepoint,
    htlc_basepoint: fields.htlc_basepoint,
    dust_limit_satoshis: fields.dust_limit_satoshis,
    max_htlc_value_in_flight_msat: fields.max_htlc_value_in_flight_msat,
    channel_reserve_satoshis: fields.channel_reserve_satoshis,
    htlc_minimum_msat: fields.htlc_minimum_msat,
    to_self_delay: fields.to_self_delay,
    max_accepted_htlcs: fields.max_accepted_htlcs,
    ...(script && { upfront_shutdown_script: script }),
  };
}
