import { decodeInvoice, type Invoice, parseInvoice } from '../../channel/invoice/decode.ts';
import { encodeInvoice, signWith } from '../../channel/invoice/encode.ts';
import type { InvoiceField } from '../../channel/invoice/types.ts';
import { equalBytes, fromHex, toHex } from '../../core/bytes.ts';
import { BoltgridError } from '../../core/error.ts';
import { defaultCrypto } from '../../crypto/crypto.ts';
import type { ChannelDesk } from '../../reference/channels/desk.ts';
import type { PaymentAsked, RouteHop } from '../../reference/channels/paying.ts';
import type { ForwardRecord, PaymentRecord } from '../../reference/channels/state.ts';
import { encodeFeatures } from '../../wire/features.ts';
import type { FinishedPayment, OperationParams, Payment } from '../operations.ts';
import { idOf } from './channels.ts';
import type { Performers } from './performers.ts';

const DEFAULT_EXPIRY_SECONDS = 3600;
const DEFAULT_FINAL_CLTV_DELTA = 18;
/** var_onion_optin, payment_secret, basic_mpp: all that payers of it must, or may, use. */
const INVOICE_FEATURES = [8, 14, 17];

/** The record of a spontaneous payment that holds its preimage: in use everywhere, in no BOLT. */
const KEYSEND_PREIMAGE = 5_482_373_484n;

export const PAYMENT_PERFORMERS: Performers = {
  invoice: ({ desk }, params) => {
    const preimage = desk.keys.bytes(`preimage ${desk.channels.state.secretCount++}`);
    return issue(desk, params, defaultCrypto.hashes.sha256(preimage), preimage);
  },
  holdInvoice: ({ desk }, params) => issue(desk, params, fromHex(params.paymentHash)),
  invoiceStatus: ({ desk }, { paymentHash }) => {
    const { status, parts, preimage, isHold } = desk.htlcs.receiving.invoice(paymentHash);
    const receivedMsat = parts.reduce((sum, { amountMsat }) => sum + amountMsat, 0n);
    return {
      state: status,
      ...(receivedMsat > 0n && { receivedMsat }),
      ...(preimage && (!isHold || status === 'paid') && { preimage: toHex(preimage) }),
    };
  },
  settle: ({ desk }, { preimage }) => {
    desk.htlcs.receiving.settle(fromHex(preimage));
    return {};
  },
  cancel: ({ desk }, { paymentHash }) => {
    desk.htlcs.receiving.cancel(paymentHash);
    return {};
  },
  pay: async ({ desk }, { invoice: text, amountMsat }) => {
    const invoice = parseInvoice(text);
    return finished(await desk.paying.pay(askedBy(desk, invoice, amountMsat)));
  },
  payRoute: async ({ desk }, { route, paymentHash, paymentSecret, metadata, totalMsat }) => {
    const last = route.at(-1);
    return finished(
      await desk.paying.pay({
        paymentHash: fromHex(paymentHash),
        route: route.map((hop) => ({
          publicKey: fromHex(hop.publicKey),
          short_channel_id: hop.shortChannelId,
          amountMsat: hop.amountMsat,
          cltvDelta: hop.cltvDelta,
        })),
        final: {
          ...(paymentSecret !== undefined && {
            payment_data: {
              payment_secret: fromHex(paymentSecret),
              total_msat: totalMsat ?? last?.amountMsat ?? 0n,
            },
          }),
          ...(metadata !== undefined && { payment_metadata: { payment_metadata: fromHex(metadata) } }),
        },
      }),
    );
  },
  keysend: async ({ desk }, { publicKey, amountMsat, preimage, customRecords = {} }) => {
    const secret =
      preimage === undefined
        ? desk.keys.bytes(`keysend ${desk.channels.state.secretCount++}`)
        : fromHex(preimage);
    const own = Object.entries(customRecords).map(([type, value]) => ({
      type: BigInt(type),
      value: fromHex(value),
    }));
    return finished(
      await desk.paying.pay({
        paymentHash: defaultCrypto.hashes.sha256(secret),
        route: [
          {
            publicKey: fromHex(publicKey),
            short_channel_id: '0x0x0',
            amountMsat,
            cltvDelta: DEFAULT_FINAL_CLTV_DELTA + 1,
          },
        ],
        final: {
          unknown: [...own, { type: KEYSEND_PREIMAGE, value: secret }].sort((a, b) =>
            a.type < b.type ? -1 : 1,
          ),
        },
      }),
    );
  },
  decode: (_node, { text }) => {
    const invoice = decodeInvoice(text);
    const { payee, payment_hash, amount_msat, description, description_hash } = invoice;
    return {
      kind: 'bolt11',
      ...(payee && { publicKey: toHex(payee) }),
      ...(payment_hash && { paymentHash: toHex(payment_hash) }),
      ...(amount_msat !== undefined && { amountMsat: amount_msat }),
      ...(description !== undefined && { description }),
      ...(description_hash && { descriptionHash: toHex(description_hash) }),
      expirySeconds: Number(invoice.expiry),
      finalCltvDelta: Number(invoice.min_final_cltv_expiry_delta),
      routeHints: invoice.routing_hints.length,
      features: toHex(encodeFeatures(invoice.features)),
    };
  },
  payments: ({ desk }) => ({ payments: desk.channels.state.payments.map(describe) }),
  forwards: ({ desk }) => ({
    forwards: desk.channels.state.forwards.map((each) => describeForward(desk, each)),
  }),
};

type InvoiceParams = OperationParams<'invoice'>;

function issue(desk: ChannelDesk, params: InvoiceParams, paymentHash: Uint8Array, preimage?: Uint8Array) {
  const {
    amountMsat,
    finalCltvDelta = DEFAULT_FINAL_CLTV_DELTA,
    expirySeconds = DEFAULT_EXPIRY_SECONDS,
  } = params;
  const { privateHints = true, metadata } = params;
  const timestamp = desk.now();
  const paymentSecret = desk.keys.bytes(`payment secret ${desk.channels.state.secretCount++}`);
  const paymentMetadata = metadata === undefined ? undefined : fromHex(metadata);
  desk.htlcs.receiving.expect({
    paymentHash,
    paymentSecret,
    paymentMetadata,
    ...(preimage && { preimage }),
    isHold: preimage === undefined,
    amountMsat,
    minFinalCltvExpiryDelta: finalCltvDelta,
    expiresAt: timestamp + expirySeconds,
    status: 'unpaid',
    parts: [],
  });
  const fields: InvoiceField[] = [
    { name: 'payment_hash', value: paymentHash },
    { name: 'payment_secret', value: paymentSecret },
    params.descriptionHash === undefined
      ? { name: 'description', value: params.description ?? '' }
      : { name: 'description_hash', value: fromHex(params.descriptionHash) },
    { name: 'expiry', value: BigInt(expirySeconds) },
    { name: 'min_final_cltv_expiry_delta', value: BigInt(finalCltvDelta) },
    ...(paymentMetadata ? [{ name: 'payment_metadata', value: paymentMetadata } as const] : []),
    { name: 'features', value: [...INVOICE_FEATURES, ...(paymentMetadata ? [48] : [])] },
    ...(privateHints ? hintsOf(desk) : []),
  ];
  const invoice = encodeInvoice(
    { currency: 'bcrt', ...(amountMsat !== undefined && { amount_msat: amountMsat }), timestamp, fields },
    signWith(desk.keys.nodeKey),
  );
  return { invoice, paymentHash: toHex(paymentHash) };
}

/** By the alias that the peer gave, so that it knows the channel by it (bolt02-channel-ready-14). */
function hintsOf(desk: ChannelDesk): InvoiceField[] {
  return desk.channels.all().flatMap(({ peer, channel }): InvoiceField[] => {
    if (channel.name !== 'live' || channel.readying.name !== 'open') return [];
    const { aliases, short_channel_id, commitments } = channel.readying;
    const name = aliases.remote[0] ?? short_channel_id;
    if (commitments.terms.announce || name === undefined) return [];
    const hop = {
      pubkey: peer,
      short_channel_id: name,
      fee_base_msat: 1000,
      fee_proportional_millionths: 10,
      cltv_expiry_delta: 40,
    };
    return [{ name: 'routing_hint', value: [hop] }];
  });
}

/** The payee is a peer of ours, or an invoice's hint begins at one. */
function askedBy(desk: ChannelDesk, invoice: Invoice, given?: bigint): PaymentAsked {
  const { payee, payment_hash, payment_secret, payment_metadata, routing_hints } = invoice;
  const amountMsat = invoice.amount_msat ?? given;
  if (!payee || !payment_hash || !payment_secret || amountMsat === undefined)
    throw new BoltgridError('reference.no-amount', 'user', 'there is no amount to pay');
  if (BigInt(desk.now()) > BigInt(invoice.timestamp) + invoice.expiry)
    throw new BoltgridError('reference.expired', 'user', 'the invoice has expired');
  const cltvDelta = Number(invoice.min_final_cltv_expiry_delta) + 1;
  const final = {
    payment_data: { payment_secret, total_msat: amountMsat },
    ...(payment_metadata && { payment_metadata: { payment_metadata } }),
  };
  const last: RouteHop = { publicKey: payee, short_channel_id: '0x0x0', amountMsat, cltvDelta };
  const isPeer = (key: Uint8Array): boolean => desk.channels.all().some(({ peer }) => equalBytes(peer, key));
  if (isPeer(payee)) return { paymentHash: payment_hash, route: [last], final };
  const [hint] = routing_hints.flatMap(([first, ...more]) =>
    first && more.length === 0 && isPeer(first.pubkey) ? [first] : [],
  );
  if (!hint) throw new BoltgridError('reference.no-route', 'user', 'no channel leads there');
  const fee =
    BigInt(hint.fee_base_msat) + (amountMsat * BigInt(hint.fee_proportional_millionths)) / 1_000_000n;
  const first: RouteHop = {
    publicKey: hint.pubkey,
    short_channel_id: '0x0x0',
    amountMsat: amountMsat + fee,
    cltvDelta: cltvDelta + hint.cltv_expiry_delta,
  };
  const route = [first, { ...last, short_channel_id: hint.short_channel_id }];
  return { paymentHash: payment_hash, route, final };
}

const describe = (payment: PaymentRecord): Payment => ({
  paymentId: payment.paymentId,
  paymentHash: toHex(payment.paymentHash),
  state: payment.state,
  amountMsat: payment.amountMsat,
  feeMsat: payment.feeMsat,
  ...(payment.preimage && { preimage: toHex(payment.preimage), parts: 1 }),
  ...(payment.failure && {
    failure: {
      reason: payment.failure.reason,
      ...(payment.failure.failureCode !== undefined && { failureCode: payment.failure.failureCode }),
      ...(payment.failure.erringNode && { erringNode: toHex(payment.failure.erringNode) }),
    },
  }),
});

const finished = (payment: PaymentRecord): FinishedPayment => ({
  ...describe(payment),
  state: payment.state === 'succeeded' ? 'succeeded' : 'failed',
});

function describeForward(
  desk: ChannelDesk,
  { from, to, state, outgoingMsat, feeMsat, reason }: ForwardRecord,
) {
  const idOfNumber = (number: number | undefined): string | undefined => {
    const held = desk.channels.all().find((each) => each.number === number);
    return held && idOf(held);
  };
  const [incomingChannelId, outgoingChannelId] = [idOfNumber(from), idOfNumber(to)];
  return {
    ...(incomingChannelId !== undefined && { incomingChannelId }),
    ...(outgoingChannelId !== undefined && { outgoingChannelId }),
    state,
    outgoingMsat,
    feeMsat: feeMsat < 0n ? 0n : feeMsat,
    ...(reason !== undefined && { reason }),
  };
}
