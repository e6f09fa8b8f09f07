import { parseInvoice } from '../../channel/invoice/decode.ts';
import { readFulfill } from '../../channel/onion/returned.ts';
import type { Message } from '../../channel/state/step.ts';
import { BoltgridError } from '../../core/error.ts';
import type { Bolts } from '../../wire/bolts.ts';
import type { MessageFields } from '../../wire/types.ts';
import { unexpected } from '../step.ts';
import type { StepOptions } from '../types.ts';
import { onionForNode, onionOverNode, readReason } from './onions.ts';
import type { ScriptedChannel } from './scripted-channel.ts';
import type { Changes, Forward, NewHtlc, PayOptions, PeerChannel, Removed } from './types.ts';

const USUAL_CLTV_EXPIRY_DELTA = 80;
/** More than any node asks for, and less than what makes an expiry too far. */
const USUAL_FORWARDING_DELTA = 200;
const USUAL_FEE_MSAT = 10_000n;
/** So that blocks which other cases mine meanwhile do not make it too soon. */
const CLTV_SLACK = 40;

export async function addHtlc(
  channel: ScriptedChannel,
  { amount_msat, payment_hash, payment_secret, payload, anyway, ...rest }: NewHtlc,
  changes?: Changes,
): Promise<bigint> {
  const { cltv_expiry_delta = USUAL_CLTV_EXPIRY_DELTA } = rest;
  const cltv_expiry = rest.cltv_expiry ?? (await heightOf(channel)) + cltv_expiry_delta;
  const id = channel.commitments.ledger.nextHtlcId.local;
  const final = { amount_msat, payment_hash, cltv_expiry, payment_secret };
  const onion_routing_packet = rest.onion_routing_packet ?? onionForNode(channel, id, final, payload);
  const fields = { amount_msat, payment_hash, cltv_expiry, onion_routing_packet, tlvs: {} };
  const update = { name: 'update_add_htlc', fields } as const;
  await channel.do({ do: 'update', update, ...(anyway && { anyway }) }, changes);
  return id;
}

export async function addForward(
  channel: ScriptedChannel,
  next: PeerChannel,
  { amount_msat, payment_hash, payment_secret, payload, changes, ...rest }: Forward,
): Promise<bigint> {
  const {
    fee_msat = USUAL_FEE_MSAT + amount_msat / 100n,
    cltv_expiry_delta = USUAL_FORWARDING_DELTA,
    final_cltv_expiry_delta = USUAL_CLTV_EXPIRY_DELTA,
    short_channel_id = next.short_channel_id,
  } = rest;
  const cltv_expiry = (await heightOf(channel)) + final_cltv_expiry_delta;
  const id = channel.commitments.ledger.nextHtlcId.local;
  const hop = { nodeId: next.publicKey, short_channel_id };
  const final = { amount_msat, payment_hash, cltv_expiry, payment_secret };
  const fields = {
    amount_msat: amount_msat + fee_msat,
    payment_hash,
    cltv_expiry: cltv_expiry + cltv_expiry_delta,
    onion_routing_packet: onionOverNode(channel, id, hop, final, payload),
    tlvs: {},
  };
  await channel.do({ do: 'update', update: { name: 'update_add_htlc', fields } }, changes);
  return id;
}

export const fulfill = (
  channel: ScriptedChannel,
  id: bigint,
  payment_preimage: Uint8Array,
  changes?: Changes,
): Promise<void> =>
  channel.do(
    { do: 'update', update: { name: 'update_fulfill_htlc', fields: { id, payment_preimage, tlvs: {} } } },
    changes,
  );

export const fail = (
  channel: ScriptedChannel,
  id: bigint,
  reason: Uint8Array = new Uint8Array(292),
  changes?: Changes,
): Promise<void> =>
  channel.do(
    { do: 'update', update: { name: 'update_fail_htlc', fields: { id, reason, tlvs: {} } } },
    changes,
  );

export const updateFee = (
  channel: ScriptedChannel,
  feerate_per_kw: number,
  changes?: Changes,
): Promise<void> =>
  channel.do({ do: 'update', update: { name: 'update_fee', fields: { feerate_per_kw } } }, changes);

export async function commit(
  channel: ScriptedChannel,
  changes?: Changes,
  options?: StepOptions,
): Promise<readonly Message[]> {
  await channel.do({ do: 'commitment_signed' }, changes);
  return channel.settle({ ...options, ...(changes && { changes }) });
}

export async function addHtlcFor(
  channel: ScriptedChannel,
  text: string,
  { amount_msat, total_msat, cltvSlack = CLTV_SLACK, payload, changes }: PayOptions = {},
): Promise<bigint> {
  const invoice = parseInvoice(text);
  const { payment_hash, payment_secret, payment_metadata, min_final_cltv_expiry_delta } = invoice;
  const amount = amount_msat ?? invoice.amount_msat;
  if (!payment_hash || amount === undefined)
    throw new BoltgridError('peer.unpayable-invoice', 'harness', 'the invoice has no payment_hash or amount');
  const cltv_expiry = (await heightOf(channel)) + Number(min_final_cltv_expiry_delta) + cltvSlack;
  const id = channel.commitments.ledger.nextHtlcId.local;
  const final = {
    amount_msat: amount,
    payment_hash,
    cltv_expiry,
    payment_secret,
    payment_metadata,
    total_msat,
  };
  const onion_routing_packet = onionForNode(channel, id, final, payload);
  const fields = { amount_msat: amount, payment_hash, cltv_expiry, onion_routing_packet, tlvs: {} };
  await channel.do({ do: 'update', update: { name: 'update_add_htlc', fields } }, changes);
  return id;
}

export async function payInvoice(
  channel: ScriptedChannel,
  invoice: string,
  options?: PayOptions,
): Promise<bigint> {
  const id = await addHtlcFor(channel, invoice, options);
  await commit(channel, options?.changes);
  return id;
}

export async function expectRemoved(
  channel: ScriptedChannel,
  id: bigint,
  options?: StepOptions,
): Promise<Removed> {
  const removal = await hearUntil(channel, () => channel.removals.get(id), options);
  channel.removals.delete(id);
  await channel.settle(options);
  switch (removal.name) {
    case 'update_fulfill_htlc': {
      const { payment_preimage, tlvs } = removal.fields;
      const { attribution_data } = tlvs;
      const attested = attribution_data && readFulfill(channel.onions.get(id) ?? [], attribution_data);
      return { how: 'fulfilled', payment_preimage, ...(attested && { attested }) };
    }
    case 'update_fail_malformed_htlc': {
      const { failure_code, sha256_of_onion } = removal.fields;
      return { how: 'malformed', failure_code, sha256_of_onion };
    }
    case 'update_fail_htlc': {
      const { reason, tlvs } = removal.fields;
      return { how: 'failed', ...readReason(channel, id, { reason, ...tlvs }), reason };
    }
  }
}

export async function pay(
  channel: ScriptedChannel,
  invoice: string,
  options?: PayOptions,
): Promise<Uint8Array> {
  const id = await payInvoice(channel, invoice, options);
  const removed = await expectRemoved(channel, id);
  if (removed.how === 'fulfilled') return removed.payment_preimage;
  throw unexpected({
    requirement: undefined,
    step: 'pay the invoice',
    expected: 'update_fulfill_htlc',
    got: removed,
    awaited: 'message',
    link: channel.talk.link,
  });
}

/** Takes away an HTLC. */
export type Removal = Message<'update_fulfill_htlc' | 'update_fail_htlc' | 'update_fail_malformed_htlc'>;

export async function expectHtlc(
  channel: ScriptedChannel,
  options?: StepOptions,
): Promise<MessageFields<Bolts, 'update_add_htlc'>> {
  const fields = await hearUntil(channel, () => channel.offered.shift(), options);
  await channel.settle(options);
  return fields;
}

/** Answers what comes before. */
async function hearUntil<T>(
  channel: ScriptedChannel,
  found: () => T | undefined,
  options?: StepOptions,
): Promise<T> {
  for (;;) {
    const before = found();
    if (before !== undefined) return before;
    const heard = await channel.settle(options);
    if (heard.length === 0) await channel.expectAny(options);
  }
}

/** A case that touches no chain has no HTLCs that could expire. */
const heightOf = async ({ talk }: ScriptedChannel): Promise<number> =>
  (await talk.links.chain?.height()) ?? 0;
