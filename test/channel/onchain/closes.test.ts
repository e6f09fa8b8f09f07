import { describe, expect, it } from 'vitest';
import { makeTransaction, type Transaction } from '../../../src/bitcoin/transaction.ts';
import { EMPTY } from '../../../src/core/bytes.ts';
import { followed, watchedOutpoints } from '../../../src/channel/onchain/follow.ts';
import { htlcOutcomes } from '../../../src/channel/onchain/htlcs.ts';
import {
  failChannel,
  seeConfirmed,
  seeHeight,
  seeUnconfirmed,
  watchChannel,
} from '../../../src/channel/onchain/onchain.ts';
import { isIrrevocablyResolved, resolutions } from '../../../src/channel/onchain/resolved.ts';
import { localCommitmentTransaction } from '../../../src/channel/onchain/unilateral.ts';
import { warningsOf } from '../../../src/channel/onchain/warnings.ts';
import { codeOf } from '../../crypto/code-of.ts';
import { newHtlc, openedBy, Pair, preimageOf } from '../state/pair.ts';
import { FORMATS } from '../transactions/sides.ts';
import { pairWithHtlcs, requirementsOf, Scene, START, WALLET } from './scene.ts';

const PEERS_SCRIPT = Uint8Array.of(0, 20, ...new Uint8Array(20).fill(5));

const spendOf = (at: { txid: string; output_index: number }, ...scripts: Uint8Array[]): Transaction =>
  makeTransaction({
    version: 2,
    inputs: [{ txid: at.txid, vout: at.output_index, scriptSig: EMPTY, sequence: 0xffff_fffd, witness: [] }],
    outputs: scripts.map((script) => ({ amountSat: 1000n, script })),
    lockTime: START,
  });

describe('what spends the funding output', () => {
  const { alice } = pairWithHtlcs('option_anchors').states;
  const [{ funding }] = alice.fundings;
  const shutdownScripts = [WALLET, PEERS_SCRIPT];
  const node = watchChannel({ commitments: alice, shutdownScripts }, START);

  it('a mutual close: it pays to the scripts that were agreed on, and needs nothing more', () => {
    for (const scripts of [[WALLET], [PEERS_SCRIPT], shutdownScripts]) {
      const closed = seeConfirmed(node, spendOf(funding, ...scripts), START + 1);
      expect(followed(closed)).toMatchObject({ close: { kind: 'mutual_close' }, outputs: [] });
      expect(warningsOf(closed)).toEqual([]);
      expect(isIrrevocablyResolved(seeHeight(closed, START + 99))).toBe(false);
      expect(isIrrevocablyResolved(seeHeight(closed, START + 100))).toBe(true);
    }
  });

  it('something unknown: the user is warned', () => {
    const stolen = seeConfirmed(node, spendOf(funding, WALLET, Uint8Array.of(0x51)), START + 1);
    expect(followed(stolen)?.close.kind).toBe('unknown');
    expect(warningsOf(stolen).map(({ requirement }) => requirement)).toEqual(['bolt05-general-01']);
    expect(isIrrevocablyResolved(seeHeight(stolen, START + 1000))).toBe(false);
  });

  it('nothing: other transactions change nothing', () => {
    const elsewhere = spendOf({ txid: 'ee'.repeat(32), output_index: 0 }, WALLET);
    expect(seeConfirmed(node, elsewhere, START + 1)).toBe(node);
    expect(followed(node)).toBeUndefined();
    expect(watchedOutpoints(node)).toEqual([`${funding.txid}:${funding.output_index}`]);
    expect(isIrrevocablyResolved(node)).toBe(false);
    expect(resolutions(node)).toEqual([]);
  });

  it('a splice that we know of does not close the channel', () => {
    const { states } = new Pair({ fundings: 2 });
    const [first, second] = states.alice.fundings;
    const splice = {
      ...spendOf(first.funding, WALLET),
      txid: second!.funding.txid,
    };
    expect(followed(seeConfirmed(watchChannel({ commitments: states.alice }, START), splice, 401))).toBe(
      undefined,
    );
  });

  it('a preimage in the mempool is known at once', () => {
    const [input, ...more] = spendOf(funding, WALLET).inputs;
    const tx = makeTransaction({
      ...spendOf(funding, WALLET),
      inputs: [{ ...input!, witness: [preimageOf(0)] }, ...more],
    });
    const learnt = seeUnconfirmed(node, tx);
    expect(learnt.preimages).toEqual([preimageOf(0)]);
    expect(followed(learnt)).toBeUndefined();
  });

  it('our commitment cannot be made without a signature of the remote', () => {
    const commitments = openedBy('alice');
    expect(codeOf(() => localCommitmentTransaction(commitments, commitments.fundings[0]))).toBe(
      'channel.no-signature',
    );
  });
});

describe.each(FORMATS)('with %s', (format) => {
  it('a commitment of the remote that we lost: only to_remote is taken, and the user is told', () => {
    const pair = pairWithHtlcs(format);
    const lost = pair.states.alice;
    for (const n of [2, 3]) {
      pair.offer('alice', newHtlc(n, 70_000_000n, 520));
      pair.settle();
    }
    const scene = new Scene({ ...pair.states, alice: lost });
    scene.update('bob', failChannel);
    scene.mineOwed('bob');
    expect(followed(scene.nodes.alice)?.close.kind).toBe('ahead');
    expect(warningsOf(scene.nodes.alice).map(({ requirement }) => requirement)).toEqual([
      'bolt05-remote-commitment-06',
    ]);
    expect(requirementsOf(scene.mineOwed('alice'))).toEqual(['bolt05-remote-commitment-02']);
    expect(resolutions(scene.nodes.alice)).toMatchObject([{ by: 'commitment' }]);
  });

  it('an HTLC that is dust on both sides may be failed at once, and must be when the commitment is deep', () => {
    const pair = new Pair({ format });
    pair.offer('alice', newHtlc(0, 100_000n));
    pair.settle();
    const scene = new Scene(pair.states);
    expect(htlcOutcomes(scene.nodes.alice, 2)).toEqual([]);
    scene.update('bob', failChannel);
    scene.mineOwed('bob');
    expect(htlcOutcomes(scene.nodes.alice, 2)).toMatchObject([
      { outcome: { name: 'may_fail' }, requirement: 'bolt05-remote-commitment-local-offers-05' },
    ]);
    scene.mine();
    expect(htlcOutcomes(scene.nodes.alice, 2)).toMatchObject([
      { outcome: { name: 'failed' }, requirement: 'bolt05-remote-commitment-local-offers-04' },
    ]);
    scene.learn('alice', 0);
    expect(htlcOutcomes(scene.nodes.alice, 2)).toMatchObject([
      { outcome: { name: 'fulfilled' }, requirement: 'bolt05-remote-commitment-local-offers-03' },
    ]);
  });

  it('what is not worth its fee, or has no coin to pay it, is told of', () => {
    const scene = new Scene(pairWithHtlcs(format).states);
    scene.update('alice', failChannel);
    scene.mineOwed('alice');
    scene.learn('alice', 1);
    const means = scene.means('alice');
    scene.means = () => ({ ...means, coinsFor: () => [] });
    const { transactions, unaffordable } = scene.owed('alice');
    expect([transactions.length, unaffordable.length]).toEqual(format === 'option_anchors' ? [0, 1] : [1, 0]);
  });
});
