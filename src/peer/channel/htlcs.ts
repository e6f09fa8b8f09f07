import { parseInvoice } from '../../channel/invoice/decode.ts';
import { makeOnion } from '../../channel/onion/make.ts';
import { encodePayload } from '../../channel/onion/payload.ts';
import { readFailure } from '../../channel/onion/returned.ts';
import type { Message } from '../../channel/state/step.ts';
import { concat } from '../../core/bytes.ts';
import { BoltgridError } from '../../core/error.ts';
import { defaultCrypto } from '../../crypto/crypto.ts';
import type { Bolts } from '../../wire/bolts.ts';
import type { MessageFields } from '../../wire/types.ts';
import { unexpected } from '../step.ts';
import type { StepOptions } from '../types.ts';
import type { ScriptedChannel } from './scripted-channel.ts';
import type { Changes, NewHtlc, PayOptions, Removed } from './types.ts';

const USUAL_CLTV_EXPIRY_DELTA = 80;
/** So that a block that comes meanwhile does not make it too soon. */
const CLTV_SLACK = 3;

export async function addHtlc(
  channel: ScriptedChannel,
  { amount_msat, payment_hash, cltv_expiry_delta = USUAL_CLTV_EXPIRY_DELTA, ...rest }: NewHtlc,
  changes?: Changes,
): Promise<bigint> {
  const cltv_expiry = (await heightOf(channel)) + cltv_expiry_delta;
  const id = channel.commitments.ledger.nextHtlcId.local;
  const onion_routing_packet =
    rest.onion_routing_packet ??
    onionForNode(channel, id, {
      amount_msat,
      payment_hash,
      cltv_expiry,
      payment_secret: rest.payment_secret,
    });
  const fields = { amount_msat, payment_hash, cltv_expiry, onion_routing_packet, tlvs: {} };
  await channel.do({ do: 'update', update: { name: 'update_add_htlc', fields } }, changes);
  return id;
}

interface Final {
  readonly amount_msat: bigint;
  readonly payment_hash: Uint8Array;
  readonly cltv_expiry: number;
  readonly payment_secret?: Uint8Array | undefined;
  readonly total_msat?: bigint;
  readonly payment_metadata?: Uint8Array | undefined;
}

/** An onion for the node as the final one. */
function onionForNode(channel: ScriptedChannel, id: bigint, final: Final): Uint8Array {
  const { amount_msat, payment_hash, cltv_expiry, payment_secret, payment_metadata } = final;
  const payload = encodePayload({
    amt_to_forward: { amt_to_forward: amount_msat },
    outgoing_cltv_value: { outgoing_cltv_value: cltv_expiry },
    ...(payment_secret && {
      payment_data: { payment_secret, total_msat: final.total_msat ?? amount_msat },
    }),
    ...(payment_metadata && { payment_metadata: { payment_metadata } }),
  });
  const { packet, sharedSecrets } = makeOnion({
    sessionKey: defaultCrypto.hashes.sha256(
      concat(channel.talk.key, Buffer.from(`${channel.label} onion ${id}`)),
    ),
    hops: [{ nodeId: channel.talk.nodeId, payload }],
    associatedData: payment_hash,
  });
  channel.onions.set(id, sharedSecrets);
  return packet;
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

export async function commit(channel: ScriptedChannel, changes?: Changes): Promise<readonly Message[]> {
  await channel.do({ do: 'commitment_signed' }, changes);
  return channel.settle(changes && { changes });
}

export async function addHtlcFor(
  channel: ScriptedChannel,
  text: string,
  { amount_msat, cltvSlack = CLTV_SLACK, changes }: PayOptions = {},
): Promise<bigint> {
  const invoice = parseInvoice(text);
  const { payment_hash, payment_secret, payment_metadata, min_final_cltv_expiry_delta } = invoice;
  const amount = amount_msat ?? invoice.amount_msat;
  if (!payment_hash || amount === undefined)
    throw new BoltgridError('peer.unpayable-invoice', 'harness', 'the invoice has no payment_hash or amount');
  const cltv_expiry = (await heightOf(channel)) + Number(min_final_cltv_expiry_delta) + cltvSlack;
  const id = channel.commitments.ledger.nextHtlcId.local;
  const final = { amount_msat: amount, payment_hash, cltv_expiry, payment_secret, payment_metadata };
  const onion_routing_packet = onionForNode(channel, id, final);
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
  const isRemoval = (message: Message): boolean => removalOf(message)?.fields.id === id;
  const heard = await hearUntil(channel, isRemoval, options);
  const removal = removalOf(heard);
  await channel.settle(options);
  switch (removal?.name) {
    case 'update_fulfill_htlc':
      return { how: 'fulfilled', payment_preimage: removal.fields.payment_preimage };
    case 'update_fail_malformed_htlc': {
      const { failure_code, sha256_of_onion } = removal.fields;
      return { how: 'malformed', failure_code, sha256_of_onion };
    }
    case 'update_fail_htlc': {
      const { reason } = removal.fields;
      return { how: 'failed', reason, failure: readReason(channel, id, reason) };
    }
    case undefined:
      throw new BoltgridError('channel.invariant', 'harness', 'a removal that is none');
  }
}

function readReason(channel: ScriptedChannel, id: bigint, reason: Uint8Array) {
  const sharedSecrets = channel.onions.get(id);
  if (!sharedSecrets) return undefined;
  const { failure, hop } = readFailure(sharedSecrets, { reason });
  return failure && hop !== undefined ? { name: failure.name, code: failure.type, hop } : undefined;
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

export async function expectHtlc(
  channel: ScriptedChannel,
  options?: StepOptions,
): Promise<MessageFields<Bolts, 'update_add_htlc'>> {
  const heard = await hearUntil(channel, ({ name }) => name === 'update_add_htlc', options);
  await channel.settle(options);
  if (heard.name !== 'update_add_htlc') throw new BoltgridError('channel.invariant', 'harness', heard.name);
  return heard.fields;
}

/** Answers what comes before. */
async function hearUntil(
  channel: ScriptedChannel,
  isIt: (message: Message) => boolean,
  options?: StepOptions,
): Promise<Message> {
  const before = (await channel.settle(options)).find(isIt);
  if (before) return before;
  for (;;) {
    const message = await channel.expectAny(options);
    if (isIt(message)) return message;
    const found = (await channel.settle(options)).find(isIt);
    if (found) return found;
  }
}

type Removal = Extract<
  Message,
  { name: 'update_fulfill_htlc' | 'update_fail_htlc' | 'update_fail_malformed_htlc' }
>;

function removalOf(message: Message): Removal | undefined {
  switch (message.name) {
    case 'update_fulfill_htlc':
    case 'update_fail_htlc':
    case 'update_fail_malformed_htlc':
      return message;
    default:
      return undefined;
  }
}

/** A case that touches no chain has no HTLCs that could expire. */
const heightOf = async ({ talk }: ScriptedChannel): Promise<number> =>
  (await talk.links.chain?.height()) ?? 0;
