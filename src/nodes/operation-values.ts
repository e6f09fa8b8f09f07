import { z } from 'zod';

/**
 * Values that operations share. On the wire (JSON) amounts are decimal strings and bytes are lower-case hex; in TypeScript
 * amounts are bigint and bytes stay hex. `z.encode` goes to the wire, `z.decode` comes from it.
 */

/** An amount that cannot be negative; the unit is in the field's name. */
export const amount = z.codec(z.string().regex(/^(0|[1-9][0-9]{0,19})$/), z.bigint(), {
  decode: (text) => BigInt(text),
  encode: (value) => value.toString(),
});

/** An amount that may be negative (a splice takes out). */
export const signedAmount = z.codec(z.string().regex(/^(0|-?[1-9][0-9]{0,19})$/), z.bigint(), {
  decode: (text) => BigInt(text),
  encode: (value) => value.toString(),
});

export const bytes = z.string().regex(/^([0-9a-f]{2})*$/, 'lower-case hexadecimal');
const bytesOf32 = () => z.string().regex(/^[0-9a-f]{64}$/, '32 bytes in lower-case hexadecimal');
export const bytes32 = bytesOf32();
/** A compressed secp256k1 point. */
export const publicKey = z.string().regex(/^0[23][0-9a-f]{64}$/, '33 bytes in lower-case hexadecimal');
/** As block explorers show it (reversed). */
export const txid = bytesOf32();
export const channelId = bytesOf32();
export const shortChannelId = z
  .string()
  .regex(/^[0-9]{1,8}x[0-9]{1,8}x[0-9]{1,5}$/, 'block x transaction x output');
export const feeratePerKw = z.number().int().min(0).max(0xffff_ffff);
export const seconds = z.number().int().min(0).max(0xffff_ffff);
export const blockCount = z.number().int().min(0).max(0xffff_ffff);
const port = z.number().int().min(1).max(65_535);
const text = z.string().max(4096);

export const nothing = z.strictObject({});

export const info = z.strictObject({
  publicKey,
  alias: text.optional(),
  /** What the program says of itself. */
  version: text,
  height: blockCount,
  /** Absent where the program names heights only. */
  blockHash: bytes32.optional(),
  /** Features that it offers in init, as on the wire. Absent where the program does not tell them. */
  features: bytes.optional(),
  /** The feerate in force for a commitment transaction of a channel that it opens now. */
  feeratePerKw,
});

export const utxo = z.strictObject({
  txid,
  vout: z.number().int().min(0),
  amountSat: amount,
  confirmations: blockCount,
  address: text,
});

export const connectedPeer = z.strictObject({
  publicKey,
  /** Features of the peer's init, as on the wire. Absent where the program does not list them. */
  features: bytes.optional(),
  /** Absent where the program does not say who dialled. */
  inbound: z.boolean().optional(),
  host: text.optional(),
  port: port.optional(),
});

export const endpoint = z.strictObject({ publicKey, host: text, port });

export const pendingHtlc = z.strictObject({
  direction: z.enum(['in', 'out']),
  amountMsat: amount,
  paymentHash: bytes32,
  cltvExpiry: blockCount,
});

/**
 * - `pending`: not yet usable for payments (funding not negotiated or not deep enough)
 * - `open`: channel_ready in both directions; payments need `usable`, too (the peer is connected)
 * - `closing`: shutdown was sent or received, or a commitment is on its way into a block
 * - `closed`: the node no longer counts it as a channel; sweeps may still be under way
 */
const channelState = z.enum(['pending', 'open', 'closing', 'closed']);

export const channel = z.strictObject({
  /** The temporary id until there is a funding outpoint. */
  channelId,
  peer: publicKey,
  state: channelState,
  usable: z.boolean(),
  /** Why it was closed, in the node's words. */
  reason: text.optional(),
  opener: z.enum(['local', 'remote']).optional(),
  announced: z.boolean().optional(),
  capacitySat: amount.optional(),
  /** Our balance, reserve included. */
  balanceMsat: amount.optional(),
  /** What can be sent now, and received now. */
  outboundMsat: amount.optional(),
  inboundMsat: amount.optional(),
  fundingTxid: txid.optional(),
  fundingOutputIndex: z.number().int().min(0).optional(),
  closingTxid: txid.optional(),
  confirmations: blockCount.optional(),
  confirmationsRequired: blockCount.optional(),
  shortChannelId: shortChannelId.optional(),
  localAlias: shortChannelId.optional(),
  remoteAlias: shortChannelId.optional(),
  /** channel_type, feature bits as on the wire. */
  channelType: bytes.optional(),
  feeratePerKw: feeratePerKw.optional(),
  /** What we must keep, and what the peer must keep. */
  localReserveSat: amount.optional(),
  remoteReserveSat: amount.optional(),
  localDustLimitSat: amount.optional(),
  remoteDustLimitSat: amount.optional(),
  /** Blocks that our own outputs wait after a force close. */
  toSelfDelay: blockCount.optional(),
  /** Our own policy for forwarding into this channel. */
  feeBaseMsat: amount.optional(),
  feeProportionalMillionths: blockCount.optional(),
  cltvExpiryDelta: blockCount.optional(),
  htlcs: z.array(pendingHtlc).optional(),
});

const failure = z.strictObject({
  /** The node's own word for it. */
  reason: text,
  /** BOLT 4 failure_code, where an onion error was read. */
  failureCode: z.number().int().min(0).max(65_535).optional(),
  erringNode: publicKey.optional(),
  erringShortChannelId: shortChannelId.optional(),
});

export const payment = z.strictObject({
  /** The node's own id for the attempt to pay; stable for as long as it is listed. */
  paymentId: z.string().max(128),
  /** Absent while an offer's invoice has not come. */
  paymentHash: bytes32.optional(),
  state: z.enum(['pending', 'succeeded', 'failed']),
  amountMsat: amount.optional(),
  feeMsat: amount.optional(),
  preimage: bytes32.optional(),
  /** HTLCs that succeeded (multi-part payments have several). */
  parts: z.number().int().min(0).optional(),
  failure: failure.optional(),
});

/** What a call to pay gives back: the outcome, never `pending`. */
export const finishedPayment = payment.extend({ state: z.enum(['succeeded', 'failed']) });

export const hop = z.strictObject({
  /** The node at the end of the hop. */
  publicKey,
  shortChannelId,
  /** What that node receives. */
  amountMsat: amount,
  /** cltv_expiry of the HTLC that it receives, above the current height. */
  cltvDelta: blockCount,
});

export const forward = z.strictObject({
  incomingChannelId: channelId.optional(),
  outgoingChannelId: channelId.optional(),
  state: z.enum(['pending', 'settled', 'failed']),
  outgoingMsat: amount.optional(),
  feeMsat: amount.optional(),
  reason: text.optional(),
});

const graphPolicy = z.strictObject({
  /** Whose policy: the node at the channel's incoming end. */
  from: publicKey,
  enabled: z.boolean(),
  cltvExpiryDelta: blockCount,
  feeBaseMsat: amount,
  feeProportionalMillionths: blockCount,
  htlcMinimumMsat: amount,
  htlcMaximumMsat: amount,
  timestamp: seconds,
});

export const graphChannel = z.strictObject({
  shortChannelId,
  node1: publicKey,
  node2: publicKey,
  policies: z.array(graphPolicy).max(2),
});

export const graphNode = z.strictObject({
  publicKey,
  alias: text.optional(),
  features: bytes.optional(),
  timestamp: seconds.optional(),
});

export const decoded = z.strictObject({
  kind: z.enum(['bolt11', 'offer', 'invoice-request', 'bolt12-invoice', 'refund']),
  /** The payee of an invoice, the issuer of an offer, the payer of a refund. */
  publicKey: publicKey.optional(),
  paymentHash: bytes32.optional(),
  amountMsat: amount.optional(),
  description: text.optional(),
  descriptionHash: bytes32.optional(),
  expirySeconds: seconds.optional(),
  finalCltvDelta: blockCount.optional(),
  /** Private route hints (BOLT 11 `r`) or blinded paths (BOLT 12). */
  routeHints: z.number().int().min(0).optional(),
  features: bytes.optional(),
});
