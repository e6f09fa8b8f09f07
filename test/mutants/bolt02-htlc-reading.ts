import { HTLC_RULES } from '../../src/reference/rules/htlcs.ts';
import { defaultCrypto } from '../../src/crypto/crypto.ts';
import { deniesPayment, final, htlcRules, neverSends } from './bolt02/htlcs.ts';
import type { Mutant } from './mutant.ts';

/** What the reference node makes of onions that are for it. */
export const mutants: readonly Mutant[] = [
  {
    name: 'failure-tells-no-amount',
    breaks: 'bolt04-failure-04',
    kills: ['bolt02/htlc-final#unknown-hash'],
    change: htlcRules({
      failure: (failure) =>
        failure.name === 'incorrect_or_unknown_payment_details'
          ? { ...failure, fields: { ...failure.fields, htlc_msat: 0n } }
          : failure,
    }),
  },
  {
    name: 'failure-of-the-node-for-an-unknown-hash',
    breaks: 'bolt04-failure-39',
    kills: ['bolt02/htlc-final#unknown-hash'],
    change: htlcRules({ failure: () => ({ name: 'temporary_node_failure', fields: {} }) }),
  },
  ...(['bolt04-failure-35', 'bolt04-failure-34'] as const).map((breaks) => ({
    name: `payment-secret-not-compared-${breaks}`,
    breaks,
    kills: [`bolt02/htlc-final#${breaks === 'bolt04-failure-35' ? 'payment-secret' : 'no-payment-secret'}`],
    change: final((told, _htlc, invoice) => ({
      told: { ...told, ...(invoice && { payment_secret: invoice.paymentSecret }) },
    })),
  })),
  {
    name: 'payment-too-low-taken',
    breaks: 'bolt04-failure-37',
    kills: ['bolt02/htlc-final#amount-too-low'],
    change: final((told, _htlc, invoice) => ({
      told: { ...told, total_msat: most(told.total_msat, invoice?.amountMsat ?? 0n) },
    })),
  },
  {
    name: 'payment-too-high-taken',
    breaks: 'bolt04-failure-41',
    kills: ['bolt02/htlc-final#amount-too-high'],
    change: final((told, _htlc, invoice) => ({
      told: { ...told, total_msat: invoice?.amountMsat ?? told.total_msat },
    })),
  },
  {
    name: 'payment-of-more-denied',
    breaks: 'bolt11-interactions-01',
    kills: ['bolt02/htlc-final#amount-up-to-twice'],
    change: deniesPayment(
      (told, _htlc, invoice) => invoice?.amountMsat !== undefined && told.total_msat > invoice.amountMsat,
    ),
  },
  {
    name: 'payment-without-an-amount-denied',
    breaks: 'bolt04-mpp-17',
    kills: ['bolt02/htlc-final#any-amount'],
    change: deniesPayment((_told, _htlc, invoice) => invoice?.amountMsat === undefined),
  },
  {
    name: 'payment-that-expires-soon-taken',
    breaks: 'bolt04-failure-43',
    kills: ['bolt02/htlc-final#expiry-too-soon'],
    change: final(() => ({ height: -1000 })),
  },
  {
    name: 'payment-must-expire-later-than-asked',
    breaks: 'bolt04-mpp-17',
    kills: ['bolt02/htlc-final#expiry-enough'],
    change: final((_told, _htlc, _invoice, { height }) => ({ height: height + 10 })),
  },
  {
    name: 'payment-that-expires-before-the-onion-says-taken',
    breaks: 'bolt04-failure-44',
    kills: ['bolt02/htlc-final#expiry-below-onion'],
    change: final((told) => ({ told: { ...told, outgoing_cltv_value: 0 } })),
  },
  {
    name: 'payment-of-less-than-the-onion-says-taken',
    breaks: 'bolt04-failure-45',
    kills: ['bolt02/htlc-final#amount-below-onion'],
    change: final((told) => ({ told: { ...told, amt_to_forward: 0n } })),
  },
  {
    name: 'payment-must-expire-as-the-onion-says',
    breaks: 'bolt04-mpp-17',
    kills: ['bolt02/htlc-final#expiry-above-onion'],
    change: deniesPayment((told, { cltv_expiry }) => cltv_expiry > told.outgoing_cltv_value),
  },
  {
    name: 'onion-of-any-version-read',
    breaks: 'bolt04-onion-decryption-01',
    kills: ['bolt02/htlc-onions#unreadable'],
    change: htlcRules({
      peel: ({ packet, ...rest }) =>
        HTLC_RULES.peel({ ...rest, packet: packet.map((byte, i) => (i === 0 ? 0 : byte)) }),
    }),
  },
  ...(['bolt04-onion-decryption-02', 'bolt04-onion-decryption-06'] as const).map((breaks) => ({
    name: `onion-that-cannot-be-read-kept-${breaks}`,
    breaks,
    kills: ['bolt02/htlc-onions#unreadable'],
    change: neverSends('update_fail_malformed_htlc'),
  })),
  ...(
    [
      ['bolt02-update-add-htlc-25', 'bolt02/htlc-onions#other-hash'],
      ['bolt02-update-add-htlc-26', 'bolt02/htlc-onions#unreadable'],
    ] as const
  ).map(([breaks, kill]) => ({
    name: `onion-with-a-wrong-hmac-has-a-bad-key-${breaks}`,
    breaks,
    kills: [kill],
    change: htlcRules({
      peel: (options) => {
        const peeled = HTLC_RULES.peel(options);
        return peeled.kind === 'malformed'
          ? { ...peeled, failure: { name: 'invalid_onion_blinding', fields: peeled.failure.fields } }
          : peeled;
      },
    }),
  })),
  {
    name: 'hash-of-the-payloads-for-that-of-the-onion',
    breaks: 'bolt04-failure-04',
    kills: ['bolt02/htlc-onions#hash-of-onion'],
    change: htlcRules({
      peel: (options) => {
        const peeled = HTLC_RULES.peel(options);
        if (peeled.kind !== 'malformed') return peeled;
        const sha256_of_onion = defaultCrypto.hashes.sha256(options.packet.subarray(34, -32));
        return { ...peeled, failure: { ...peeled.failure, fields: { sha256_of_onion } } };
      },
    }),
  },
  {
    name: 'onions-used-again',
    breaks: 'bolt04-onion-decryption-04',
    kills: ['bolt02/htlc-onions#repeated-while-held', 'bolt02/htlc-forward#repeated-onion'],
    change: htlcRules({ isRepeated: () => false }),
  },
  {
    name: 'onions-that-come-again-kept',
    breaks: 'bolt04-onion-decryption-04',
    kills: ['bolt02/htlc-onions#repeated-after-payment'],
    change: neverSends('update_fail_htlc'),
  },
  ...(
    [
      ['bolt04-onion-decryption-07', 'payload-length'],
      ['bolt04-onion-decryption-08', 'payload-length'],
      ['bolt04-onion-decryption-09', 'payload-length'],
      ['bolt04-onion-decryption-10', 'payload-length'],
      ['bolt02-update-add-htlc-26', 'payload'],
      ['bolt02-update-add-htlc-26', 'even-custom-record'],
    ] as const
  ).map(([breaks, slug]) => ({
    name: `payloads-that-cannot-be-read-kept-${slug}-${breaks}`,
    breaks,
    kills: [`bolt02/htlc-payloads#${slug}`],
    change: neverSends('update_fail_htlc'),
  })),
  {
    name: 'payloads-with-odd-records-denied',
    breaks: 'bolt01-tlv-15',
    kills: ['bolt02/htlc-payloads#odd-record'],
    change: deniesPayment((told) => (told.records.unknown ?? []).length > 0),
  },
  {
    name: 'path-key-passed-over',
    breaks: 'bolt04-payload-44',
    kills: ['bolt02/htlc-payloads#path-key-without-path'],
    change: neverSends('update_fail_malformed_htlc'),
  },
];

const most = (a: bigint, b: bigint): bigint => (a > b ? a : b);
