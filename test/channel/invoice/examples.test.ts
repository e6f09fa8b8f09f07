import { readFileSync } from 'node:fs';
import { Address, NETWORK, OutScript, TEST_NETWORK } from '@scure/btc-signer';
import { describe, expect, it } from 'vitest';
import { fromHex, toHex } from '../../../src/core/bytes.ts';
import { isBoltgridError } from '../../../src/core/error.ts';
import {
  decodeInvoice,
  isDescribedBy,
  parseInvoice,
  type Invoice,
} from '../../../src/channel/invoice/decode.ts';
import { encodeInvoice, signWith } from '../../../src/channel/invoice/encode.ts';
import { fallbackScript } from '../../../src/channel/invoice/fallback.ts';

interface Example {
  readonly title: string;
  readonly invoice: string;
}

interface Examples {
  readonly private_key: string;
  readonly valid: readonly Example[];
  readonly invalid: readonly Example[];
}

const fixture = new URL('../../fixtures/bolt11/examples.json', import.meta.url);
const examples = JSON.parse(readFileSync(fixture, 'utf8')) as Examples;

const payment_hash = fromHex('0001020304050607080900010203040506070809000102030405060708090102');
const payment_secret = new Uint8Array(32).fill(0x11);
const payee = fromHex('03e7156ae33b0a208d0744199163177e909e80176e55d97a2f221ede0f934dd9ad');
const list =
  'One piece of chocolate cake, one icecream cone, one pickle, one slice of swiss cheese, one slice of salami, one lollypop, ' +
  'one piece of cherry pie, one sausage, one cupcake, and one slice of watermelon';
const description_hash = fromHex('3925b6f67e2c340036ed12093dd44e0368df1b6ea26c53dbe4811f58fd5db8c1');

type Expected = Partial<Invoice>;

const common: Expected = {
  currency: 'bc',
  timestamp: 1496314658,
  payment_hash,
  payment_secret,
  payee,
  expiry: 3600n,
  min_final_cltv_expiry_delta: 18n,
  features: [8, 14],
  fallback_addresses: [],
  routing_hints: [],
};

const donation: Expected = { ...common, description: 'Please consider supporting this project' };
const hashed: Expected = { ...common, amount_msat: 2_000_000_000n, amount: '20m', description_hash };
const beans: Expected = {
  ...common,
  amount_msat: 2_500_000_000n,
  amount: '25m',
  description: 'coffee beans',
  features: [8, 14, 99],
};

/** The output script of an address, as hex. */
const scriptOf = (address: string, network = NETWORK): string =>
  toHex(OutScript.encode(Address(network).decode(address)));

const fallbacksOf = ({ fallback_addresses }: Invoice): string[] =>
  fallback_addresses.map((fallback) => toHex(fallbackScript(fallback)));

/** The breakdowns of BOLT 11, in its order. */
const EXPECTED: readonly { readonly values: Expected; readonly fallback?: string }[] = [
  { values: donation },
  {
    values: {
      ...common,
      amount_msat: 250_000_000n,
      amount: '2500u',
      description: '1 cup coffee',
      expiry: 60n,
    },
  },
  {
    values: {
      ...common,
      amount_msat: 250_000_000n,
      amount: '2500u',
      description: 'ナンセンス 1杯',
      expiry: 60n,
    },
  },
  { values: hashed },
  {
    values: { ...hashed, currency: 'tb' },
    fallback: scriptOf('mk2QpYatsKicvFVuTAQLBryyccRXMUaGHP', TEST_NETWORK),
  },
  {
    values: {
      ...hashed,
      routing_hints: [
        [
          {
            pubkey: fromHex('029e03a901b85534ff1e92c43c74431f7ce72046060fcf7a95c37e148f78c77255'),
            short_channel_id: '66051x263430x1800',
            fee_base_msat: 1,
            fee_proportional_millionths: 20,
            cltv_expiry_delta: 3,
          },
          {
            pubkey: fromHex('039e03a901b85534ff1e92c43c74431f7ce72046060fcf7a95c37e148f78c77255'),
            short_channel_id: '197637x395016x2314',
            fee_base_msat: 2,
            fee_proportional_millionths: 30,
            cltv_expiry_delta: 4,
          },
        ],
      ],
    },
    fallback: scriptOf('1RustyRX2oai4EYYDpQGWvEL62BBGqN9T'),
  },
  { values: hashed, fallback: scriptOf('3EktnHQD7RiAE6uzMj2ZifT9YgRrkSgzQX') },
  { values: hashed, fallback: scriptOf('bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4') },
  { values: hashed, fallback: scriptOf('bc1qrp33g0q5c5txsp9arysrx4k6zdkfs4nce4xj0gdcccefvpysxf3qccfmv3') },
  { values: hashed, fallback: scriptOf('bc1pptdvg0d2nj99568qn6ssdy4cygnwuxgw2ukmnwgwz7jpqjz2kszse2s3lm') },
  {
    values: {
      ...common,
      timestamp: 1572468703,
      amount_msat: 967_878_534n,
      amount: '9678785340p',
      payment_hash: fromHex('462264ede7e14047e9b249da94fefc47f41f7d02ee9b091815a5506bc8abf75f'),
      description:
        'Blockstream Store: 88.85 USD for Blockstream Ledger Nano S x 1, "Back In My Day" Sticker x 2, ' +
        '"I Got Lightning Working" Sticker x 2 and 1 more items',
      expiry: 604800n,
      min_final_cltv_expiry_delta: 10n,
      routing_hints: [
        [
          {
            pubkey: fromHex('03d06758583bb5154774a6eb221b1276c9e82d65bbaceca806d90e20c108f4b1c7'),
            short_channel_id: '589390x3312x1',
            fee_base_msat: 1000,
            fee_proportional_millionths: 2500,
            cltv_expiry_delta: 40,
          },
        ],
      ],
    },
  },
  { values: beans },
  { values: beans },
  { values: beans },
  {
    values: {
      ...common,
      amount_msat: 1_000_000_000n,
      amount: '10m',
      description: 'payment metadata inside',
      payment_metadata: fromHex('01fafaf0'),
      features: [8, 14, 48],
    },
  },
];

const IGNORED_FIELDS = 13;
const HIGH_S = 15;

describe('the examples of BOLT 11', () => {
  it('are all here', () => {
    expect([examples.valid.length, examples.invalid.length]).toEqual([EXPECTED.length + 1, 10]);
  });

  it.each(EXPECTED.map((expected, i) => [examples.valid[i]!.title.slice(0, 80), i, expected] as const))(
    'are read: %s',
    (_, i, { values, fallback }) => {
      const decoded = decodeInvoice(examples.valid[i]!.invoice);
      const { fallback_addresses, ...others } = values;
      expect(decoded).toMatchObject(others);
      expect(fallbacksOf(decoded)).toEqual(fallback === undefined ? fallback_addresses : [fallback]);
      for (const name of ['amount_msat', 'description', 'description_hash', 'payment_metadata'] as const) {
        expect(name in decoded).toBe(name in values);
      }
    },
  );

  it.each(EXPECTED.map((_, i) => [examples.valid[i]!.title.slice(0, 80), i] as const))(
    'are made: %s',
    (_, i) => {
      const text = examples.valid[i]!.invoice;
      const sign = signWith(fromHex(examples.private_key));
      const { currency, amount_msat, timestamp, fields } = decodeInvoice(text);
      const invoice = { currency, timestamp, fields, ...(amount_msat !== undefined && { amount_msat }) };
      expect(encodeInvoice(invoice, sign)).toBe(text.toLowerCase());
    },
  );

  it('have nothing wrong, save fields that are too long or too short', () => {
    for (const [i, { invoice }] of examples.valid.entries()) {
      const codes = decodeInvoice(invoice).faults.map(({ code }) => code);
      // The example says that its two p, h, s and n fields of another length must be ignored, the requirements that they fail a payment.
      expect(codes).toEqual(i === IGNORED_FIELDS ? Array(8).fill('invoice.field-length') : []);
      if (i !== IGNORED_FIELDS) expect(parseInvoice(invoice)).toEqual(decodeInvoice(invoice));
    }
  });

  it('keep fields that are to be ignored, in their order', () => {
    const raw = decodeInvoice(examples.valid[IGNORED_FIELDS]!.invoice).fields.filter(
      ({ name }) => name === undefined,
    );
    const shapes = raw.map((field) => (field.name === undefined ? [field.type, field.words.length] : []));
    // Fields 2, f (version 19), p, p, h, h, s, s, n and n of the breakdown; `2` is 10.
    expect(shapes).toEqual([
      [10, 3],
      [9, 33],
      [1, 51],
      [1, 53],
      [23, 51],
      [23, 53],
      [16, 51],
      [16, 53],
      [19, 52],
      [19, 54],
    ]);
  });

  it('with a high S gives a key by recovery', () => {
    const decoded = parseInvoice(examples.valid[HIGH_S]!.invoice);
    const { payee: recovered, features, description, timestamp } = decoded;
    expect({ features, description, timestamp }).toEqual({
      features: donation.features,
      description: donation.description,
      timestamp: donation.timestamp,
    });
    expect(toHex(decoded.signature)).toBe(
      '8d3ce9e28357337f62da0162d9454df827f83cfe499aeb1c1db349d4d8112742' +
        'a1bcb35d66d6bf93dc445e51753935cc32a3a411efd8a7c7bd85b25815a01b50' +
        '01',
    );
    expect(recovered).toHaveLength(33);
  });

  it('commit to a description by its hash', () => {
    const decoded = decodeInvoice(examples.valid[3]!.invoice);
    expect(isDescribedBy(decoded, list)).toBe(true);
    expect(isDescribedBy(decoded, `${list}.`)).toBe(false);
    expect(isDescribedBy(decodeInvoice(examples.valid[0]!.invoice), list)).toBe(false);
  });
});

describe('the examples of invalid invoices', () => {
  const codeOfParse = (text: string): string | undefined => {
    try {
      parseInvoice(text);
    } catch (error) {
      if (isBoltgridError(error)) return error.code;
      throw error;
    }
    return undefined;
  };

  it.each([
    ['unknown feature 100', 'invoice.unknown-even-feature'],
    ['Bech32 checksum is invalid', 'channel.invoice-form'],
    ['no 1', 'channel.invoice-form'],
    ['mixed case', 'channel.invoice-form'],
    ['Signature is not recoverable', 'invoice.signature'],
    ['String is too short', 'channel.invoice-form'],
    ['Invalid multiplier', 'invoice.amount'],
    ['Invalid sub-millisatoshi precision', 'invoice.sub-millisatoshi'],
    ['Missing required `s` field', 'invoice.payment-secret'],
    ["high-S) with 'n' field defined", 'invoice.high-s'],
  ])('%s: %s', (title, code) => {
    const [example, ...others] = examples.invalid.filter((invalid) => invalid.title.includes(title));
    expect(others).toEqual([]);
    expect(codeOfParse(example!.invoice)).toBe(code);
  });
});
