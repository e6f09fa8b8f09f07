import { randomBytes } from 'node:crypto';
import * as ldk from 'ldk-0.1.2';
import { OperationError, type FinishedPayment, type Handlers, type OperationParams } from 'boltgrid/driver';
import type { Context } from '../context.ts';
import { updatePayment } from '../payment-events.ts';
import { hex, parseScid, u64, unhex, value } from '../ldk.ts';

const ATTEMPTS = 3;
/** BOLT 11's default min_final_cltv_expiry_delta, with room for blocks that come meanwhile. */
const KEYSEND_FINAL_CLTV_DELTA = 40;

/** Paying with BOLT 11, along a given route, and spontaneously. */
export function paymentOperations(context: Context) {
  const { channels, records, waiters, pump } = context;

  /** Registers the payment, lets `send` hand it to LDK, and waits for its outcome. */
  const track = async (
    id: string,
    known: Partial<FinishedPayment>,
    send: () => void,
  ): Promise<FinishedPayment> => {
    const before = records.payments.get(id);
    if (before && before.state !== 'failed')
      throw new OperationError('rejected', `the payment is ${before.state} already`);
    records.payments.delete(id);
    const outcome = waiters.payments.wait(id);
    send();
    updatePayment(context, id, { ...known, state: 'pending' });
    pump();
    return outcome;
  };

  return {
    pay: async ({ invoice: text, amountMsat, feeLimitMsat, maxParts }) => {
      const invoice = value<ldk.Bolt11Invoice>('invoice', ldk.Bolt11Invoice.constructor_from_str(text));
      const { hash, onion, route } = invoiceRoute(invoice, amountMsat);
      limit(route, feeLimitMsat, maxParts);
      const paymentHash = hex(hash);
      return track(paymentHash, { paymentHash, amountMsat: route.get_final_value_msat() }, () => {
        const retry = ldk.Retry.constructor_attempts(ATTEMPTS);
        value('pay', channels.send_payment(hash, onion, hash, route, retry), ldk.RetryableSendFailure);
      });
    },

    payRoute: async (params) => {
      const { paymentHash, route: hops } = params;
      const amountMsat = hops.at(-1)?.amountMsat ?? 0n;
      if (params.totalMsat !== undefined && params.totalMsat !== amountMsat) {
        throw new OperationError('not-offered', 'LDK derives total_msat from the route');
      }
      const route = ldk.Route.constructor_new([pathOf(hops)], routeParameters(hops, amountMsat));
      return track(paymentHash, { paymentHash, amountMsat }, () => {
        const hash = unhex(paymentHash);
        value(
          'payRoute',
          channels.send_payment_with_route(route, hash, onionOf(params), hash),
          ldk.RetryableSendFailure,
        );
      });
    },

    keysend: async ({ publicKey, amountMsat, feeLimitMsat, preimage, customRecords }) => {
      const secret = preimage === undefined ? randomBytes(32) : unhex(preimage);
      const id = randomBytes(32);
      const payee = ldk.PaymentParameters.constructor_for_keysend(
        unhex(publicKey),
        KEYSEND_FINAL_CLTV_DELTA,
        false,
      );
      const route = ldk.RouteParameters.constructor_from_payment_params_and_value(payee, amountMsat);
      limit(route, feeLimitMsat, undefined);
      const records = Object.entries(customRecords ?? {})
        .map(([type, record]) => ({ type: BigInt(type), record }))
        .sort((a, b) => (a.type < b.type ? -1 : 1))
        .map(({ type, record }) => ldk.TwoTuple_u64CVec_u8ZZ.constructor_new(type, unhex(record)));
      const onion = value<ldk.RecipientOnionFields>(
        'customRecords',
        ldk.RecipientOnionFields.constructor_spontaneous_empty().with_custom_tlvs(records),
      );
      return track(hex(id), { amountMsat }, () => {
        const given = ldk.Option_ThirtyTwoBytesZ.constructor_some(Uint8Array.from(secret));
        const retry = ldk.Retry.constructor_attempts(ATTEMPTS);
        value(
          'keysend',
          channels.send_spontaneous_payment(given, onion, Uint8Array.from(id), route, retry),
          ldk.RetryableSendFailure,
        );
      });
    },

    payments: () => Promise.resolve({ payments: [...records.payments.values()] }),
    forwards: () => Promise.resolve({ forwards: [...records.forwards] }),
  } satisfies Handlers;
}

function invoiceRoute(
  invoice: ldk.Bolt11Invoice,
  amountMsat: bigint | undefined,
): { hash: Uint8Array; onion: ldk.RecipientOnionFields; route: ldk.RouteParameters } {
  const hasAmount = 'some' in invoice.amount_milli_satoshis();
  if (hasAmount && amountMsat !== undefined)
    throw new OperationError('rejected', 'the invoice has an amount');
  if (!hasAmount && amountMsat === undefined)
    throw new OperationError('rejected', 'the invoice has no amount');
  const parameters = value<ldk.ThreeTuple_ThirtyTwoBytesRecipientOnionFieldsRouteParametersZ>(
    'invoice',
    amountMsat === undefined
      ? ldk.UtilMethods.constructor_payment_parameters_from_invoice(invoice)
      : ldk.UtilMethods.constructor_payment_parameters_from_variable_amount_invoice(invoice, amountMsat),
  );
  return { hash: parameters.get_a(), onion: parameters.get_b(), route: parameters.get_c() };
}

/** Getters give copies, so what they give is set back. */
function limit(
  route: ldk.RouteParameters,
  feeLimitMsat: bigint | undefined,
  maxParts: number | undefined,
): void {
  if (feeLimitMsat !== undefined) route.set_max_total_routing_fee_msat(u64(feeLimitMsat));
  if (maxParts === undefined) return;
  const payment = route.get_payment_params();
  payment.set_max_path_count(maxParts);
  route.set_payment_params(payment);
}

type Hops = OperationParams<'payRoute'>['route'];

/** LDK's hops carry what each node takes and subtracts; the last one, what arrives. */
function pathOf(hops: Hops): ldk.Path {
  const path = hops.map((hop, i) => {
    const next = hops[i + 1];
    return ldk.RouteHop.constructor_new(
      unhex(hop.publicKey),
      ldk.NodeFeatures.constructor_empty(),
      parseScid(hop.shortChannelId),
      ldk.ChannelFeatures.constructor_empty(),
      next ? hop.amountMsat - next.amountMsat : hop.amountMsat,
      next ? hop.cltvDelta - next.cltvDelta : hop.cltvDelta,
      true,
    );
  });
  return ldk.Path.constructor_new(path, null);
}

function routeParameters(hops: Hops, amountMsat: bigint): ldk.RouteParameters {
  const last = hops.at(-1);
  const payee = ldk.PaymentParameters.constructor_from_node_id(
    unhex(last?.publicKey ?? ''),
    last?.cltvDelta ?? 0,
  );
  return ldk.RouteParameters.constructor_from_payment_params_and_value(payee, amountMsat);
}

function onionOf({ paymentSecret, metadata }: OperationParams<'payRoute'>): ldk.RecipientOnionFields {
  const onion =
    paymentSecret === undefined
      ? ldk.RecipientOnionFields.constructor_spontaneous_empty()
      : ldk.RecipientOnionFields.constructor_secret_only(unhex(paymentSecret));
  if (metadata !== undefined) {
    onion.set_payment_metadata(ldk.Option_CVec_u8ZZ.constructor_some(unhex(metadata)));
  }
  return onion;
}
