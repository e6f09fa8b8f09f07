import type { AddHtlc } from '../../channel/state/ledger.ts';
import { toHex } from '../../core/bytes.ts';
import { BoltgridError } from '../../core/error.ts';
import { defaultCrypto } from '../../crypto/crypto.ts';
import type { ForFinal } from '../rules/htlcs.ts';
import type { Htlcs, HtlcsHost } from './htlcs.ts';
import type { HtlcPlace, InvoiceRecord } from './state.ts';

/** Payments to the node: invoices, and the HTLCs that come in for them. */
export class Receiving {
  readonly #host: HtlcsHost;
  readonly #htlcs: Pick<Htlcs, 'fulfill' | 'fail' | 'held'>;

  constructor(host: HtlcsHost, htlcs: Pick<Htlcs, 'fulfill' | 'fail' | 'held'>) {
    this.#host = host;
    this.#htlcs = htlcs;
  }

  /** Throws `reference.known-hash` for a hash that has an invoice already. */
  expect(invoice: InvoiceRecord): void {
    const { invoices } = this.#host.state();
    const hash = toHex(invoice.paymentHash);
    if (invoices.has(hash))
      throw new BoltgridError('reference.known-hash', 'user', 'there is such an invoice');
    invoices.set(hash, invoice);
  }

  /** Throws `reference.unknown-hash`. */
  invoice(paymentHash: string): InvoiceRecord {
    const invoice = this.#host.state().invoices.get(paymentHash);
    if (!invoice) throw new BoltgridError('reference.unknown-hash', 'user', 'there is no such invoice');
    return invoice;
  }

  /** An HTLC whose onion ends here. */
  take(place: HtlcPlace, add: AddHtlc, told: ForFinal): void {
    const { rules } = this.#host;
    const invoice = this.#host.state().invoices.get(toHex(add.payment_hash));
    const failure = rules.htlcs.final(told, add, invoice, this.#host.situation());
    if (failure || !invoice) {
      const { amount_msat: htlc_msat } = add;
      const { height } = this.#host.situation();
      this.#htlcs.fail(
        place,
        failure ?? { name: 'incorrect_or_unknown_payment_details', fields: { htlc_msat, height } },
      );
      return;
    }
    invoice.totalMsat = told.total_msat;
    invoice.parts = [...invoice.parts, { ...place, amountMsat: add.amount_msat }];
    if (!rules.htlcs.isComplete(invoice)) return;
    invoice.status = 'held';
    if (rules.htlcs.settles(invoice) && invoice.preimage) this.#settle(invoice, invoice.preimage);
  }

  /** Throws `reference.unknown-hash`, `reference.nothing-held`. */
  settle(preimage: Uint8Array): void {
    const invoice = this.invoice(toHex(defaultCrypto.hashes.sha256(preimage)));
    if (invoice.status !== 'held')
      throw new BoltgridError('reference.nothing-held', 'user', 'nothing is held for it');
    this.#settle(invoice, preimage);
  }

  /** Fails what is held; an invoice that is not paid yet is void. */
  cancel(paymentHash: string): void {
    const invoice = this.invoice(paymentHash);
    if (invoice.status === 'paid') return;
    invoice.status = 'cancelled';
    this.#giveBack(invoice);
  }

  /** HTLCs that are near their expiry are given back, so that their channels need not be closed. */
  atHeight(height: number): void {
    for (const invoice of this.#host.state().invoices.values())
      if (invoice.parts.some((part) => this.#isNearExpiry(part, height)) && invoice.status !== 'paid') {
        if (invoice.status === 'held' && invoice.isHold) invoice.status = 'cancelled';
        else invoice.status = 'unpaid';
        this.#giveBack(invoice);
      }
  }

  #isNearExpiry(place: HtlcPlace, height: number): boolean {
    const add = this.#htlcs.held(place)?.incoming.get(place.id)?.add;
    return add !== undefined && height >= add.cltv_expiry - this.#host.rules.htlcs.givesUpBefore(add);
  }

  #settle(invoice: InvoiceRecord, preimage: Uint8Array): void {
    invoice.status = 'paid';
    invoice.preimage = preimage;
    for (const part of invoice.parts) this.#htlcs.fulfill(part, preimage);
  }

  #giveBack(invoice: InvoiceRecord): void {
    const { parts } = invoice;
    invoice.parts = [];
    delete invoice.totalMsat;
    const { height } = this.#host.situation();
    for (const part of parts)
      this.#htlcs.fail(part, {
        name: 'incorrect_or_unknown_payment_details',
        fields: { htlc_msat: part.amountMsat, height },
      });
  }
}
