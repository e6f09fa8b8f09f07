import { makeOnion } from '../../src/channel/onion/make.ts';
import { encodePayload, type PaymentPayload } from '../../src/channel/onion/payload.ts';
import type { Message } from '../../src/channel/state/step.ts';
import type { ForwardingPolicy } from '../../src/reference/channels/state.ts';
import { HTLC_RULES } from '../../src/reference/rules/htlcs.ts';
import type { Rules } from '../../src/reference/rules.ts';
import { type Add, htlcRules, neverSends, refusesUpdate, toleratesUpdates } from './bolt02/htlcs.ts';
import { channelRules, says, takes } from './bolt02/messages.ts';
import type { Mutant } from './mutant.ts';

/** Pays with an onion of this payload. */
const pays = (payload: (add: Add) => PaymentPayload): ((rules: Rules) => Rules) =>
  channelRules({
    outgoing: (messages, _channel, { peer }) =>
      messages.map((message): Message => {
        if (message.name !== 'update_add_htlc') return message;
        const { fields } = message;
        const { packet } = makeOnion({
          sessionKey: new Uint8Array(32).fill(1),
          hops: [{ nodeId: peer.publicKey, payload: encodePayload(payload(fields)) }],
          associatedData: fields.payment_hash,
        });
        return { name: message.name, fields: { ...fields, onion_routing_packet: packet } };
      }),
  });

const right = ({ amount_msat, cltv_expiry }: Add): PaymentPayload => ({
  amt_to_forward: { amt_to_forward: amount_msat },
  outgoing_cltv_value: { outgoing_cltv_value: cltv_expiry },
});

const garbage = says('update_add_htlc', (fields) => ({
  ...fields,
  onion_routing_packet: new Uint8Array(1366),
}));

const unreadable = says('update_fail_htlc', (fields) => ({
  ...fields,
  reason: fields.reason.map((byte) => byte ^ 0xff),
}));

/** Judges forwards by another policy than it says. */
const asking = (policy: Partial<ForwardingPolicy>): ((rules: Rules) => Rules) =>
  htlcRules({
    forward: (told, htlc, next, situation) =>
      HTLC_RULES.forward(told, htlc, next && { ...next, policy: { ...next.policy, ...policy } }, situation),
  });

/** What the reference node offers and sends on, and how its HTLCs are taken away. */
export const mutants: readonly Mutant[] = [
  {
    name: 'payment-without-an-onion',
    breaks: 'bolt04-last-node-01',
    kills: ['bolt02/htlc-payer#onion'],
    change: garbage,
  },
  {
    name: 'payment-whose-onion-says-less',
    breaks: 'bolt04-payload-14',
    kills: ['bolt02/htlc-payer#onion'],
    change: pays((add) => ({ ...right(add), amt_to_forward: { amt_to_forward: add.amount_msat - 1n } })),
  },
  {
    name: 'payment-whose-onion-expires-soon',
    breaks: 'bolt11-tagged-fields-37',
    kills: ['bolt02/htlc-payer#onion'],
    change: pays((add) => ({ ...right(add), outgoing_cltv_value: { outgoing_cltv_value: 10 } })),
  },
  {
    name: 'payment-whose-onion-goes-on',
    breaks: 'bolt04-payload-17',
    kills: ['bolt02/htlc-payer#onion'],
    change: pays((add) => ({ ...right(add), short_channel_id: { short_channel_id: '1x1x1' } })),
  },
  {
    name: 'payment-without-a-secret',
    breaks: 'bolt04-payload-19',
    kills: ['bolt02/htlc-payer#onion'],
    change: pays(right),
  },
  {
    name: 'htlc-ids-begin-at-1',
    breaks: 'bolt02-update-add-htlc-10',
    kills: ['bolt02/htlc-payer#ids'],
    change: says('update_add_htlc', (fields) => ({ ...fields, id: fields.id + 1n })),
  },
  {
    name: 'htlc-ids-with-a-gap',
    breaks: 'bolt02-update-add-htlc-11',
    kills: ['bolt02/htlc-payer#ids'],
    change: says('update_add_htlc', (fields) => ({
      ...fields,
      id: fields.id === 0n ? 0n : fields.id + 1n,
    })),
  },
  {
    name: 'failures-of-payments-refused',
    breaks: 'bolt04-receiving-failure-codes-02',
    kills: ['bolt02/htlc-payer#failed'],
    change: refusesUpdate('update_fail_htlc', () => true),
  },
  {
    name: 'failures-must-have-the-usual-length',
    breaks: 'bolt02-commitment-signed-23',
    kills: ['bolt02/htlc-payer#unreadable-failure'],
    change: refusesUpdate('update_fail_htlc', ({ reason }) => reason.length !== 292),
  },
  {
    name: 'limit-in-flight-not-read',
    breaks: 'bolt02-update-add-htlc-09',
    kills: ['bolt02/htlc-payer#our-limits', 'bolt02/htlc-relay#refused'],
    change: takes('open_channel', (fields) => ({
      ...fields,
      max_htlc_value_in_flight_msat: fields.funding_satoshis * 1000n,
    })),
  },
  {
    name: 'minimum-of-htlcs-not-read',
    breaks: 'bolt02-update-add-htlc-06',
    kills: ['bolt02/htlc-payer#our-limits', 'bolt02/htlc-relay#refused'],
    change: takes('open_channel', (fields) => ({ ...fields, htlc_minimum_msat: 1n })),
  },
  {
    name: 'limit-of-accepted-htlcs-not-read',
    breaks: 'bolt02-update-add-htlc-08',
    kills: ['bolt02/htlc-payer#max-accepted'],
    change: takes('open_channel', (fields) => ({ ...fields, max_accepted_htlcs: 483 })),
  },
  ...(
    [
      [
        'bolt02-remove-htlc-12',
        ['before-committed', 'before-countersigned', 'unknown-id', 'our-own', 'again'],
      ],
      ['bolt02-remove-htlc-13', ['wrong-preimage']],
      ['bolt02-remove-htlc-14', ['without-badonion']],
    ] as const
  ).map(([breaks, slugs]) => ({
    name: `removals-passed-over-${breaks}`,
    breaks,
    kills: slugs.map((slug) => `bolt02/htlc-removal#${slug}`),
    change: toleratesUpdates,
  })),
  {
    name: 'malformed-refused',
    breaks: 'bolt02-commitment-signed-23',
    kills: ['bolt02/htlc-removal#malformed'],
    change: refusesUpdate('update_fail_malformed_htlc', () => true),
  },
  {
    name: 'onion-not-peeled-before-it-goes-on',
    breaks: 'bolt04-onion-decryption-12',
    kills: ['bolt02/htlc-forward#fulfilled'],
    change: garbage,
  },
  {
    name: 'amount-of-a-forward-not-as-the-onion-says',
    breaks: 'bolt02-update-add-htlc-27',
    kills: ['bolt02/htlc-forward#fulfilled'],
    change: htlcRules({
      read: (options) => {
        const told = HTLC_RULES.read(options);
        return told.kind === 'forward' ? { ...told, amt_to_forward: told.amt_to_forward - 1000n } : told;
      },
    }),
  },
  {
    name: 'preimages-kept',
    breaks: 'bolt02-forwarding-htlcs-05',
    kills: [
      'bolt02/htlc-forward#fulfilled',
      'bolt02/htlc-forward#preimage-at-once',
      'bolt02/htlc-forward#payer-gone',
      'bolt02/htlc-forward#payee-gone',
    ],
    change: neverSends('update_fulfill_htlc'),
  },
  {
    name: 'preimages-wait-for-the-commitment',
    breaks: 'bolt02-forwarding-htlcs-05',
    kills: ['bolt02/htlc-forward#preimage-at-once'],
    change: htlcRules({ countsAtOnce: () => false }),
  },
  {
    name: 'htlcs-go-on-before-they-are-committed',
    breaks: 'bolt02-forwarding-htlcs-01',
    kills: ['bolt02/htlc-forward#only-once-committed'],
    change: htlcRules({
      committed: ({ htlcs, pending }) => [
        ...htlcs,
        ...pending.flatMap(({ by, update, stage }) =>
          update.name === 'update_add_htlc' && stage !== 'offered' ? [{ by, add: update.fields }] : [],
        ),
      ],
    }),
  },
  {
    name: 'failures-come-back-before-they-are-committed',
    breaks: 'bolt02-forwarding-htlcs-02',
    kills: ['bolt02/htlc-forward#only-once-removed'],
    change: htlcRules({ countsAtOnce: () => true }),
  },
  {
    name: 'failures-come-back-spoiled',
    breaks: 'bolt04-intermediate-nodes-04',
    kills: ['bolt02/htlc-forward#failed'],
    change: unreadable,
  },
  {
    name: 'failures-do-not-come-back',
    breaks: 'bolt04-intermediate-nodes-05',
    kills: ['bolt02/htlc-forward#failed', 'bolt02/htlc-forward#payer-gone'],
    change: neverSends('update_fail_htlc'),
  },
  {
    name: 'malformed-comes-back-spoiled',
    breaks: 'bolt02-remove-htlc-16',
    kills: ['bolt02/htlc-forward#malformed'],
    change: unreadable,
  },
  ...(['bolt04-payload-46', 'bolt04-payload-47', 'bolt04-onion-decryption-13'] as const).map((breaks) => ({
    name: `forwards-that-cannot-be-kept-${breaks}`,
    breaks,
    kills: [
      'bolt02/htlc-relay#refused',
      ...(breaks === 'bolt04-payload-47' ? ['bolt02/htlc-relay#payee-gone'] : []),
    ],
    change: neverSends('update_fail_htlc'),
  })),
  ...(['bolt02-forwarding-htlcs-03', 'bolt02-forwarding-htlcs-04'] as const).map((breaks) => ({
    name: `forwards-at-any-time-${breaks}`,
    breaks,
    kills: ['bolt02/htlc-relay#refused'],
    change: htlcRules({ forward: () => undefined }),
  })),
  {
    name: 'forwards-for-nothing',
    breaks: 'bolt04-payload-48',
    kills: ['bolt02/htlc-relay#policy[no fee]', 'bolt02/htlc-relay#policy[1 msat less]'],
    change: asking({ fee_base_msat: 0n, fee_proportional_millionths: 0 }),
  },
  {
    name: 'forwards-without-a-delta',
    breaks: 'bolt04-payload-49',
    kills: ['bolt02/htlc-relay#policy[a block less]', 'bolt02/htlc-relay#policy[no delta]'],
    change: asking({ cltv_expiry_delta: 0 }),
  },
  {
    name: 'forwards-for-more-than-it-says',
    breaks: 'bolt04-payload-48',
    kills: ['bolt02/htlc-relay#policy[the fee]'],
    change: asking({ fee_base_msat: 100_000n }),
  },
  ...(['bolt03-trimmed-outputs-07', 'bolt03-trimmed-outputs-09'] as const).map((breaks) => ({
    name: `htlcs-above-the-trim-limit-without-a-signature-${breaks}`,
    breaks,
    kills: [`bolt02/htlc-trimmed#${breaks.endsWith('7') ? 'received' : 'offered'}`],
    change: says('commitment_signed', (fields) => ({
      ...fields,
      htlc_signature: [],
    })),
  })),
  {
    name: 'htlcs-below-the-trim-limit-signed',
    breaks: 'bolt03-trimmed-outputs-06',
    kills: ['bolt02/htlc-trimmed#received'],
    change: says('commitment_signed', (fields) => ({
      ...fields,
      htlc_signature: fields.htlc_signature.length === 0 ? [fields.signature] : fields.htlc_signature,
    })),
  },
];
