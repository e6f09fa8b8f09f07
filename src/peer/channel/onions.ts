import { failureName } from '../../channel/onion/failure.ts';
import { type MadeOnion, makeOnion } from '../../channel/onion/make.ts';
import { encodePayload, type PaymentPayload } from '../../channel/onion/payload.ts';
import { type Peeled, peelOnion } from '../../channel/onion/peel.ts';
import {
  type Attested,
  readFailure,
  type ReturnedFailure as Returned,
} from '../../channel/onion/returned.ts';
import { concat } from '../../core/bytes.ts';
import { defaultCrypto } from '../../crypto/crypto.ts';
import type { Bolts } from '../../wire/bolts.ts';
import type { MessageFields } from '../../wire/types.ts';
import type { ScriptedChannel } from './scripted-channel.ts';
import type { PayloadEdit, ReturnedFailure } from './types.ts';

/** What the last hop learns. */
export interface Final {
  readonly amount_msat: bigint;
  readonly payment_hash: Uint8Array;
  readonly cltv_expiry: number;
  readonly payment_secret?: Uint8Array | undefined;
  readonly total_msat?: bigint | undefined;
  readonly payment_metadata?: Uint8Array | undefined;
}

const finalPayload = (final: Final): PaymentPayload => {
  const { amount_msat, cltv_expiry, payment_secret, payment_metadata, total_msat = amount_msat } = final;
  return {
    amt_to_forward: { amt_to_forward: amount_msat },
    outgoing_cltv_value: { outgoing_cltv_value: cltv_expiry },
    ...(payment_secret && { payment_data: { payment_secret, total_msat } }),
    ...(payment_metadata && { payment_metadata: { payment_metadata } }),
  };
};

/** An onion for the node as the final one. */
export const onionForNode = (
  channel: ScriptedChannel,
  id: bigint,
  final: Final,
  payload?: PayloadEdit,
): Uint8Array =>
  kept(channel, id, final.payment_hash, [
    { nodeId: channel.talk.nodeId, payload: edited(finalPayload(final), payload) },
  ]);

/** An onion over the node to the peer with `nodeId`, by the channel that the node knows as `short_channel_id`. */
export function onionOverNode(
  channel: ScriptedChannel,
  id: bigint,
  { nodeId, short_channel_id }: { readonly nodeId: Uint8Array; readonly short_channel_id: string },
  final: Final,
  payload?: PayloadEdit,
): Uint8Array {
  const { amount_msat, cltv_expiry, payment_hash } = final;
  const forNode: PaymentPayload = {
    amt_to_forward: { amt_to_forward: amount_msat },
    outgoing_cltv_value: { outgoing_cltv_value: cltv_expiry },
    short_channel_id: { short_channel_id },
  };
  return kept(channel, id, payment_hash, [
    { nodeId: channel.talk.nodeId, payload: edited(forNode, payload) },
    { nodeId, payload: encodePayload(finalPayload(final)) },
  ]);
}

function edited(right: PaymentPayload, edit?: PayloadEdit): Uint8Array {
  const payload = edit ? edit(right) : right;
  return payload instanceof Uint8Array ? payload : encodePayload(payload);
}

/** The secrets stay with the channel: what a returned failure is read with. */
function kept(
  channel: ScriptedChannel,
  id: bigint,
  payment_hash: Uint8Array,
  hops: Parameters<typeof makeOnion>[0]['hops'],
): Uint8Array {
  const label = `${channel.label} onion ${id} ${channel.onionCount++}`;
  const { packet, sharedSecrets }: MadeOnion = makeOnion({
    sessionKey: defaultCrypto.hashes.sha256(concat(channel.talk.key, Buffer.from(label))),
    hops,
    associatedData: payment_hash,
  });
  channel.onions.set(id, sharedSecrets);
  return packet;
}

/** What a failure says, and its attribution data where it has any. */
export function readReason(
  channel: ScriptedChannel,
  id: bigint,
  returned: Returned,
): { failure: ReturnedFailure | undefined; attested?: Attested } {
  const sharedSecrets = channel.onions.get(id);
  if (!sharedSecrets) return { failure: undefined };
  const { failuremsg, failure, hop, htlcHoldTimes, blamedHop } = readFailure(sharedSecrets, returned);
  const attested = { htlcHoldTimes, ...(blamedHop !== undefined && { blamedHop }) };
  const fields = failure?.name === undefined ? {} : failure.fields;
  const [high, low] = failuremsg ?? [];
  const code = high === undefined || low === undefined ? undefined : high * 256 + low;
  return {
    // Without all of its data a failure still has a code.
    failure:
      hop !== undefined && code !== undefined ? { name: failureName(code), code, fields, hop } : undefined,
    ...(returned.attribution_data && { attested }),
  };
}

/** What an HTLC of the node has in it for us. */
export const peel = (
  { talk }: ScriptedChannel,
  { onion_routing_packet, payment_hash, tlvs }: MessageFields<Bolts, 'update_add_htlc'>,
): Peeled =>
  peelOnion({
    packet: onion_routing_packet,
    privateKey: talk.key,
    associatedData: payment_hash,
    ...(tlvs.blinded_path && { pathKey: tlvs.blinded_path.path_key }),
  });
