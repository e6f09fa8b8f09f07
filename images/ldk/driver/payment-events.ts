import * as ldk from 'ldk-0.1.2';
import type { FinishedPayment, Forward, Payment } from 'boltgrid/driver';
import type { Context } from './context.ts';
import { enumWord, errorText, failureOf, formatScid, hex, some } from './ldk.ts';

/** Payments out, in and through, and what BOLT 12 needs on the way. */
export function handlePaymentEvent(context: Context, event: ldk.Event): void {
  if (event instanceof ldk.Event_PaymentSent) sent(context, event);
  else if (event instanceof ldk.Event_PaymentPathSuccessful) partSucceeded(context, event);
  else if (event instanceof ldk.Event_PaymentPathFailed) partFailed(context, event);
  else if (event instanceof ldk.Event_PaymentFailed) failed(context, event);
  else if (event instanceof ldk.Event_PaymentClaimable) claimable(context, event);
  else if (event instanceof ldk.Event_PaymentClaimed) claimed(context, event);
  else if (event instanceof ldk.Event_PaymentForwarded) forwarded(context, event);
  else if (event instanceof ldk.Event_HTLCHandlingFailed) refused(context, event);
  else if (event instanceof ldk.Event_InvoiceReceived) invoiceReceived(context, event);
  else if (event instanceof ldk.Event_ConnectionNeeded) connectionNeeded(context, event);
}

/** Changes what is known of an outgoing payment, and tells who waits when its outcome is known. */
export function updatePayment(
  { records, waiters }: Context,
  paymentId: string,
  change: Partial<Payment>,
): void {
  const before = records.payments.get(paymentId) ?? { paymentId, state: 'pending' as const };
  const after: Payment = { ...before, ...change };
  records.payments.set(paymentId, after);
  records.changed();
  if (after.state !== 'pending') waiters.payments.resolve(paymentId, after as FinishedPayment);
}

function sent(context: Context, event: ldk.Event_PaymentSent): void {
  const id = some<Uint8Array>(event.payment_id) ?? event.payment_hash;
  const feeMsat = some<bigint>(event.fee_paid_msat);
  updatePayment(context, hex(id), {
    state: 'succeeded',
    paymentHash: hex(event.payment_hash),
    preimage: hex(event.payment_preimage),
    ...(feeMsat !== undefined && { feeMsat }),
  });
}

function partSucceeded(context: Context, event: ldk.Event_PaymentPathSuccessful): void {
  const id = hex(event.payment_id);
  updatePayment(context, id, { parts: (context.records.payments.get(id)?.parts ?? 0) + 1 });
}

function partFailed(context: Context, event: ldk.Event_PaymentPathFailed): void {
  const id = hex(some<Uint8Array>(event.payment_id) ?? event.payment_hash);
  const onion = context.waiters.onionError;
  const scid = some<bigint>(event.short_channel_id);
  const why =
    event.failure instanceof ldk.PathFailure_InitialSend
      ? errorText(event.failure.err)
      : 'failed on the path';
  updatePayment(context, id, {
    paymentHash: hex(event.payment_hash),
    failure: { reason: why, ...onion, ...(scid !== undefined && { erringShortChannelId: formatScid(scid) }) },
  });
}

function failed(context: Context, event: ldk.Event_PaymentFailed): void {
  const id = hex(event.payment_id);
  const reason = some<ldk.PaymentFailureReason>(event.reason);
  const hash = some<Uint8Array>(event.payment_hash);
  const word = reason === undefined ? 'unknown' : enumWord(ldk.PaymentFailureReason, reason);
  context.waiters.invoices.reject(id, word);
  // An invoice that was only fetched is no payment.
  if (!context.records.payments.has(id)) return;
  updatePayment(context, id, {
    state: 'failed',
    ...(hash && { paymentHash: hex(hash) }),
    failure: { ...context.records.payments.get(id)?.failure, reason: word },
  });
}

/** Invoices of ours are settled at once; where only the caller knows the preimage, the HTLCs are held. */
function claimable({ channels, records }: Context, event: ldk.Event_PaymentClaimable): void {
  const hash = hex(event.payment_hash);
  const preimage = some<Uint8Array>(event.purpose.preimage());
  if (preimage) {
    channels.claim_funds(preimage);
    return;
  }
  if (records.invoices.get(hash)?.state === 'cancelled') {
    channels.fail_htlc_backwards(event.payment_hash);
    return;
  }
  records.invoices.set(hash, { state: 'held', receivedMsat: event.amount_msat });
  records.changed();
}

function claimed({ records }: Context, event: ldk.Event_PaymentClaimed): void {
  const hash = hex(event.payment_hash);
  const preimage = some<Uint8Array>(event.purpose.preimage());
  records.invoices.set(hash, {
    ...records.invoices.get(hash),
    state: 'paid',
    receivedMsat: event.amount_msat,
    ...(preimage && { preimage: hex(preimage) }),
  });
  records.changed();
}

function forwarded({ records }: Context, event: ldk.Event_PaymentForwarded): void {
  const feeMsat = some<bigint>(event.total_fee_earned_msat);
  const outgoingMsat = some<bigint>(event.outbound_amount_forwarded_msat);
  records.addForward({
    state: 'settled',
    ...channelIds(event.prev_channel_id, event.next_channel_id),
    ...(feeMsat !== undefined && { feeMsat }),
    ...(outgoingMsat !== undefined && { outgoingMsat }),
  });
}

function refused({ records }: Context, event: ldk.Event_HTLCHandlingFailed): void {
  const destination = event.failed_next_destination;
  // A payment to this node that it refused is no forward.
  if (destination instanceof ldk.HTLCDestination_FailedPayment) return;
  const next = destination instanceof ldk.HTLCDestination_NextHopChannel ? destination.channel_id : undefined;
  records.addForward({
    state: 'failed',
    ...channelIds(event.prev_channel_id, next),
    reason: errorText(destination),
  });
}

const channelIds = (
  incoming: ldk.ChannelId | undefined,
  outgoing: ldk.ChannelId | undefined,
): Pick<Forward, 'incomingChannelId' | 'outgoingChannelId'> => ({
  ...(incoming && { incomingChannelId: hex(incoming.get_a()) }),
  ...(outgoing && { outgoingChannelId: hex(outgoing.get_a()) }),
});

function invoiceReceived(context: Context, event: ldk.Event_InvoiceReceived): void {
  const { channels, waiters, records } = context;
  const id = hex(event.payment_id);
  const { invoice } = event;
  const paymentHash = hex(invoice.payment_hash());
  const amountMsat = invoice.amount_msats();
  if (waiters.invoices.has(id)) {
    waiters.invoices.resolve(id, { invoice: hex(invoice.write()), paymentHash, amountMsat });
    channels.abandon_payment(event.payment_id);
    return;
  }
  // The request goes out over several paths, so the invoice may come again: only the first one counts.
  if (records.payments.get(id)?.state !== 'pending' || records.payments.get(id)?.paymentHash !== undefined)
    return;
  updatePayment(context, id, { paymentHash, amountMsat });
  const failure = failureOf(channels.send_payment_for_bolt12_invoice(invoice, event.context));
  if (failure !== undefined) updatePayment(context, id, { state: 'failed', failure: { reason: failure } });
}

/** Onion messages go only over connections, so LDK asks for one to the first node of a path. */
function connectionNeeded({ sockets, pump }: Context, event: ldk.Event_ConnectionNeeded): void {
  const address = event.addresses.find((candidate) => candidate instanceof ldk.SocketAddress_TcpIpV4);
  if (!(address instanceof ldk.SocketAddress_TcpIpV4)) return;
  const host = Array.from(address.addr).join('.');
  sockets.connect(host, address.port, hex(event.node_id)).then(pump, () => undefined);
}
