import { equalBytes, toHex } from '../../src/core/bytes.ts';
import { CHANNEL_RULES } from '../../src/reference/rules/channels.ts';
import type { Rules } from '../../src/reference/rules.ts';
import { htlcRules, neverSends, refusesUpdate, toleratesUpdates } from './bolt02/htlcs.ts';
import { channelRules, leavesOut } from './bolt02/messages.ts';
import type { Mutant } from './mutant.ts';

/** It remembers what it should forget. */
function refusingKnownIds(rules: Rules): Rules {
  const seen = new Set<string>();
  return refusesUpdate('update_add_htlc', ({ channel_id, id }) => {
    const key = `${toHex(channel_id)} ${id}`;
    const isKnown = seen.has(key);
    seen.add(key);
    return isKnown;
  })(rules);
}

const oneHash = refusesUpdate('update_add_htlc', ({ payment_hash }, { readying }) => {
  const { htlcs, pending } = readying.commitments.ledger;
  const hashes = [
    ...htlcs.map(({ add }) => add.payment_hash),
    ...pending.flatMap(({ update }) =>
      update.name === 'update_add_htlc' ? [update.fields.payment_hash] : [],
    ),
  ];
  return hashes.some((hash) => equalBytes(hash, payment_hash));
});

export const mutants: readonly Mutant[] = [
  {
    name: 'htlc-ids-of-lost-htlcs-refused',
    breaks: 'bolt02-update-add-htlc-21',
    kills: ['bolt02/htlc-ids#repeated-after-reconnection'],
    change: refusingKnownIds,
  },
  {
    name: 'htlc-ids-expected-to-begin-again',
    breaks: 'bolt02-update-add-htlc-15',
    kills: ['bolt02/htlc-ids#after-removal'],
    change: refusesUpdate('update_add_htlc', ({ id }, { readying }) => {
      const { htlcs, pending } = readying.commitments.ledger;
      return id > 0n && htlcs.length === 0 && pending.length === 0;
    }),
  },
  {
    name: 'htlcs-with-one-hash-refused',
    breaks: 'bolt02-update-add-htlc-20',
    kills: [
      'bolt02/htlc-ids#same-hash-of-an-invoice',
      'bolt02/htlc-ids#identical',
      'bolt02/htlc-ids#same-hash-unknown',
      'bolt02/htlc-forward#same-hash',
    ],
    change: oneHash,
  },
  {
    name: 'mpp-settled-with-the-first-part',
    breaks: 'bolt04-mpp-18',
    kills: ['bolt02/htlc-ids#same-hash-of-an-invoice[two, one after the other]'],
    change: htlcRules({ isComplete: () => true }),
  },
  {
    name: 'mpp-settled-in-part',
    breaks: 'bolt04-mpp-23',
    kills: ['bolt02/htlc-ids#identical'],
    change: htlcRules({ isComplete: () => true }),
  },
  ...(
    [
      ['zero', 'bolt02-update-add-htlc-16', 'bolt02/htlc-amounts#zero'],
      ['below-minimum', 'bolt02-update-add-htlc-16', 'bolt02/htlc-amounts#below-minimum'],
      ['zero-again', 'bolt02-update-add-htlc-16', 'bolt02/htlc-amounts#valid-after-refused'],
      ['unaffordable', 'bolt02-update-add-htlc-17', 'bolt02/htlc-amounts#unaffordable'],
      ['absurd', 'bolt02-update-add-htlc-17', 'bolt02/htlc-amounts#more-than-there-is'],
      ['over-accepted', 'bolt02-update-add-htlc-18', 'bolt02/htlc-limits#over-accepted'],
      ['with-a-time', 'bolt02-update-add-htlc-19', 'bolt02/htlc-limits#expiry-is-a-time'],
    ] as const
  ).map(([name, breaks, kill]) => ({
    name: `htlcs-passed-over-${name}`,
    breaks,
    kills: [kill],
    change: toleratesUpdates,
  })),
  {
    name: 'htlcs-over-in-flight-passed-over',
    breaks: 'bolt02-update-add-htlc-18',
    kills: ['bolt02/htlc-limits#over-in-flight'],
    change: (rules) =>
      channelRules({
        answers: (channel, situation) => {
          const answers = CHANNEL_RULES.answers(channel, situation);
          const accept = { ...answers.accept, max_htlc_value_in_flight_msat: 100_000_000n };
          return { ...answers, accept };
        },
      })(toleratesUpdates(rules)),
  },
  {
    name: 'htlcs-of-the-minimum-refused',
    breaks: 'bolt02-commitment-signed-23',
    kills: ['bolt02/htlc-amounts#minimum'],
    change: refusesUpdate('update_add_htlc', ({ amount_msat }, { readying }) => {
      const { htlc_minimum_msat } = readying.commitments.terms.local;
      return amount_msat <= (htlc_minimum_msat === 0n ? 1n : htlc_minimum_msat);
    }),
  },
  {
    name: 'htlcs-must-leave-twice-the-reserve',
    breaks: 'bolt02-commitment-signed-23',
    kills: ['bolt02/htlc-amounts#reserve-kept'],
    change: refusesUpdate('update_add_htlc', ({ amount_msat }, { readying }) => {
      const { terms, fundings, ledger } = readying.commitments;
      const left = fundings[0].shares.remote + ledger.gainedMsat.remote - amount_msat;
      return left < 2000n * terms.local.channel_reserve_satoshis;
    }),
  },
  {
    name: 'htlcs-in-flight-below-half-of-the-limit',
    breaks: 'bolt02-commitment-signed-23',
    kills: ['bolt02/htlc-limits#in-flight'],
    change: refusesUpdate(
      'update_add_htlc',
      ({ amount_msat }, { readying }) =>
        amount_msat > readying.commitments.terms.local.max_htlc_value_in_flight_msat / 2n,
    ),
  },
  {
    name: 'htlcs-one-fewer-than-its-limit',
    breaks: 'bolt02-commitment-signed-23',
    kills: ['bolt02/htlc-limits#accepted'],
    change: refusesUpdate(
      'update_add_htlc',
      ({ id }, { readying }) => id + 1n >= readying.commitments.terms.local.max_accepted_htlcs,
    ),
  },
  {
    name: 'htlcs-that-expired-refused',
    breaks: 'bolt02-commitment-signed-23',
    kills: ['bolt02/htlc-limits#expiry-is-a-height'],
    change: refusesUpdate('update_add_htlc', ({ cltv_expiry }) => cltv_expiry < 2),
  },
  {
    name: 'htlcs-never-failed',
    breaks: 'bolt04-failure-38',
    kills: ['bolt02/htlc-final#unknown-hash', 'bolt02/htlc-ids#same-hash-unknown'],
    change: neverSends('update_fail_htlc'),
  },
  {
    name: 'htlcs-of-a-payment-never-settled',
    breaks: 'bolt04-mpp-17',
    kills: ['bolt02/htlc-final#any-amount', 'bolt02/htlc-final#expiry-above-onion'],
    change: htlcRules({ settles: () => false }),
  },
  {
    name: 'revocation-forgotten-with-htlcs',
    breaks: 'bolt02-commitment-signed-23',
    kills: ['bolt02/htlc-limits#accepted', 'bolt02/htlc-amounts#minimum'],
    change: leavesOut(({ do: what }) => what === 'revoke_and_ack'),
  },
];
