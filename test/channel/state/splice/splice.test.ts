import { describe, expect, it } from 'vitest';
import { verifySpends } from '../../../../src/bitcoin/verify.ts';
import { commit } from '../../../../src/channel/state/commit.ts';
import { isQuiescent } from '../../../../src/channel/state/quiescence.ts';
import { signedTransaction } from '../../../../src/channel/state/interactive/signatures.ts';
import { sendTxAbort } from '../../../../src/channel/state/splice/abort.ts';
import { owedOfSplice } from '../../../../src/channel/state/splice/owed.ts';
import { matchingReserveSat } from '../../../../src/channel/state/splice/reserve.ts';
import { constructedOf, txidOf } from '../../../../src/channel/state/splice/states.ts';
import { type NewUpdate, offerUpdate } from '../../../../src/channel/state/updates.ts';
import { expectAgreement, expectBroadcastable, type Name, newHtlc, peerOf } from '../pair.ts';
import { input, NAMES, onCommitments, output, SplicePair } from './pair.ts';

const offer = (pair: SplicePair, name: Name, update: NewUpdate): void => {
  pair.do(
    name,
    onCommitments((commitments) => offerUpdate(commitments, update)),
  );
  pair.hear(peerOf(name));
};

/** Until all is committed. */
function settleUpdates(pair: SplicePair): void {
  pair.settleUpdates();
  const { alice, bob } = pair.states;
  expectAgreement({ alice: alice.commitments, bob: bob.commitments });
  for (const name of NAMES) expectBroadcastable(pair.states[name].commitments);
}

const spliceIn = { contributes: 100_000n, parts: [input(4n, 105_000n)] };

const last = (pair: SplicePair, name: Name = 'alice') => pair.states[name].pending.at(-1)!;

function expectSpendable(pair: SplicePair): void {
  const transaction = signedTransaction(last(pair).construction)!;
  expect(transaction.txid).toBe(txidOf(last(pair)));
  const spent = constructedOf(last(pair)).inputs.map((each) => each.spent);
  expect(verifySpends(transaction, spent)).toBeUndefined();
}

describe.each(NAMES)('a splice that %s begins', (by) => {
  it('adds to the channel, with HTLCs pending', () => {
    const pair = new SplicePair();
    offer(pair, 'alice', newHtlc(0, 50_000_000n));
    offer(pair, 'bob', newHtlc(1, 30_000_000n));
    settleUpdates(pair);
    const before = pair.states.alice.commitments;
    pair.splice({ by, ...spliceIn });
    expectSpendable(pair);
    for (const name of NAMES) {
      const { commitments, quiescence, negotiation } = pair.states[name];
      expect(isQuiescent(quiescence)).toBe(false);
      expect(negotiation).toBeUndefined();
      expect(commitments.numbers).toEqual(pair.states[name].commitments.numbers);
      expect(commitments.fundings.map(({ funding }) => funding.funding_satoshis)).toEqual([
        1_000_000n,
        1_100_000n,
      ]);
      const own = name === by ? 100_000_000n : 0n;
      const [first, second] = commitments.fundings;
      expect(second!.shares.local - first.shares.local).toBe(own);
      expectBroadcastable(commitments);
    }
    expect(pair.states.alice.commitments.numbers).toEqual(before.numbers);
    expectAgreement({ alice: pair.states.alice.commitments, bob: pair.states.bob.commitments });
  });

  it('takes from the channel, and both sides may at once', () => {
    const pair = new SplicePair();
    pair.splice({
      by,
      contributes: -60_000n,
      answers: -40_000n,
      parts: [output(4n, 58_000n)],
      answerParts: [output(1n, 39_000n)],
    });
    expectSpendable(pair);
    const [, second] = pair.states[by].commitments.fundings;
    expect(second!.funding.funding_satoshis).toBe(900_000n);
    expect(second!.channel_reserve_satoshis).toEqual({ local: 9_000n, remote: 9_000n });
  });

  it('lets updates go on in batches until it is locked, then without', () => {
    const pair = new SplicePair();
    pair.splice({ by, ...spliceIn });
    offer(pair, 'bob', newHtlc(0, 20_000_000n));
    const sent = pair.do('bob', onCommitments(commit)).map(({ name }) => name);
    expect(sent).toEqual(['start_batch', 'commitment_signed', 'commitment_signed']);
    settleUpdates(pair);
    const txid = txidOf(last(pair));
    pair.lock(by, txid);
    expect(pair.states[by].commitments.fundings).toHaveLength(2);
    pair.lock(peerOf(by), txid);
    for (const name of NAMES) {
      const { commitments, pending } = pair.states[name];
      expect(commitments.fundings.map(({ funding }) => funding.txid)).toEqual([txid]);
      expect(pending).toEqual([]);
    }
    offer(pair, 'alice', newHtlc(1, 20_000_000n));
    const alone = pair.do('alice', onCommitments(commit)).map(({ name }) => name);
    expect(alone).toEqual(['commitment_signed']);
    settleUpdates(pair);
    // The next one spends the locked funding.
    pair.splice({ by: peerOf(by), contributes: 50_000n, parts: [input(4n, 55_000n)] });
    expectSpendable(pair);
    expect(constructedOf(last(pair)).inputs.some((each) => each.txid === txid)).toBe(true);
  });

  it('takes a batch that was signed before splice_locked came', () => {
    const pair = new SplicePair();
    pair.splice({ by, ...spliceIn });
    const txid = txidOf(last(pair));
    const peer = peerOf(by);
    offer(pair, by, newHtlc(0, 20_000_000n));
    pair.lock(peer, txid);
    // Both go off at once: the batch of two, and the lock that leaves one funding.
    pair.do(by, onCommitments(commit));
    const batch = pair.inbox[peer].splice(0);
    const crossed = pair.states[by];
    pair.lock(by, txid);
    expect(crossed.commitments.fundings).toHaveLength(2);
    expect(pair.states[peer].commitments.fundings).toHaveLength(1);
    expect(pair.take(peer, batch)).toEqual([]);
    settleUpdates(pair);
  });

  it('is replaced by either side', () => {
    const pair = new SplicePair();
    pair.splice({ by, ...spliceIn });
    const peer = peerOf(by);
    pair.splice({
      by: peer,
      answers: 90_000n,
      feerate: 1050,
      parts: [input(6n, 8_000n)],
      answerParts: [input(5n, 105_000n)],
    });
    expectSpendable(pair);
    for (const name of NAMES) {
      const { commitments, pending } = pair.states[name];
      expect(commitments.fundings).toHaveLength(3);
      expect(pending).toHaveLength(2);
      expectBroadcastable(commitments);
    }
    offer(pair, 'alice', newHtlc(0, 20_000_000n));
    settleUpdates(pair);
    const [first, second] = pair.states[by].pending;
    pair.lock(by, txidOf(first!));
    pair.lock(peer, txidOf(second!));
    expect(pair.states[by].commitments.fundings).toHaveLength(3);
    pair.lock(by, txidOf(second!));
    for (const name of NAMES)
      expect(pair.states[name].commitments.fundings.map(({ funding }) => funding.txid)).toEqual([
        txidOf(second!),
      ]);
  });

  it('is given up by either side at any time before it is signed', () => {
    const stages: readonly ((pair: SplicePair) => void)[] = [
      (pair) => {
        pair.agree({ by, contributes: 100_000n });
      },
      (pair) => {
        pair.agree({ by, ...spliceIn });
        pair.build({ by, ...spliceIn });
      },
      (pair) => {
        pair.agree({ by, ...spliceIn });
        pair.build({ by, ...spliceIn });
        pair.commitBoth();
      },
    ];
    for (const reach of stages)
      for (const name of NAMES) {
        const pair = new SplicePair();
        reach(pair);
        pair.do(name, sendTxAbort);
        pair.hear(peerOf(name));
        expect(owedOfSplice(pair.states[name])).toEqual([]);
        expect(owedOfSplice(pair.states[peerOf(name)])).toEqual(['tx_abort']);
        pair.do(peerOf(name), sendTxAbort);
        pair.hear(name);
        for (const each of NAMES) {
          const { negotiation, aborting, quiescence, commitments } = pair.states[each];
          expect({ negotiation, aborting, quiescence }).toEqual({
            negotiation: undefined,
            aborting: undefined,
            quiescence: { initiators: {} },
          });
          expect(commitments.fundings).toHaveLength(1);
        }
        // Then another may be tried.
        pair.splice({ by: name, ...spliceIn });
      }
  });
});

it('has the reserve of the second version of channels: one in a hundred, or the dust limit', () => {
  const { terms, fundings } = new SplicePair().states.alice.commitments;
  const [{ funding }] = fundings;
  expect(matchingReserveSat(terms.local, { ...funding, funding_satoshis: 1_234_567n })).toBe(12_345n);
  expect(matchingReserveSat(terms.local, { ...funding, funding_satoshis: 30_000n })).toBe(354n);
});

it('ignores what has crossed our tx_abort', () => {
  const pair = new SplicePair();
  pair.agree({ by: 'alice', ...spliceIn });
  const { state } = sendTxAbort(pair.states.bob);
  pair.states.bob = state;
  const channel_id = state.commitments.terms.channel_id;
  expect(pair.take('bob', [{ name: 'tx_complete', fields: { channel_id } }])).toEqual([]);
  expect(pair.states.bob).toBe(state);
});
