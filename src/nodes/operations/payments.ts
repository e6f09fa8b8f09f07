import { z } from 'zod';
import * as v from '../operation-values.ts';
import { control } from './shape.ts';

const invoiceOptions = {
  /** Without it the payer chooses the amount. */
  amountMsat: v.amount.optional(),
  description: z.string().max(639).optional(),
  /** Instead of `description`. */
  descriptionHash: v.bytes32.optional(),
  expirySeconds: v.seconds.optional(),
  /** min_final_cltv_expiry_delta */
  finalCltvDelta: v.blockCount.optional(),
};

const issuedInvoice = z.strictObject({ invoice: z.string(), paymentHash: v.bytes32 });

export const paymentsOperations = {
  /** A BOLT 11 invoice whose payment the node settles by itself. Every call issues another. */
  invoice: control(
    z.strictObject({
      ...invoiceOptions,
      /** Whether to put in hints for private channels; the node's own rule when not given. */
      privateHints: z.boolean().optional(),
      /** payment_metadata */
      metadata: v.bytes.optional(),
    }),
    issuedInvoice,
  ),

  /** `held` means that the HTLCs are here and wait for `settle` or `cancel`. `rejected`: unknown hash. Reads only. */
  invoiceStatus: control(
    z.strictObject({ paymentHash: v.bytes32 }),
    z.strictObject({
      state: z.enum(['unpaid', 'held', 'paid', 'cancelled']),
      receivedMsat: v.amount.optional(),
      preimage: v.bytes32.optional(),
    }),
  ),

  /** An invoice for a hash whose preimage the caller keeps: HTLCs are held. `rejected` for a hash already used. */
  holdInvoice: control(z.strictObject({ ...invoiceOptions, paymentHash: v.bytes32 }), issuedInvoice),

  /** Releases a held payment. Complete when update_fulfill_htlc is queued for all parts. `not-ready`: nothing is held. */
  settle: control(z.strictObject({ preimage: v.bytes32 }), v.nothing),

  /** Fails a held payment back, or voids an invoice that is not paid yet. Idempotent. */
  cancel: control(z.strictObject({ paymentHash: v.bytes32 }), v.nothing),

  /**
   * Pays a BOLT 11 invoice. Complete when the outcome is known: a failed payment is a result, not an error. `rejected`: the
   * node would not even try (bad or expired invoice, paid already). An invoice held by the payee keeps the call waiting.
   */
  pay: control(
    z.strictObject({
      invoice: z.string(),
      /** Only for an invoice without one. */
      amountMsat: v.amount.optional(),
      feeLimitMsat: v.amount.optional(),
      maxParts: z.number().int().min(1).max(1000).optional(),
    }),
    v.finishedPayment,
    60_000,
  ),

  /** Pays along a given route, in one part and one attempt. Complete as `pay`. */
  payRoute: control(
    z.strictObject({
      route: z.array(v.hop).min(1).max(27),
      paymentHash: v.bytes32,
      paymentSecret: v.bytes32.optional(),
      metadata: v.bytes.optional(),
      /** total_msat of the final onion payload; the last hop's amount when not given. */
      totalMsat: v.amount.optional(),
    }),
    v.finishedPayment,
    60_000,
  ),

  /** Pays without an invoice: the preimage travels in the onion. Complete as `pay`. */
  keysend: control(
    z.strictObject({
      publicKey: v.publicKey,
      amountMsat: v.amount,
      feeLimitMsat: v.amount.optional(),
      preimage: v.bytes32.optional(),
      /** TLV type (at least 65536) → value */
      customRecords: z.record(z.string().regex(/^[0-9]{5,19}$/), v.bytes).optional(),
    }),
    v.finishedPayment,
    60_000,
  ),

  /** A BOLT 12 offer of this node. A second call with the same params may give the same offer. */
  offer: control(
    z.strictObject({
      amountMsat: v.amount.optional(),
      description: z.string().optional(),
      issuer: z.string().optional(),
      expirySeconds: v.seconds.optional(),
      /** 0: any quantity. */
      quantityMax: v.amount.optional(),
    }),
    z.strictObject({ offer: z.string() }),
  ),

  /** Complete when the invoice has come over onion messages; it is not paid. `rejected`: the payee answers invoice_error. */
  fetchInvoice: control(
    z.strictObject({
      offer: z.string(),
      amountMsat: v.amount.optional(),
      quantity: v.amount.optional(),
      payerNote: z.string().optional(),
    }),
    /** The TLV stream of the invoice (BOLT 12), hex. */
    z.strictObject({ invoice: v.bytes, paymentHash: v.bytes32, amountMsat: v.amount }),
    30_000,
  ),

  /** Fetches an invoice for the offer and pays it. Complete as `pay`. */
  payOffer: control(
    z.strictObject({
      offer: z.string(),
      amountMsat: v.amount.optional(),
      quantity: v.amount.optional(),
      payerNote: z.string().optional(),
      feeLimitMsat: v.amount.optional(),
    }),
    v.finishedPayment,
    60_000,
  ),

  /** An invoice_request without an offer: this node will pay whoever answers with an invoice. */
  refund: control(
    z.strictObject({
      amountMsat: v.amount,
      description: z.string().optional(),
      expirySeconds: v.seconds.optional(),
    }),
    z.strictObject({ refund: z.string(), paymentId: z.string() }),
  ),

  /** Answers a refund with an invoice of this node. Complete when the invoice was sent. */
  redeemRefund: control(z.strictObject({ refund: z.string() }), z.strictObject({ paymentHash: v.bytes32 })),

  /** Reads an invoice, offer or refund string. `rejected`: the node does not accept it. Reads only. */
  decode: control(z.strictObject({ text: z.string().max(10_000) }), v.decoded),

  /** Outgoing payments, oldest first. Reads only. */
  payments: control(v.nothing, z.strictObject({ payments: z.array(v.payment) })),

  /** HTLCs that it forwarded or refused to, oldest first. Reads only. */
  forwards: control(v.nothing, z.strictObject({ forwards: z.array(v.forward) })),

  /** The network as the node knows it from gossip. Reads only. */
  graph: control(
    v.nothing,
    z.strictObject({ nodes: z.array(v.graphNode), channels: z.array(v.graphChannel) }),
  ),
} as const;
