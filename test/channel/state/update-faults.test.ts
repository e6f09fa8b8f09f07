import { describe, expect, it } from 'vitest';
import type { CommitmentFormat } from '../../../src/channel/transactions/types.ts';
import { type NewUpdate, receiveUpdate } from '../../../src/channel/state/updates.ts';
import type { Update } from '../../../src/channel/state/update.ts';
import { fail, fee, fulfill, malformed, type Name, newHtlc, Pair, type PairOptions, peerOf } from './pair.ts';

const NAMES = ['alice', 'bob'] as const satisfies readonly Name[];

/** An update as it would stand in the message. */
const update = (given: NewUpdate, id = 0n): Update =>
  given.name === 'update_add_htlc' ? { name: given.name, fields: { ...given.fields, id } } : given;

const requirements = (pair: Pair, receiver: Name, given: Update): readonly string[] => {
  const before = pair.states[receiver];
  const { state, faults } = receiveUpdate(before, given);
  if (faults.length > 0) expect(state).toBe(before);
  return faults.map(({ requirement }) => requirement);
};

/** An HTLC of `by` that both have committed, with the preimage of 0. */
function withHtlc(by: Name, options: PairOptions = {}): Pair {
  const pair = new Pair(options);
  pair.offer(by, newHtlc(0, 20_000_000n));
  pair.settle();
  return pair;
}

describe.each(NAMES)('update_add_htlc that %s gets', (name) => {
  const limits = {
    htlc_minimum_msat: 1000n,
    max_htlc_value_in_flight_msat: 50_000_000n,
    max_accepted_htlcs: 2,
  };
  const options = { [name]: limits };

  it.each<readonly [string, readonly string[], Update]>([
    ['is right at the limits', [], update(newHtlc(0, 50_000_000n, 499_999_999))],
    ['is right at the minimum', [], update(newHtlc(0, 1000n))],
    ['has another first id', ['bolt02-update-add-htlc-10'], update(newHtlc(0, 5000n), 1n)],
    ['pays nothing', ['bolt02-update-add-htlc-05', 'bolt02-update-add-htlc-06'], update(newHtlc(0, 0n))],
    ['pays less than the minimum', ['bolt02-update-add-htlc-06'], update(newHtlc(0, 999n))],
    ['expires at a time', ['bolt02-update-add-htlc-07'], update(newHtlc(0, 5000n, 500_000_000))],
    ['is above the value in flight', ['bolt02-update-add-htlc-09'], update(newHtlc(0, 50_000_001n))],
  ])('%s', (_, expected, given) => {
    expect(requirements(new Pair(options), name, given)).toEqual(expected);
  });

  it.each([0n, 2n])('has id %s after 0', (id) => {
    const pair = withHtlc(peerOf(name));
    expect(requirements(pair, name, update(newHtlc(1, 5000n), id))).toEqual(['bolt02-update-add-htlc-11']);
    expect(requirements(pair, name, update(newHtlc(1, 5000n), 1n))).toEqual([]);
  });

  it('is one too many', () => {
    const pair = new Pair(options);
    for (const n of [0, 1]) pair.offer(peerOf(name), newHtlc(n, 5000n));
    pair.settle();
    expect(requirements(pair, name, update(newHtlc(2, 5000n), 2n))).toEqual(['bolt02-update-add-htlc-08']);
    // As soon as its removal is acknowledged it counts no more.
    pair.offer(name, fail(0n));
    expect(requirements(pair, name, update(newHtlc(2, 5000n), 2n))).toEqual(['bolt02-update-add-htlc-08']);
    pair.do(name, 'commit');
    pair.hear(peerOf(name));
    pair.hear(peerOf(name));
    pair.do(peerOf(name), 'revoke');
    pair.hear(name);
    expect(requirements(pair, name, update(newHtlc(2, 5000n), 2n))).toEqual([]);
  });

  it('exceeds the value in flight together with others', () => {
    const pair = withHtlc(peerOf(name), options);
    const expected = ['bolt02-update-add-htlc-09'];
    expect(requirements(pair, name, update(newHtlc(1, 30_000_000n), 1n))).toEqual([]);
    expect(requirements(pair, name, update(newHtlc(1, 30_000_001n), 1n))).toEqual(expected);
  });
});

describe('what the sender can pay', () => {
  // BOLT 3: 724 or 1124, and 172 for the HTLC, at 1000 per kw; with anchors, 660 more.
  it.each<readonly [CommitmentFormat, bigint]>([
    ['option_static_remotekey', 896n],
    ['option_anchors', 1296n + 660n],
  ])('Alice pays the fee and keeps her reserve: %s', (format, costSat) => {
    const most = (700_000n - 10_000n - costSat) * 1000n;
    const pair = new Pair({ format });
    expect(requirements(pair, 'bob', update(newHtlc(0, most)))).toEqual([]);
    expect(requirements(pair, 'bob', update(newHtlc(0, most + 1n)))).toEqual([
      format === 'option_anchors' ? 'bolt02-update-add-htlc-02' : 'bolt02-update-add-htlc-01',
    ]);
    expect(requirements(pair, 'bob', update(newHtlc(0, most + 660_001n)))).toEqual([
      'bolt02-update-add-htlc-01',
    ]);
    expect(() => {
      pair.offer('alice', newHtlc(0, most + 1n));
    }).toThrow(expect.objectContaining({ code: 'channel.wrong-message', blame: 'harness' }));
    pair.offer('alice', newHtlc(0, most));
    pair.settle();
  });

  it('Bob keeps his reserve', () => {
    const pair = new Pair({ alice: { channel_reserve_satoshis: 5000n } });
    expect(requirements(pair, 'alice', update(newHtlc(0, 295_000_000n)))).toEqual([]);
    expect(requirements(pair, 'alice', update(newHtlc(0, 295_000_001n)))).toEqual([
      'bolt02-update-add-htlc-17',
    ]);
  });

  it('the commitment with the lower dust limit counts too', () => {
    // 500 sat are dust in Bob's commitment, whose limit is 546 sat, but not in Alice's own, whose limit is 354.
    const pair = new Pair({ aliceSat: 10_000n + 500n + 1296n + 660n });
    expect(requirements(pair, 'bob', update(newHtlc(0, 500_000n)))).toEqual([]);
    const poorer = new Pair({ aliceSat: 10_000n + 500n + 1296n + 659n });
    expect(requirements(poorer, 'bob', update(newHtlc(0, 500_000n)))).toEqual(['bolt02-update-add-htlc-02']);
  });

  it('every live funding counts', () => {
    const pair = new Pair({ fundings: 2 });
    const [first, second] = pair.states.bob.fundings;
    const shares = { ...first.shares, remote: 30_000_000n };
    const bob = { ...pair.states.bob, fundings: [first, { ...second!, shares }] as const };
    const { faults } = receiveUpdate(bob, update(newHtlc(0, 30_000_000n)));
    expect(faults.map(({ requirement }) => requirement)).toEqual(['bolt02-update-add-htlc-13']);
    expect(receiveUpdate({ ...bob, fundings: [first] }, update(newHtlc(0, 30_000_000n))).faults).toEqual([]);
  });

  it('an update that is repeated after a reconnection is judged by what its sender knew', () => {
    const most = (700_000n - 10_000n - 1296n - 660n) * 1000n;
    const pair = new Pair();
    pair.offer('alice', newHtlc(0, most));
    pair.offer('bob', newHtlc(1, 5_000_000n));
    pair.do('bob', 'commit');
    for (let n = 0; n < 2; n++) expect(pair.hear('alice')).toEqual([]);
    pair.do('alice', 'revoke');
    for (let n = 0; n < 2; n++) expect(pair.hear('bob')).toEqual([]);
    pair.do('alice', 'commit');
    expect(pair.reconnect()).toEqual([]);
    pair.settle();
    expect(pair.states.bob.ledger.htlcs).toHaveLength(2);
  });
});

describe.each(NAMES)('a removal that %s gets', (name) => {
  it.each<readonly [string, readonly string[], Update]>([
    ['fulfills', [], update(fulfill(0n, 0))],
    ['fails', [], update(fail(0n))],
    ['fails as malformed', [], update(malformed(0n))],
    ['has another preimage', ['bolt02-remove-htlc-13'], update(fulfill(0n, 1))],
    ['fulfills no HTLC', ['bolt02-remove-htlc-12'], update(fulfill(1n, 0))],
    ['fails no HTLC', ['bolt02-remove-htlc-12'], update(fail(1n))],
    [
      'has no BADONION',
      ['bolt02-remove-htlc-14'],
      {
        name: 'update_fail_malformed_htlc',
        fields: { id: 0n, sha256_of_onion: new Uint8Array(32), failure_code: 0x4004 },
      },
    ],
  ])('%s', (_, expected, given) => {
    expect(requirements(withHtlc(name), name, given)).toEqual(expected);
  });

  it('is for an HTLC of the wrong side', () => {
    const expected = ['bolt02-remove-htlc-12'];
    expect(requirements(withHtlc(peerOf(name)), name, update(fulfill(0n, 0)))).toEqual(expected);
  });

  it('comes before the HTLC is irrevocably committed', () => {
    const pair = new Pair();
    pair.offer(name, newHtlc(0, 20_000_000n));
    const expected = ['bolt02-remove-htlc-03'];
    expect(requirements(pair, name, update(fulfill(0n, 0)))).toEqual(expected);
    pair.do(name, 'commit');
    for (let n = 0; n < 2; n++) pair.hear(peerOf(name));
    pair.do(peerOf(name), 'revoke');
    pair.hear(name);
    expect(requirements(pair, name, update(fulfill(0n, 0)))).toEqual(expected);
    pair.settle();
    expect(requirements(pair, name, update(fulfill(0n, 0)))).toEqual([]);
  });

  it('comes twice', () => {
    const pair = withHtlc(name);
    pair.offer(peerOf(name), fulfill(0n, 0));
    expect(pair.hear(name)).toEqual([]);
    expect(requirements(pair, name, update(fail(0n)))).toEqual(['bolt02-remove-htlc-12']);
  });
});

describe('update_fee', () => {
  it('comes only from who opened the channel', () => {
    expect(requirements(new Pair(), 'alice', update(fee(1000)))).toEqual(['bolt02-update-fee-02']);
  });

  it('can be paid for', () => {
    // 700,000 sat less two anchors, by 1124.
    const most = Math.floor(((700_000 - 660) * 1000 + 999) / 1124);
    const pair = new Pair();
    expect(requirements(pair, 'bob', update(fee(most)))).toEqual([]);
    expect(requirements(pair, 'bob', update(fee(most + 1)))).toEqual(['bolt02-update-fee-10']);
  });

  it('can be paid for on every live funding', () => {
    const pair = new Pair({ fundings: 2 });
    const [first, second] = pair.states.bob.fundings;
    const shares = { ...first.shares, remote: 30_000_000n };
    const bob = { ...pair.states.bob, fundings: [first, { ...second!, shares }] as const };
    const { faults } = receiveUpdate(bob, update(fee(50_000)));
    expect(faults.map(({ requirement }) => requirement)).toEqual(['bolt02-update-fee-07']);
  });
});
