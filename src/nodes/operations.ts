import { z } from 'zod';
import * as v from './operation-values.ts';

/**
 * The control operations: everything that boltgrid can ask of a node, whatever the implementation.
 *
 * Each has a params schema, a result schema and a deadline; its comment says when it is complete and what a second call does.
 * Amounts are bigint in TypeScript and decimal strings on the wire. Every operation can fail with one of `OPERATION_ERRORS`.
 */

/**
 * - `rejected`: the node understood and refused (no route, no such channel, funds missing)
 * - `not-ready`: it would work later (the peer is not connected, the chain is not followed yet)
 * - `timeout`: not complete within the deadline
 * - `not-offered`: the node has no such option of the operation (the manifest cannot say which): a case that uses it is at fault
 * - `internal`: the control path itself broke: never the node's departure from a BOLT
 */
export const OPERATION_ERRORS = ['rejected', 'not-ready', 'timeout', 'not-offered', 'internal'] as const;
export type OperationErrorCode = (typeof OPERATION_ERRORS)[number];

interface OperationShape {
  readonly params: z.ZodObject;
  readonly result: z.ZodObject;
  readonly deadlineMs: number;
  /**
   * `control`: the manifest says how to ask the node. `runtime`: done by boltgrid to its process and volume, so that no
   * manifest mentions it.
   */
  readonly by: 'control' | 'runtime';
}

function control<P extends z.ZodObject, R extends z.ZodObject>(params: P, result: R, deadlineMs = 10_000) {
  return { params, result, deadlineMs, by: 'control' as const };
}

function runtime<P extends z.ZodObject, R extends z.ZodObject>(params: P, result: R) {
  return { params, result, deadlineMs: 60_000, by: 'runtime' as const };
}

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

export const OPERATIONS = {
  // ── Node ──────────────────────────────────────────────────────────────────────────────────────────────────────────────

  /** Who it is, how far it follows the chain, and the feerate in force. Reads only. */
  info: control(v.nothing, v.info),

  /** The newest lines of its log, oldest first. Reads only. */
  logs: runtime(
    z.strictObject({ lines: z.number().int().min(1).max(10_000) }),
    z.strictObject({ lines: z.array(z.string()) }),
  ),

  /**
   * Complete when the node has worked through the block at `height` (the chain's tip at the time of the call when not given)
   * and what that block makes it do has been handed on. Reads only.
   */
  sync: control(
    z.strictObject({ height: v.blockCount.optional() }),
    z.strictObject({ height: v.blockCount, blockHash: v.bytes32 }),
    30_000,
  ),

  /** Ends the node gracefully, its state on disk. Complete when its process has ended. A stopped node stays stopped. */
  stop: runtime(v.nothing, v.nothing),

  /** Starts a stopped node again on the same volume, port and key. Complete when it listens. `rejected` while it runs. */
  start: runtime(v.nothing, v.nothing),

  /** Copies the volume of a stopped node under `name`, replacing an earlier copy. `not-ready` while it runs. */
  snapshot: runtime(z.strictObject({ name: z.string().regex(/^[a-z0-9-]{1,40}$/) }), v.nothing),

  /** Puts the volume back to what `snapshot` kept under `name`. `not-ready` while it runs, `rejected` for an unknown name. */
  restore: runtime(z.strictObject({ name: z.string().regex(/^[a-z0-9-]{1,40}$/) }), v.nothing),

  // ── Chain ─────────────────────────────────────────────────────────────────────────────────────────────────────────────

  /** A fresh address of the node's wallet. Each call may give another. */
  newAddress: control(v.nothing, z.strictObject({ address: z.string() })),

  /** What the wallet can spend (`confirmedSat`) and what waits for its first block. Reads only. */
  balance: control(v.nothing, z.strictObject({ confirmedSat: v.amount, unconfirmedSat: v.amount })),

  /** The wallet's outputs, one by one. Reads only. */
  utxos: control(v.nothing, z.strictObject({ utxos: z.array(v.utxo) })),

  /** Complete when the chain backend took the transaction. Every call sends again. `rejected`: funds missing, bad address. */
  sendOnchain: control(
    z.strictObject({ address: z.string(), amountSat: v.amount, feeratePerKw: v.feeratePerKw.optional() }),
    z.strictObject({ txid: v.txid }),
  ),

  /** Sets the feerate of the source that the node reads. Complete when the node uses it. Idempotent. */
  setFeerate: control(
    z.strictObject({ feeratePerKw: v.feeratePerKw }),
    z.strictObject({ feeratePerKw: v.feeratePerKw }),
  ),

  // ── Peers ─────────────────────────────────────────────────────────────────────────────────────────────────────────────

  /**
   * Complete when init went both ways. With a peer that is connected already it succeeds at once. `rejected`: refused, or
   * the handshake failed.
   */
  connect: control(v.endpoint, v.nothing),

  /** Complete when the connection is gone. With a peer that is not connected it succeeds at once. */
  disconnect: control(z.strictObject({ publicKey: v.publicKey }), v.nothing),

  /** Peers with which init was exchanged. Reads only. */
  peers: control(v.nothing, z.strictObject({ peers: z.array(v.connectedPeer) })),

  /** Sends one message of a type the node does not know itself. Complete when queued. `not-ready`: not connected. */
  customMessage: control(
    z.strictObject({
      publicKey: v.publicKey,
      type: z.number().int().min(32_768).max(65_535),
      payload: v.bytes,
    }),
    v.nothing,
  ),

  /** What its node_announcement says from now on. Complete when the announcement is made. Idempotent. */
  setIdentity: control(
    z.strictObject({
      alias: z.string().max(32).optional(),
      color: z
        .string()
        .regex(/^[0-9a-f]{6}$/)
        .optional(),
    }),
    v.nothing,
  ),

  // ── Channels ──────────────────────────────────────────────────────────────────────────────────────────────────────────

  /**
   * Opens a channel with a connected peer from the wallet's coins. Complete when the funding transaction was broadcast: then
   * funding_signed has come. Every call opens another. `rejected`: the peer or the node refuses, funds missing;
   * `not-ready`: not connected.
   */
  open: control(
    z.strictObject({
      publicKey: v.publicKey,
      amountSat: v.amount,
      pushSat: v.amount.optional(),
      /** Not announced. The default is to announce. */
      private: z.boolean().optional(),
      type: z.enum(['static-remotekey', 'anchors']).optional(),
      /** Of the funding transaction. */
      feeratePerKw: v.feeratePerKw.optional(),
      /** channel_reserve_satoshis that we ask of the peer. */
      reserveSat: v.amount.optional(),
      /** upfront_shutdown_script as an address. */
      upfrontShutdownAddress: z.string().optional(),
    }),
    z.strictObject({
      channelId: v.channelId,
      fundingTxid: v.txid,
      fundingOutputIndex: z.number().int().min(0),
    }),
    20_000,
  ),

  /** All channels, pending and closed ones too. Reads only. */
  channels: control(v.nothing, z.strictObject({ channels: z.array(v.channel) })),

  /** What is not given stays. Complete when the node applies it and has queued its channel_update. Idempotent. */
  setPolicy: control(
    z.strictObject({
      channelId: v.channelId,
      feeBaseMsat: v.amount.optional(),
      feeProportionalMillionths: v.blockCount.optional(),
      cltvExpiryDelta: v.blockCount.optional(),
      htlcMinimumMsat: v.amount.optional(),
      htlcMaximumMsat: v.amount.optional(),
      enabled: z.boolean().optional(),
      /** The vendor's own settings, as the manifest documents them. */
      extra: z.record(z.string(), z.string()).optional(),
    }),
    v.nothing,
  ),

  /**
   * Cooperative close. Complete when the node began it (shutdown is queued); how it ends is seen in `channels`. A second call
   * may be `rejected`.
   */
  close: control(
    z.strictObject({
      channelId: v.channelId,
      address: z.string().optional(),
      feeratePerKw: v.feeratePerKw.optional(),
      maxFeeratePerKw: v.feeratePerKw.optional(),
    }),
    v.nothing,
  ),

  /**
   * Complete when the commitment transaction was handed to the chain backend, which refuses it when the peer's own is there
   * already. The node sweeps its outputs by itself as blocks come.
   */
  forceClose: control(z.strictObject({ channelId: v.channelId }), v.nothing),

  /** Adds to (or takes from) the capacity. Complete when the splice transaction was broadcast. */
  splice: control(
    z.strictObject({
      channelId: v.channelId,
      changeSat: v.signedAmount,
      feeratePerKw: v.feeratePerKw.optional(),
    }),
    z.strictObject({ txid: v.txid }),
    20_000,
  ),

  /** Raises the feerate of a transaction of the node that waits in the mempool. Complete when the new one was broadcast. */
  bumpFee: control(
    z.strictObject({ txid: v.txid, feeratePerKw: v.feeratePerKw }),
    z.strictObject({ txid: v.txid }),
  ),

  // ── Payments ──────────────────────────────────────────────────────────────────────────────────────────────────────────

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
} as const satisfies Record<string, OperationShape>;

export type OperationName = keyof typeof OPERATIONS;

/** As TypeScript sees them: amounts are bigint. */
export type OperationParams<O extends OperationName> = z.output<(typeof OPERATIONS)[O]['params']>;
export type OperationResult<O extends OperationName> = z.output<(typeof OPERATIONS)[O]['result']>;

export const OPERATION_NAMES = Object.keys(OPERATIONS) as readonly OperationName[];

/** Operations that a manifest gives the control for. */
export type ControlOperation = {
  [O in OperationName]: (typeof OPERATIONS)[O]['by'] extends 'control' ? O : never;
}[OperationName];

export const isControlOperation = (name: OperationName): name is ControlOperation =>
  OPERATIONS[name].by === 'control';

export const isOperation = (name: string): name is OperationName => Object.hasOwn(OPERATIONS, name);

export type Channel = z.output<typeof v.channel>;
export type Payment = z.output<typeof v.payment>;
export type FinishedPayment = z.output<typeof v.finishedPayment>;
export type PendingHtlc = z.output<typeof v.pendingHtlc>;
export type Forward = z.output<typeof v.forward>;
export type Decoded = z.output<typeof v.decoded>;
