import { bech32 } from '@scure/base';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isBoltgridError } from '../../../src/core/error.ts';
import { decodeInvoice, type Invoice } from '../../../src/channel/invoice/decode.ts';
import { encodeInvoice, signWith } from '../../../src/channel/invoice/encode.ts';
import type { InvoiceField, KnownField, UnsignedInvoice } from '../../../src/channel/invoice/types.ts';
import { defaultCrypto } from '../../../src/crypto/crypto.ts';
import { formatShortChannelId } from '../../../src/wire/short-channel-id.ts';
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

const bytes = (length: number): fc.Arbitrary<Uint8Array> =>
  fc.uint8Array({ minLength: length, maxLength: length });
const u32 = fc.nat(0xffff_ffff);
const word = fc.nat(31);

const routingHop = fc.record({
  pubkey: bytes(33),
  short_channel_id: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }).map(formatShortChannelId),
  fee_base_msat: u32,
  fee_proportional_millionths: u32,
  cltv_expiry_delta: fc.nat(0xffff),
});
const hash20 = bytes(20);
const fallbacks = fc.oneof(
  fc.record({ version: fc.constantFrom(17, 18, 0), program: hash20 }),
  fc.record({ version: fc.constantFrom(0, 1), program: bytes(32) }),
  fc.record({
    version: fc.integer({ min: 1, max: 16 }),
    program: fc.uint8Array({ minLength: 2, maxLength: 40 }),
  }),
);
const anyField: fc.Arbitrary<InvoiceField> = fc.oneof(
  bytes(32).map((value): InvoiceField => ({ name: 'payment_hash', value })),
  bytes(32).map((value): InvoiceField => ({ name: 'payment_secret', value })),
  bytes(32).map((value): InvoiceField => ({ name: 'description_hash', value })),
  fc
    .string({ unit: 'grapheme', maxLength: 60 })
    .map((value): InvoiceField => ({ name: 'description', value })),
  fc.uint8Array({ maxLength: 200 }).map((value): InvoiceField => ({ name: 'payment_metadata', value })),
  fc.constant<InvoiceField>({ name: 'payee', value: nodeId }),
  fc.bigInt({ min: 0n, max: 2n ** 70n }).map((value): InvoiceField => ({ name: 'expiry', value })),
  fc
    .bigInt({ min: 0n, max: 2n ** 40n })
    .map((value): InvoiceField => ({ name: 'min_final_cltv_expiry_delta', value })),
  fallbacks.map((value): InvoiceField => ({ name: 'fallback_address', value })),
  fc
    .array(routingHop, { minLength: 1, maxLength: 4 })
    .map((value): InvoiceField => ({ name: 'routing_hint', value })),
  fc
    .uniqueArray(fc.nat(400), { maxLength: 8 })
    .map((bits): InvoiceField => ({ name: 'features', value: bits.sort((a, b) => a - b) })),
  fc
    .record({ type: fc.constantFrom(0, 2, 4, 7, 31), words: fc.array(word, { maxLength: 60 }) })
    .map((raw): InvoiceField => ({ name: undefined, ...raw })),
);
const anyInvoice: fc.Arbitrary<UnsignedInvoice> = fc.record(
  {
    currency: fc.constantFrom('bc', 'tb', 'tbs', 'bcrt'),
    amount_msat: fc.bigInt({ min: 1n, max: 21_000_000n * 10n ** 11n }),
    timestamp: fc.nat(2 ** 35 - 1),
    fields: fc.array(anyField, { maxLength: 10 }),
  },
  { requiredKeys: ['currency', 'timestamp', 'fields'] },
);

describe('any invoice', () => {
  it('decodes to what was encoded, signed by its payee', () => {
    fc.assert(
      fc.property(anyInvoice, (invoice) => {
        const decoded = decodeInvoice(encodeInvoice(invoice, sign));
        expect(decoded).toMatchObject(invoice);
        expect(decoded.payee).toEqual(nodeId);
        expect('amount_msat' in decoded).toBe(invoice.amount_msat !== undefined);
      }),
      { numRuns: 200 },
    );
  });

  it('of any fields encodes again to the same text', () => {
    const raw = fc.record({ type: word, words: fc.array(word, { maxLength: 60 }) });
    fc.assert(
      fc.property(fc.array(raw, { maxLength: 12 }), (given) => {
        const made = given.map((field): InvoiceField => ({ name: undefined, ...field }));
        const text = encodeInvoice({ ...base, fields: made }, sign);
        expect(encodeInvoice(decodeInvoice(text), sign)).toBe(text);
      }),
      { numRuns: 300 },
    );
  });

  it('is refused after any change of a character', () => {
    const text = encodeInvoice(base, sign);
    const letter = fc.constantFrom(...Array.from('qpzry9x8gf2tvdw0s3jn54khce6mua7l'));
    fc.assert(
      fc.property(fc.nat(text.length - 1), letter, (at, other) => {
        fc.pre(text[at] !== other);
        const changed = `${text.slice(0, at)}${other}${text.slice(at + 1)}`;
        expect(codeOf(() => decodeInvoice(changed))).toBe('channel.invoice-form');
      }),
    );
  });
});

describe('garbage', () => {
  const readsOrRefuses = (text: string): void => {
    try {
      decodeInvoice(text);
    } catch (error) {
      expect(isBoltgridError(error)).toBe(true);
    }
  };

  it('of any text is refused with a typed error', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 300 }), readsOrRefuses));
  });

  it('of any words under a right checksum is read or refused with a typed error', () => {
    const prefix = fc.oneof(
      fc.constantFrom('ln', 'lnbc', 'lnbcrt20m', 'lnbc1p', 'lnbc0u', 'lnxy5', 'abc', 'lnbc-1'),
      fc.stringMatching(/^ln[!-@[-~]{0,12}$/),
    );
    const words = fc.array(word, { maxLength: 400, size: 'max' });
    fc.assert(
      fc.property(prefix, words, (hrp, data) => {
        readsOrRefuses(bech32.encode(hrp, data, false));
      }),
      { numRuns: 500 },
    );
  });

  it('that is too long is not looked at', () => {
    expect(codeOf(() => decodeInvoice(`lnbc1${'q'.repeat(70_000)}`))).toBe('channel.invoice-form');
  });
});

describe('amounts', () => {
  it.each([
    [1n, '10p'],
    [99n, '990p'],
    [100n, '1n'],
    [100_000n, '1u'],
    [100_000_000n, '1m'],
    [100_000_000_000n, '1'],
    [250_000_000n, '2500u'],
    [2_100_000_000_000_000_000n, '21000000'],
  ])('%d msat is written %s', (amount_msat, amount) => {
    expect(encodeInvoice({ ...base, amount_msat }, sign)).toMatch(new RegExp(`^lnbcrt${amount}1`));
    expect(decodedOf({ amount_msat })).toMatchObject({ amount_msat, amount, faults: [] });
  });

  it.each([
    ['1000n', 100_000n, ['invoice.amount-length']],
    ['2500000000p', 250_000_000n, ['invoice.amount-length']],
    ['010u', 1_000_000n, ['invoice.amount-form']],
    ['0', 0n, ['invoice.amount-form']],
    ['25p', undefined, ['invoice.sub-millisatoshi']],
    ['2500x', undefined, ['invoice.amount']],
    ['25mu', undefined, ['invoice.amount']],
    ['2.5m', undefined, ['invoice.amount']],
  ])('%s is read as %s, with its faults', (amount, amount_msat, codes) => {
    const decoded = decodedOf({ amount });
    expect(decoded.amount_msat).toBe(amount_msat);
    expect(decoded.faults.map(({ code }) => code)).toEqual(codes);
  });
});

it('the first of a field counts, and lists keep their order', () => {
  const second: KnownField = { name: 'payment_hash', value: new Uint8Array(32).fill(3) };
  const addresses = [17, 18].map((version) => ({ version, program: new Uint8Array(20).fill(version) }));
  const decoded = decodedOf({
    fields: [
      ...fields,
      second,
      ...addresses.map((value): KnownField => ({ name: 'fallback_address', value })),
    ],
  });
  expect(decoded.payment_hash).toEqual(payment_hash.value);
  expect(decoded.fallback_addresses).toEqual(addresses);
});

const hop = {
  pubkey: nodeId,
  short_channel_id: '1x2x3',
  fee_base_msat: 0,
  fee_proportional_millionths: 0,
  cltv_expiry_delta: 0,
};

it.each<readonly [string, Partial<UnsignedInvoice>]>([
  ['a field of 1024 words', { fields: [{ name: undefined, type: 2, words: Array<number>(1024).fill(0) }] }],
  ['a word of 6 bits', { fields: [{ name: undefined, type: 2, words: [32] }] }],
  ['a type of 6 bits', { fields: [{ name: undefined, type: 32, words: [] }] }],
  ['640 bytes of description', { fields: [{ name: 'description', value: 'a'.repeat(640) }] }],
  ['a timestamp of 36 bits', { timestamp: 2 ** 35 }],
  ['a timestamp before 1970', { timestamp: -1 }],
  ['an amount of nothing', { amount_msat: 0n }],
  ['an expiry before now', { fields: [{ name: 'expiry', value: -1n }] }],
  ['a feature bit that no field has room for', { fields: [{ name: 'features', value: [5 * 1023] }] }],
  ['a fee of 33 bits', { fields: [{ name: 'routing_hint', value: [{ ...hop, fee_base_msat: 2 ** 32 }] }] }],
  [
    'a delta of 17 bits',
    { fields: [{ name: 'routing_hint', value: [{ ...hop, cltv_expiry_delta: 2 ** 16 }] }] },
  ],
  [
    'a key of 32 bytes',
    { fields: [{ name: 'routing_hint', value: [{ ...hop, pubkey: new Uint8Array(32) }] }] },
  ],
  ['a currency that bech32 does not write', { currency: 'ü' }],
])('%s cannot be encoded', (_, changes) => {
  expect(codeOf(() => encodeInvoice({ ...base, ...changes }, sign))).toBe('channel.invoice-value');
});
