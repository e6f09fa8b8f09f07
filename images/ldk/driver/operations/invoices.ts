import * as ldk from 'ldk-0.1.2';
import { OperationError, sha256, type Decoded, type Handlers, type OperationParams } from 'boltgrid/driver';
import type { Context } from '../context.ts';
import { hex, some, u16, u32, u64, unhex, value } from '../ldk.ts';
import { refuse } from './refuse.ts';

type InvoiceParams = Omit<OperationParams<'holdInvoice'>, 'paymentHash'>;

/** Receiving: BOLT 11 invoices and held payments; and reading strings of either BOLT. */
export function invoiceOperations(context: Context) {
  const { channels, records, pump } = context;

  const issue = (params: InvoiceParams, paymentHash?: string): { invoice: string; paymentHash: string } => {
    const made = value<ldk.Bolt11Invoice>(
      'invoice',
      channels.create_bolt11_invoice(
        u64(params.amountMsat),
        describe(params),
        u32(params.expirySeconds),
        u16(params.finalCltvDelta),
        paymentHash === undefined
          ? ldk.Option_ThirtyTwoBytesZ.constructor_none()
          : ldk.Option_ThirtyTwoBytesZ.constructor_some(unhex(paymentHash)),
      ),
      ldk.CreationError,
    );
    const hash = hex(made.payment_hash());
    records.invoices.set(hash, { state: 'unpaid' });
    records.changed();
    records.save();
    return { invoice: made.to_str(), paymentHash: hash };
  };

  const invoice = (paymentHash: string) => {
    const found = records.invoices.get(paymentHash);
    if (!found) throw new OperationError('rejected', `no invoice for ${paymentHash}`);
    return found;
  };

  return {
    invoice: ({ privateHints, metadata, ...params }) => {
      refuse({ privateHints, metadata });
      return Promise.resolve(issue(params));
    },

    holdInvoice: ({ paymentHash, ...params }) => {
      if (records.invoices.has(paymentHash)) throw new OperationError('rejected', 'the hash is used already');
      return Promise.resolve(issue(params, paymentHash));
    },

    invoiceStatus: ({ paymentHash }) => Promise.resolve({ ...invoice(paymentHash) }),

    settle: ({ preimage }) => {
      const paymentHash = hex(sha256(unhex(preimage)));
      if (invoice(paymentHash).state !== 'held') throw new OperationError('not-ready', 'nothing is held');
      channels.claim_funds(unhex(preimage));
      pump();
      return Promise.resolve({});
    },

    cancel: ({ paymentHash }) => {
      const record = invoice(paymentHash);
      if (record.state === 'paid') throw new OperationError('rejected', 'it is paid');
      if (record.state === 'held') channels.fail_htlc_backwards(unhex(paymentHash));
      records.invoices.set(paymentHash, { state: 'cancelled' });
      records.changed();
      pump();
      return Promise.resolve({});
    },

    decode: ({ text }) => Promise.resolve(decode(text)),
  } satisfies Handlers;
}

function describe({ description, descriptionHash }: InvoiceParams): ldk.Bolt11InvoiceDescription {
  if (descriptionHash !== undefined) {
    return ldk.Bolt11InvoiceDescription.constructor_hash(
      ldk.Sha256.constructor_from_bytes(unhex(descriptionHash)),
    );
  }
  const direct = ldk.Description.constructor_new(description ?? '');
  return ldk.Bolt11InvoiceDescription.constructor_direct(value('description', direct, ldk.CreationError));
}

function decode(text: string): Decoded {
  const prefix = text.toLowerCase();
  if (prefix.startsWith('lno1')) return offerFields(value('offer', ldk.Offer.constructor_from_str(text)));
  if (prefix.startsWith('lnr1')) return refundFields(value('refund', ldk.Refund.constructor_from_str(text)));
  return invoiceFields(value('invoice', ldk.Bolt11Invoice.constructor_from_str(text)));
}

function invoiceFields(invoice: ldk.Bolt11Invoice): Decoded {
  const amountMsat = some<bigint>(invoice.amount_milli_satoshis());
  const description = invoice.into_signed_raw().raw_invoice().description() as ldk.Description | null;
  return {
    kind: 'bolt11',
    publicKey: hex(invoice.recover_payee_pub_key()),
    paymentHash: hex(invoice.payment_hash()),
    ...(amountMsat !== undefined && { amountMsat }),
    ...(description && { description: description.to_str() }),
    expirySeconds: Number(invoice.expiry_time()),
    finalCltvDelta: Number(invoice.min_final_cltv_expiry_delta()),
    routeHints: invoice.private_routes().length,
  };
}

function offerFields(offer: ldk.Offer): Decoded {
  const issuer = offer.issuer_signing_pubkey() as Uint8Array | null;
  const amount = some<ldk.Amount>(offer.amount());
  const description = offer.description() as ldk.PrintableString | null;
  return {
    kind: 'offer',
    ...(issuer?.length === 33 && { publicKey: hex(issuer) }),
    ...(amount instanceof ldk.Amount_Bitcoin && { amountMsat: amount.amount_msats }),
    ...(description && { description: description.get_a() }),
    routeHints: offer.paths().length,
  };
}

function refundFields(refund: ldk.Refund): Decoded {
  return {
    kind: 'refund',
    publicKey: hex(refund.payer_signing_pubkey()),
    amountMsat: refund.amount_msats(),
    description: refund.description().get_a(),
    routeHints: refund.paths().length,
  };
}
