import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromDisplayHash } from '../../../../src/bitcoin/hash.ts';
import { sendTxAbort } from '../../../../src/channel/state/splice/abort.ts';
import { owedOfSplice } from '../../../../src/channel/state/splice/owed.ts';
import {
  receiveSpliceRecords,
  spliceDisconnected,
  spliceRecords,
  tellsOfSplice,
} from '../../../../src/channel/state/splice/reestablish.ts';
import { sendSpliceCommitmentSigned } from '../../../../src/channel/state/splice/signing.ts';
import { txidOf } from '../../../../src/channel/state/splice/states.ts';
import type { Message } from '../../../../src/channel/state/step.ts';
import { type Name, peerOf } from '../pair.ts';
import { input, NAMES, signTx, SplicePair } from './pair.ts';

type Records = Message<'channel_reestablish'>['fields']['tlvs'];

const plan = { contributes: 100_000n, parts: [input(4n, 105_000n)] };

/** Both have constructed it, and signed nothing. */
function built(): SplicePair {
  const pair = new SplicePair();
  pair.agree(plan);
  pair.build(plan);
  return pair;
}

function signingTxid(pair: SplicePair, name: Name): string {
  const { negotiation } = pair.states[name];
  if (negotiation?.name !== 'signing') throw new Error('nothing is being signed');
  return txidOf(negotiation);
}

/** What `name` makes of its peer's greeting, edited. */
function greeted(pair: SplicePair, name: Name, edit: (records: Records) => Records = (same) => same) {
  const before = spliceDisconnected(pair.states[name]);
  const peer = peerOf(name);
  const records = spliceRecords(spliceDisconnected(pair.states[peer]), pair.conditionsOf(peer), true);
  const { state, faults } = receiveSpliceRecords(before, pair.conditionsOf(name), edit(records));
  if (faults.length > 0) expect(state).toBe(before);
  return { state, requirements: faults.map(({ requirement }) => requirement) };
}

const withFunding =
  (txid: string, retransmit_flags = 0) =>
  (records: Records): Records => ({
    ...records,
    my_current_funding_locked: {
      my_current_funding_locked_txid: fromDisplayHash(txid),
      retransmit_flags,
    },
  });
const withNext =
  (txid: string) =>
  (records: Records): Records => ({
    ...records,
    next_funding: { next_funding_txid: fromDisplayHash(txid), retransmit_flags: 0 },
  });
const without =
  (record: keyof Records) =>
  (records: Records): Records => ({ ...records, [record]: undefined });
const FIRST = '11'.repeat(32);
const OTHER = 'ee'.repeat(32);

describe('wherever the connection is lost', () => {
  it('both end up with the splice, or both without it', () => {
    const commands = fc.array(fc.nat(4), { maxLength: 9 });
    fc.assert(
      fc.property(fc.array(commands, { minLength: 1, maxLength: 3 }), (connections) => {
        const pair = built();
        for (const steps of connections) {
          for (const step of steps) {
            const name: Name = step % 2 === 0 ? 'alice' : 'bob';
            const [owed] = owedOfSplice(pair.states[name]);
            if (step === 4) pair.hearBoth();
            else if (step >= 2) pair.hear(name);
            else if (owed === 'commitment_signed') pair.do(name, sendSpliceCommitmentSigned);
            else if (owed === 'tx_signatures') pair.do(name, signTx);
          }
          pair.reconnect();
        }
        pair.settle();
        const { alice, bob } = pair.states;
        expect(alice.pending.map(txidOf)).toEqual(bob.pending.map(txidOf));
        for (const { negotiation, aborting, commitments, pending } of [alice, bob]) {
          expect({ negotiation, aborting }).toEqual({ negotiation: undefined, aborting: undefined });
          expect(commitments.fundings).toHaveLength(1 + pending.length);
        }
      }),
      { numRuns: 60 },
    );
  });
});

describe.each(NAMES)('channel_reestablish of %s', (name) => {
  const peer = peerOf(name);

  it('names the transaction from our commitment_signed to the tx_signatures of the remote', () => {
    const pair = built();
    const records = () => spliceRecords(pair.states[name], pair.conditionsOf(name), false);
    const next_funding_txid = fromDisplayHash(signingTxid(pair, name));
    expect(records().next_funding).toBeUndefined();
    pair.do(name, sendSpliceCommitmentSigned);
    expect(records().next_funding).toEqual({ next_funding_txid, retransmit_flags: 1 });
    pair.do(peer, sendSpliceCommitmentSigned);
    pair.hearBoth();
    expect(records().next_funding).toEqual({ next_funding_txid, retransmit_flags: 0 });
    pair.settle();
    expect(records().next_funding).toBeUndefined();
  });

  it('tells what is locked', () => {
    const pair = new SplicePair();
    const records = () => spliceRecords(pair.states[name], pair.conditionsOf(name), true);
    expect(tellsOfSplice(pair.states[name], {})).toBe(false);
    pair.conditions = { isReady: { local: false, remote: false } };
    expect(records()).toEqual({});
    pair.conditions = { features: { option_splice: false, option_zeroconf: false } };
    expect(records()).toEqual({});
    pair.conditions = {};
    const told = (txid: string) => ({
      my_current_funding_locked: {
        my_current_funding_locked_txid: fromDisplayHash(txid),
        retransmit_flags: 1,
      },
    });
    expect(records()).toEqual(told(FIRST));
    pair.splice(plan);
    expect(records()).toEqual(told(FIRST));
    expect(tellsOfSplice(pair.states[name], {})).toBe(true);
    const txid = txidOf(pair.states[name].pending[0]!);
    pair.lock(name, txid);
    expect(records()).toEqual(told(txid));
    expect(spliceRecords(pair.states[name], pair.conditionsOf(name), false)).toMatchObject({
      my_current_funding_locked: { retransmit_flags: 0 },
    });
  });

  it('locks what splice_locked would have', () => {
    const pair = new SplicePair();
    pair.splice(plan);
    const txid = txidOf(pair.states[name].pending[0]!);
    pair.lock(name, txid);
    const { state, requirements } = greeted(pair, name, withFunding(txid));
    expect(requirements).toEqual([]);
    expect(state.commitments.fundings.map(({ funding }) => funding.txid)).toEqual([txid]);
  });
});

describe.each(NAMES)('channel_reestablish that %s gets', (name) => {
  const peer = peerOf(name);

  /** Both have sent and heard `commitment_signed`. */
  const committed = (): SplicePair => {
    const pair = built();
    pair.commitBoth();
    return pair;
  };

  it('leaves out the transaction that it has signed a commitment for', () => {
    expect(greeted(committed(), name, without('next_funding')).requirements).toEqual([
      'bolt02-reestablish-16',
    ]);
  });

  it('names another transaction than the one that both negotiate', () => {
    expect(greeted(committed(), name, withNext(OTHER)).requirements).toEqual(['bolt02-reestablish-43']);
  });

  it('names one that we do not know: tx_abort', () => {
    const pair = new SplicePair();
    const { state, requirements } = greeted(pair, name, withNext(OTHER));
    expect(requirements).toEqual([]);
    expect(owedOfSplice(state)).toEqual(['tx_abort']);
    expect(sendTxAbort(state).send).toMatchObject([{ name: 'tx_abort' }]);
  });

  it('names one that it has locked', () => {
    const pair = new SplicePair();
    pair.splice(plan);
    const txid = txidOf(pair.states[name].pending[0]!);
    pair.lock(name, txid);
    pair.lock(peer, txid);
    expect(greeted(pair, name).requirements).toEqual([]);
    expect(greeted(pair, name, withNext(txid)).requirements).toEqual(['bolt02-reestablish-19']);
    expect(greeted(pair, name, withFunding(FIRST)).requirements).toEqual(['bolt02-reestablish-21']);
    expect(greeted(pair, name, without('my_current_funding_locked')).requirements).toEqual([
      'bolt02-reestablish-21',
    ]);
  });

  it('says nothing, or something wrong, of its funding', () => {
    const pair = new SplicePair();
    expect(greeted(pair, name).requirements).toEqual([]);
    expect(greeted(pair, name, without('my_current_funding_locked')).requirements).toEqual([
      'bolt02-reestablish-22',
    ]);
    expect(greeted(pair, name, withFunding(OTHER)).requirements).toEqual(['bolt02-reestablish-22']);
    pair.conditions = { features: { option_splice: false, option_zeroconf: false } };
    expect(greeted(pair, name).requirements).toEqual([]);
  });

  it('asks for an announcement of an unannounced channel', () => {
    const pair = new SplicePair();
    const { commitments } = pair.states[name];
    const terms = { ...commitments.terms, announce: false };
    pair.states[name] = { ...pair.states[name], commitments: { ...commitments, terms } };
    expect(greeted(pair, name, withFunding(FIRST, 1)).requirements).toEqual(['bolt02-reestablish-25']);
    expect(greeted(pair, name, withFunding(FIRST, 0)).requirements).toEqual([]);
  });
});
