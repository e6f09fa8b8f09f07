import { bech32 } from '@scure/base';
import { describe, expect, it } from 'vitest';
import { decodeInvoice, parseInvoice, type Invoice } from '../../../src/channel/invoice/decode.ts';
import { encodeInvoice, signWith } from '../../../src/channel/invoice/encode.ts';
import type { InvoiceField, KnownField, UnsignedInvoice } from '../../../src/channel/invoice/types.ts';
import { defaultCrypto } from '../../../src/crypto/crypto.ts';
import { codeOf } from '../../crypto/code-of.ts';

const privateKey = new Uint8Array(32).fill(6);
const nodeId = defaultCrypto.curve.publicKey(privateKey);
const sign = signWith(privateKey);

const payment_hash: KnownField = { name: 'payment_hash', value: new Uint8Array(32).fill(1) };
const payment_secret: KnownField = { name: 'payment_secret', value: new Uint8Array(32).fill(2) };
const description: KnownField = { name: 'description', value: 'coffee' };
const fields: readonly InvoiceField[] = [payment_hash, payment_secret, description];
const base: UnsignedInvoice = { currency: 'bcrt', timestamp: 1_700_000_000, fields };

const decodedOf = (changes: Partial<UnsignedInvoice>): Invoice =>
  decodeInvoice(encodeInvoice({ ...base, ...changes }, sign));
const faultsOf = (...more: readonly InvoiceField[]): string[] =>
  decodedOf({ fields: [...fields, ...more] }).faults.map(({ code }) => code);

describe('faults', () => {
  it('there are none in the least invoice', () => {
    expect(faultsOf()).toEqual([]);
    expect(decodedOf({})).toMatchObject({ expiry: 3600n, min_final_cltv_expiry_delta: 18n, features: [] });
  });

  it.each<readonly [string, readonly InvoiceField[], readonly string[]]>([
    ['a p field twice', [payment_hash], ['invoice.payment-hash']],
    ['an s field twice', [payment_secret], ['invoice.repeated-field']],
    ['a d field twice', [description], ['invoice.repeated-field']],
    ['d and h', [{ name: 'description_hash', value: new Uint8Array(32) }], ['invoice.description']],
    [
      'h of 51 words',
      [{ name: undefined, type: 23, words: Array<number>(51).fill(0) }],
      ['invoice.field-length'],
    ],
    [
      'n of 54 words',
      [{ name: undefined, type: 19, words: Array<number>(54).fill(0) }],
      ['invoice.field-length'],
    ],
    ['x with a zero before it', [{ name: 'expiry', value: 60n, words: [0, 1, 28] }], ['invoice.non-minimal']],
    [
      'c of zero in a word',
      [{ name: 'min_final_cltv_expiry_delta', value: 0n, words: [0] }],
      ['invoice.non-minimal'],
    ],
    [
      '9 with a zero before it',
      [{ name: 'features', value: [8], words: [0, 8, 0] }],
      ['invoice.non-minimal'],
    ],
    ['feature 100', [{ name: 'features', value: [8, 14, 100] }], ['invoice.unknown-even-feature']],
    ['feature 101', [{ name: 'features', value: [8, 14, 101] }], []],
    ['zero conf without alias', [{ name: 'features', value: [50] }], ['invoice.feature-dependency']],
    ['text that is no UTF-8', [{ name: 'payment_metadata', value: Uint8Array.of(255) }], []],
    [
      'padding that is not zero',
      [{ name: 'payment_metadata', value: Uint8Array.of(255), words: [31, 29] }],
      ['invoice.padding'],
    ],
    [
      'padding of a whole word',
      [{ name: 'payment_metadata', value: Uint8Array.of(255), words: [31, 28, 0] }],
      ['invoice.padding'],
    ],
    [
      'an r field of half an entry',
      [{ name: undefined, type: 3, words: Array<number>(40).fill(1) }],
      ['invoice.routing-hint'],
    ],
    ['an r field of nothing', [{ name: undefined, type: 3, words: [] }], ['invoice.routing-hint']],
    ['an f field of version 19', [{ name: undefined, type: 9, words: [19, 1, 2] }], []],
    [
      'a key hash of 32 bytes',
      [{ name: 'fallback_address', value: { version: 17, program: new Uint8Array(32) } }],
      ['invoice.fallback-address'],
    ],
    ['an f field of nothing', [{ name: undefined, type: 9, words: [] }], []],
  ])('%s', (_, more, codes) => {
    expect(faultsOf(...more)).toEqual(codes);
  });

  it('of missing fields', () => {
    const codes = decodedOf({ fields: [] }).faults.map(({ code }) => code);
    expect(codes).toEqual(['invoice.payment-hash', 'invoice.payment-secret', 'invoice.description']);
  });

  it('of a description that is no UTF-8', () => {
    const bad: InvoiceField = { name: undefined, type: 13, words: [31, 31] };
    const decoded = decodedOf({ fields: [payment_hash, payment_secret, bad] });
    expect(decoded.faults.map(({ code }) => code)).toEqual(['invoice.padding', 'invoice.utf8']);
    expect(decoded.description).toBe('\ufffd');
  });

  it('of a currency that is none', () => {
    expect(decodedOf({ currency: 'xy' }).faults.map(({ code }) => code)).toEqual(['invoice.prefix']);
  });

  it('of a signature that is not of the n field', () => {
    const other: InvoiceField = {
      name: 'payee',
      value: defaultCrypto.curve.publicKey(new Uint8Array(32).fill(8)),
    };
    expect(faultsOf(other)).toEqual(['invoice.signature']);
    expect(faultsOf({ name: 'payee', value: nodeId })).toEqual([]);
  });

  it('an n field that is no point counts for nothing', () => {
    const bad: InvoiceField = { name: undefined, type: 19, words: bech32.toWords(new Uint8Array(33)) };
    const decoded = decodedOf({ fields: [...fields, bad] });
    expect(decoded.faults).toEqual([]);
    expect(decoded.payee).toEqual(nodeId);
  });

  it('of readers are thrown by parse with their requirement, those of writers are not', () => {
    const text = encodeInvoice({ ...base, fields: [payment_hash, description] }, sign);
    expect(codeOf(() => parseInvoice(text))).toBe('invoice.payment-secret');
    const twice = encodeInvoice({ ...base, fields: [...fields, payment_hash] }, sign);
    expect(parseInvoice(twice).faults).toMatchObject([{ code: 'invoice.payment-hash', party: 'writer' }]);
  });
});
