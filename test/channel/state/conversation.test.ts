import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isBoltgridError } from '../../../src/core/error.ts';
import { removable } from '../../../src/channel/state/ledger.ts';
import { owed } from '../../../src/channel/state/owed.ts';
import type { NewUpdate } from '../../../src/channel/state/updates.ts';
import { paymentHash } from '../../../src/channel/transactions/scripts.ts';
import { equalBytes } from '../../../src/core/bytes.ts';
import {
  expectAgreement,
  expectBroadcastable,
  fail,
  fee,
  fulfill,
  malformed,
  type Name,
  newHtlc,
  Pair,
  type PairOptions,
  preimageOf,
} from './pair.ts';

const PREIMAGES = Array.from({ length: 8 }, (_, n) => n);

type What = 'add' | 'fulfill' | 'fail' | 'malformed' | 'fee' | 'owed' | 'hear' | 'reconnect';
type Action = readonly [What, Name, number];

function act(pair: Pair, [what, name, pick]: Action): void {
  switch (what) {
    case 'hear':
      expect(pair.hear(name)).toEqual([]);
      expectBroadcastable(pair.states[name]);
      return;
    case 'owed':
      pair.doOwed(name);
      return;
    case 'reconnect':
      expect(pair.reconnect()).toEqual([]);
      return;
    case 'add':
      offerIfRight(pair, name, newHtlc(pick % 8, BigInt(pick) * 97_531n, 500 + (pick % 3)));
      return;
    case 'fee':
      offerIfRight(pair, 'alice', fee(253 + pick));
      return;
    case 'fulfill':
    case 'fail':
    case 'malformed': {
      const { ledger } = pair.states[name];
      const all = ledger.htlcs.filter(({ by, add }) => by === 'remote' && removable(ledger, 'local', add.id));
      const htlc = all[pick % Math.max(1, all.length)];
      if (!htlc) return;
      const { id, payment_hash } = htlc.add;
      const known = PREIMAGES.find((n) => equalBytes(paymentHash(preimageOf(n)), payment_hash));
      const removals = { fulfill: fulfill(id, known ?? 0), fail: fail(id), malformed: malformed(id) };
      offerIfRight(pair, name, removals[what]);
    }
  }
}

/** What our own side refuses to send is not sent; all that it sends, the other must find right. */
function offerIfRight(pair: Pair, name: Name, update: NewUpdate): void {
  if (owed(pair.states[name])[0] === 'resend') return;
  try {
    pair.offer(name, update);
  } catch (error) {
    if (!isBoltgridError(error) || error.code !== 'channel.wrong-message') throw error;
  }
}

const actionsWith = (...more: readonly What[]): fc.Arbitrary<Action[]> =>
  fc.array(
    fc.tuple(
      fc.constantFrom<What>(
        ...([
          'add',
          'add',
          'fulfill',
          'fail',
          'malformed',
          'fee',
          'owed',
          'owed',
          'owed',
          'hear',
          'hear',
          'hear',
        ] as const),
        ...more,
      ),
      fc.constantFrom<Name>('alice', 'bob'),
      fc.nat(5000),
    ),
    { maxLength: 120 },
  );

/** So narrow that updates often are refused. */
const LIMITS = { max_accepted_htlcs: 4, max_htlc_value_in_flight_msat: 600_000_000n };

const converses = (options: PairOptions, actions: readonly Action[]): void => {
  const pair = new Pair({ alice: LIMITS, bob: LIMITS, ...options });
  for (const action of actions) act(pair, action);
  pair.settle();
  expectAgreement(pair.states);
  for (const name of ['alice', 'bob'] as const) expectBroadcastable(pair.states[name]);
};

describe('two sides always come to the same signed state', () => {
  it.each(['option_static_remotekey', 'option_anchors'] as const)('with %s', (format) => {
    fc.assert(
      fc.property(actionsWith(), (actions) => {
        converses({ format }, actions);
      }),
      { numRuns: 25 },
    );
  });

  it('however often the connection is lost, and whatever with it', () => {
    fc.assert(
      fc.property(actionsWith('reconnect'), (actions) => {
        converses({}, actions);
      }),
      { numRuns: 100 },
    );
  });

  it('with several live fundings', () => {
    fc.assert(
      fc.property(actionsWith('reconnect'), (actions) => {
        converses({ fundings: 2 }, actions);
      }),
      { numRuns: 30 },
    );
  });
});
