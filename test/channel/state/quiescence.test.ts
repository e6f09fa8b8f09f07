import { describe, expect, it } from 'vitest';
import {
  isQuiescent,
  noQuiescence,
  owesStfu,
  quiescenceFaults,
  quiescenceInitiator,
  receiveStfu,
  sendStfu,
  type Quiescence,
} from '../../../src/channel/state/quiescence.ts';
import { fee, fulfill, type Name, newHtlc, Pair, peerOf } from './pair.ts';

const NAMES = ['alice', 'bob'] as const satisfies readonly Name[];

const conditions = (pair: Pair, name: Name, option_quiesce = true) => ({
  commitments: pair.states[name],
  option_quiesce,
});

const ofBoth = (local?: number, remote?: number): Quiescence => ({
  initiators: { ...(local !== undefined && { local }), ...(remote !== undefined && { remote }) },
});

/** What `name` makes of an `stfu`. */
function judged(pair: Pair, name: Name, before: Quiescence, initiator: number, option_quiesce = true) {
  const { state, faults } = receiveStfu(before, conditions(pair, name, option_quiesce), { initiator });
  if (faults.length > 0) expect(state).toBe(before);
  return faults.map(({ requirement }) => requirement);
}

describe.each(NAMES)('stfu that %s gets', (name) => {
  const peer = peerOf(name);

  it.each<[string, readonly string[], Quiescence, number, boolean?]>([
    ['begins', [], noQuiescence, 1],
    ['begins as a reply', ['bolt02-stfu-05'], noQuiescence, 0],
    ['begins with another value', ['bolt02-stfu-05'], noQuiescence, 2],
    ['replies', [], ofBoth(1), 0],
    ['crosses ours', [], ofBoth(1), 1],
    ['replies with another value', ['bolt02-stfu-04'], ofBoth(1), 2],
    ['comes twice', ['bolt02-stfu-03'], ofBoth(undefined, 1), 1],
    ['comes twice, after our reply', ['bolt02-stfu-03'], ofBoth(0, 1), 0],
    ['was not negotiated', ['bolt02-stfu-01'], noQuiescence, 1, false],
  ])('%s', (_, requirements, before, initiator, option_quiesce) => {
    expect(judged(new Pair(), name, before, initiator, option_quiesce)).toEqual(requirements);
  });

  it("comes while one of its sender's updates is pending, up to the last revocation", () => {
    const pair = new Pair();
    const judge = () => judged(pair, name, noQuiescence, 1);
    pair.offer(peer, newHtlc(0, 20_000_000n));
    expect(judge()).toEqual([]);
    expect(pair.hear(name)).toEqual([]);
    expect(judge()).toEqual(['bolt02-stfu-02']);
    const steps: readonly (() => void)[] = [
      () => pair.do(peer, 'commit'),
      () => pair.do(name, 'revoke'),
      () => pair.do(name, 'commit'),
    ];
    for (const step of steps) {
      step();
      expect([...pair.hear('alice'), ...pair.hear('bob')]).toEqual([]);
      expect(judge()).toEqual(['bolt02-stfu-02']);
    }
    pair.do(peer, 'revoke');
    expect(pair.hear(name)).toEqual([]);
    // The HTLC itself may stay.
    expect(judge()).toEqual([]);
  });

  it('may come while our own updates are pending: the reply waits', () => {
    const pair = new Pair();
    pair.offer(peer, newHtlc(0, 20_000_000n));
    pair.settle();
    pair.offer(name, fulfill(0n, 0));
    const { state, faults } = receiveStfu(noQuiescence, conditions(pair, name), { initiator: 1 });
    expect(faults).toEqual([]);
    expect(owesStfu(state, conditions(pair, name))).toBe(false);
    expect(() => sendStfu(state, conditions(pair, name))).toThrow(/bolt02-stfu-02/);
    pair.settle();
    expect(owesStfu(state, conditions(pair, name))).toBe(true);
    const reply = sendStfu(state, conditions(pair, name));
    expect(reply.send).toMatchObject([{ name: 'stfu', fields: { initiator: 0 } }]);
    expect(isQuiescent(reply.state)).toBe(true);
    expect(owesStfu(reply.state, conditions(pair, name))).toBe(false);
    expect(quiescenceInitiator(reply.state, pair.states[name])).toBe('remote');
  });

  it('makes the channel quiescent, with the opener as initiator where both began', () => {
    const pair = new Pair();
    const sent = sendStfu(noQuiescence, conditions(pair, name));
    expect(sent.send).toMatchObject([{ name: 'stfu', fields: { initiator: 1 } }]);
    expect(isQuiescent(sent.state)).toBe(false);
    expect(quiescenceInitiator(sent.state, pair.states[name])).toBeUndefined();
    const replied = receiveStfu(sent.state, conditions(pair, name), { initiator: 0 }).state;
    expect(quiescenceInitiator(replied, pair.states[name])).toBe('local');
    const crossed = receiveStfu(sent.state, conditions(pair, name), { initiator: 1 }).state;
    expect(isQuiescent(crossed)).toBe(true);
    expect(quiescenceInitiator(crossed, pair.states[name])).toBe(name === 'alice' ? 'local' : 'remote');
  });
});

it('allows no update after stfu, of its sender', () => {
  const { name } = fee(1000);
  expect(quiescenceFaults(noQuiescence, 'remote', name)).toEqual([]);
  expect(quiescenceFaults(ofBoth(1), 'remote', name)).toEqual([]);
  for (const state of [ofBoth(undefined, 1), ofBoth(1, 0)])
    expect(quiescenceFaults(state, 'remote', name)).toMatchObject([{ requirement: 'bolt02-stfu-08' }]);
  expect(quiescenceFaults(ofBoth(1), 'local', name)).toMatchObject([{ requirement: 'bolt02-stfu-08' }]);
});

it('is not sent twice, nor without the feature', () => {
  const pair = new Pair();
  expect(() => sendStfu(ofBoth(1), conditions(pair, 'alice'))).toThrow(/bolt02-stfu-03/);
  expect(() => sendStfu(noQuiescence, conditions(pair, 'alice', false))).toThrow(/bolt02-stfu-01/);
});
