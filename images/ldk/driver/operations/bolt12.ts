import { randomBytes } from 'node:crypto';
import * as ldk from 'ldk-0.1.2';
import type { Handlers } from 'boltgrid/driver';
import type { Context } from '../context.ts';
import { updatePayment } from '../payment-events.ts';
import { hex, u64, value } from '../ldk.ts';
import { refuse } from './refuse.ts';

const DEFAULT_REFUND_SECONDS = 3600;

interface Request {
  readonly offer: string;
  readonly amountMsat?: bigint | undefined;
  readonly quantity?: bigint | undefined;
  readonly payerNote?: string | undefined;
}

export function bolt12Operations(context: Context) {
  const { channels, waiters, pump } = context;
  const inSeconds = (seconds: number): bigint => BigInt(Math.floor(Date.now() / 1000) + seconds);

  /** Asks the offer's issuer for an invoice; what is done with it is decided when it comes. */
  const request = (
    id: Uint8Array,
    { offer, amountMsat, quantity, payerNote }: Request,
    feeLimitMsat?: bigint,
  ): void => {
    const note =
      payerNote === undefined
        ? ldk.Option_StrZ.constructor_none()
        : ldk.Option_StrZ.constructor_some(payerNote);
    value(
      'offer',
      channels.pay_for_offer(
        value('offer', ldk.Offer.constructor_from_str(offer)),
        u64(quantity),
        u64(amountMsat),
        note,
        id,
        ldk.Retry.constructor_attempts(1),
        u64(feeLimitMsat),
      ),
      ldk.Bolt12SemanticError,
    );
    pump();
  };

  return {
    offer: ({ expirySeconds, ...rest }) => {
      refuse(rest);
      const expiry = u64(expirySeconds === undefined ? undefined : inSeconds(expirySeconds));
      const builder = value<ldk.OfferWithDerivedMetadataBuilder>(
        'offer',
        channels.create_offer_builder(expiry),
        ldk.Bolt12SemanticError,
      );
      const offer = value<ldk.Offer>('offer', builder.build(), ldk.Bolt12SemanticError);
      return Promise.resolve({ offer: offer.to_str() });
    },

    fetchInvoice: async (params) => {
      const id = Uint8Array.from(randomBytes(32));
      const invoice = waiters.invoices.wait(hex(id));
      request(id, params);
      return invoice;
    },

    payOffer: async ({ feeLimitMsat, ...params }) => {
      const id = Uint8Array.from(randomBytes(32));
      const outcome = waiters.payments.wait(hex(id));
      updatePayment(context, hex(id), { state: 'pending' });
      request(id, params, feeLimitMsat);
      return outcome;
    },

    refund: ({ amountMsat, expirySeconds, ...rest }) => {
      refuse(rest);
      const id = Uint8Array.from(randomBytes(32));
      const builder = value<ldk.RefundMaybeWithDerivedMetadataBuilder>(
        'refund',
        channels.create_refund_builder(
          amountMsat,
          inSeconds(expirySeconds ?? DEFAULT_REFUND_SECONDS),
          id,
          ldk.Retry.constructor_attempts(1),
          u64(undefined),
        ),
        ldk.Bolt12SemanticError,
      );
      const refund = value<ldk.Refund>('refund', builder.build(), ldk.Bolt12SemanticError);
      updatePayment(context, hex(id), { state: 'pending', amountMsat });
      pump();
      return Promise.resolve({ refund: refund.to_str(), paymentId: hex(id) });
    },

    redeemRefund: ({ refund }) => {
      const invoice = value<ldk.Bolt12Invoice>(
        'refund',
        channels.request_refund_payment(value('refund', ldk.Refund.constructor_from_str(refund))),
        ldk.Bolt12SemanticError,
      );
      pump();
      return Promise.resolve({ paymentHash: hex(invoice.payment_hash()) });
    },
  } satisfies Handlers;
}
