/**
 * What can be wrong with an invoice that can be read, and what BOLT 11 asks for. A fault of a `reader` rule makes the invoice one that must not
 * (`must`) or should not (`should`) be paid; one of a `writer` rule is the payee's alone.
 */
const INVOICE_RULES = {
  'invoice.prefix': {
    party: 'reader',
    level: 'must',
    requirement: 'BOLT 11, Human-Readable Part: a payment fails whose prefix is not understood',
  },
  'invoice.amount': {
    party: 'reader',
    level: 'must',
    requirement:
      'BOLT 11, Human-Readable Part: an amount is digits, and at most one of the multipliers m, u, n, p after them',
  },
  'invoice.sub-millisatoshi': {
    party: 'reader',
    level: 'must',
    requirement: 'BOLT 11, Human-Readable Part: with the multiplier p, the last digit of the amount is 0',
  },
  'invoice.amount-form': {
    party: 'writer',
    level: 'must',
    requirement: 'BOLT 11, Human-Readable Part: an amount is a positive integer without leading zeros',
  },
  'invoice.amount-length': {
    party: 'writer',
    level: 'should',
    requirement: 'BOLT 11, Human-Readable Part: an amount is written with the largest multiplier',
  },
  'invoice.field-length': {
    party: 'reader',
    level: 'must',
    requirement: 'BOLT 11, Tagged Fields: p, h and s have a data_length of 52, n one of 53',
  },
  'invoice.description': {
    party: 'reader',
    level: 'must',
    requirement: 'BOLT 11, Tagged Fields: an invoice has a d field or an h field, and not both',
  },
  'invoice.payment-secret': {
    party: 'reader',
    level: 'must',
    requirement: 'BOLT 11, Tagged Fields: a payment fails without a valid s field',
  },
  'invoice.unknown-even-feature': {
    party: 'reader',
    level: 'must',
    requirement: 'BOLT 11, Tagged Fields: a payment fails whose invoice sets an unknown even feature bit',
  },
  'invoice.feature-dependency': {
    party: 'reader',
    level: 'must',
    requirement:
      'BOLT 11, Feature Bits: no payment is attempted where a known dependency of a feature is not set',
  },
  'invoice.non-minimal': {
    party: 'reader',
    level: 'should',
    requirement: 'BOLT 11, Tagged Fields: c, x and 9 do not begin with zero',
  },
  'invoice.signature': {
    party: 'reader',
    level: 'must',
    requirement:
      'BOLT 11, Data Part: the signature is valid for the n field, or a public key is recovered from it',
  },
  'invoice.high-s': {
    party: 'reader',
    level: 'must',
    requirement: 'BOLT 11, Tagged Fields: with a valid n field, a payment fails whose signature has a high S',
  },
  'invoice.payment-hash': {
    party: 'writer',
    level: 'must',
    requirement: 'BOLT 11, Tagged Fields: an invoice has exactly one p field',
  },
  'invoice.repeated-field': {
    party: 'writer',
    level: 'must',
    requirement: 'BOLT 11, Tagged Fields: an invoice has one s field, at most one d or h, x and n',
  },
  'invoice.utf8': {
    party: 'writer',
    level: 'must',
    requirement: 'BOLT 11, Tagged Fields: a d field is UTF-8',
  },
  'invoice.padding': {
    party: 'writer',
    level: 'must',
    requirement: 'BOLT 11, Tagged Fields: data is padded to a multiple of 5 bits with zeros, and to no more',
  },
  'invoice.routing-hint': {
    party: 'writer',
    level: 'must',
    requirement: 'BOLT 11, Tagged Fields: an r field has one or more entries of 51 bytes',
  },
  'invoice.fallback-address': {
    party: 'writer',
    level: 'must',
    requirement:
      'BOLT 11, Tagged Fields: an f field has a valid witness program, or 17 or 18 and a hash of 20 bytes',
  },
} as const;

export type InvoiceFaultCode = keyof typeof INVOICE_RULES;

export interface InvoiceFault {
  readonly code: InvoiceFaultCode;
  readonly party: 'reader' | 'writer';
  readonly level: 'must' | 'should';
  readonly requirement: string;
  /** What was found. */
  readonly message: string;
}

export const invoiceFault = (code: InvoiceFaultCode, message: string): InvoiceFault => ({
  code,
  ...INVOICE_RULES[code],
  message,
});
