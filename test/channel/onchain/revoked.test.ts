import { describe, expect, it } from 'vitest';
import { followed } from '../../../src/channel/onchain/follow.ts';
import { htlcOutcomes } from '../../../src/channel/onchain/htlcs.ts';
import { judgeBroadcast, judgeOverdue } from '../../../src/channel/onchain/judge.ts';
import {
  failChannel,
  learnPreimage,
  type Onchain,
  seeConfirmed,
  seeHeight,
  seeReorg,
  watchChannel,
} from '../../../src/channel/onchain/onchain.ts';
import { owedOnchain } from '../../../src/channel/onchain/owed.ts';
import { isIrrevocablyResolved } from '../../../src/channel/onchain/resolved.ts';
import { localCommitmentTransaction } from '../../../src/channel/onchain/unilateral.ts';
import type { Transaction } from '../../../src/bitcoin/transaction.ts';
import { FORMATS } from '../transactions/sides.ts';
import { preimageOf } from '../state/pair.ts';
import { RECEIVED_EXPIRY, requirementsOf, type Scene, sceneWithRevoked } from './scene.ts';

const PENALTIES = ['bolt05-revoked-02', 'bolt05-revoked-03', 'bolt05-revoked-04', 'bolt05-revoked-05'];

describe.each(FORMATS)('a revoked commitment with %s', (format) => {
  /** Bob cheats: his revoked commitment, and himself as he would be if it were his latest. */
  function cheated(): { scene: Scene; cheat: Transaction; cheaterAt: () => Onchain } {
    const { scene, old } = sceneWithRevoked(format);
    const cheat = localCommitmentTransaction(old.bob, old.bob.fundings[0]);
    scene.mine(cheat);
    const cheater = learnPreimage(failChannel(watchChannel({ commitments: old.bob }, 0)), preimageOf(0));
    const cheaterAt = (): Onchain => seeHeight(seeConfirmed(cheater, cheat, 401), scene.chain.height);
    return { scene, cheat, cheaterAt };
  }

  const cheatersTransactions = (scene: Scene, cheater: Onchain): readonly Transaction[] =>
    owedOnchain(cheater, scene.means('bob')).transactions.map(({ tx }) => tx);

  it('is recognised by both sides', () => {
    const { alice, bob } = cheated().scene.nodes;
    expect(followed(alice)?.close).toMatchObject({ owner: 'remote', status: 'revoked' });
    expect(followed(bob)?.close).toMatchObject({ owner: 'local', status: 'revoked' });
  });

  it('is punished: every output is taken, each alone', () => {
    const { scene } = cheated();
    const sent = scene.mineOwed('alice');
    expect(requirementsOf(sent)).toEqual(PENALTIES);
    expect(sent.every(({ tx }) => tx.inputs.length === 1)).toBe(true);
    expect(judgeOverdue(scene.nodes.bob, { preimages: [], graceBlocks: 0 })).toEqual([]);
    // Her own offer was taken back by penalty; it had been fulfilled long ago, so nothing is to be failed.
    expect(htlcOutcomes(scene.nodes.alice, 1)).toEqual([]);
    scene.mineUntil(scene.chain.height + 98);
    expect(isIrrevocablyResolved(scene.nodes.alice)).toBe(false);
    scene.mine();
    expect(isIrrevocablyResolved(scene.nodes.alice)).toBe(true);
  });

  it('is punished by one transaction, but for what comes near to its end', () => {
    const { scene } = cheated();
    scene.penalties = 'together';
    const inputs = (): readonly number[] =>
      scene
        .owed('alice')
        .transactions.map(({ tx }) => tx.inputs.length)
        .sort();
    expect(inputs()).toEqual([1, 3]);
    // Bob waits for Alice's 144 blocks; his own offer expires at RECEIVED_EXPIRY.
    scene.mineUntil(RECEIVED_EXPIRY - 18);
    expect(inputs()).toEqual([1, 1, 2]);
    const sent = scene.mineOwed('alice');
    expect(requirementsOf(sent)).toEqual(PENALTIES);
  });

  it('is punished in its HTLC transactions too', () => {
    const { scene, cheaterAt } = cheated();
    const [success, ...more] = cheatersTransactions(scene, cheaterAt()).filter(
      ({ inputs }) => inputs[0]?.witness.length === 5,
    );
    expect(more).toEqual([]);
    scene.mine(success!);
    expect(requirementsOf(scene.owed('alice').transactions)).toEqual([
      'bolt05-revoked-02',
      'bolt05-revoked-03',
      'bolt05-revoked-04',
      'bolt05-revoked-07',
    ]);
    scene.mineUntil(RECEIVED_EXPIRY);
    const [timeout] = cheatersTransactions(scene, cheaterAt()).filter(({ lockTime }) => lockTime > 0);
    scene.mine(timeout!);
    expect(requirementsOf(scene.mineOwed('alice'))).toEqual([
      'bolt05-revoked-02',
      'bolt05-revoked-03',
      'bolt05-revoked-06',
      'bolt05-revoked-07',
    ]);
    expect(judgeOverdue(scene.nodes.bob, { preimages: [], graceBlocks: 0 })).toEqual([]);
    scene.mineUntil(scene.chain.height + 99);
    expect(isIrrevocablyResolved(scene.nodes.alice)).toBe(true);
  });

  it('is not resolved while a reorganisation may take the penalty back', () => {
    const { scene } = cheated();
    scene.mineOwed('alice');
    expect(scene.owed('alice').transactions).toEqual([]);
    scene.update('alice', (node) => seeReorg(node, 401));
    expect(requirementsOf(scene.owed('alice').transactions)).toEqual(PENALTIES);
  });

  it('is a breach of the one who broadcasts it', () => {
    const { scene, old } = sceneWithRevoked(format);
    const cheat = localCommitmentTransaction(old.bob, old.bob.fundings[0]);
    expect(judgeBroadcast(scene.nodes.alice, cheat, 400).map(({ requirement }) => requirement)).toEqual([
      'bolt05-revoked-01',
    ]);
    const { commitments } = scene.nodes.bob;
    const latest = localCommitmentTransaction(commitments, commitments.fundings[0]);
    expect(judgeBroadcast(scene.nodes.alice, latest, 400)).toEqual([]);
  });

  it('is to be punished in every output: what is left is told, once it is due', () => {
    const { scene } = cheated();
    const overdue = (graceBlocks: number): readonly string[] =>
      judgeOverdue(scene.nodes.bob, { preimages: [], graceBlocks }).map(({ requirement }) => requirement);
    expect(overdue(0)).toEqual([]);
    const due = PENALTIES.slice(1);
    const penalties = scene.owed('alice').transactions;
    scene.mine();
    expect([...overdue(0)].sort()).toEqual(due);
    expect(overdue(1)).toEqual([]);
    for (const left of due) {
      const taken = penalties.filter(({ requirements }) => !requirements.includes(left));
      const { height } = scene.chain;
      const seen = taken.reduce((node, { tx }) => seeConfirmed(node, tx, height + 1), scene.nodes.bob);
      const faults = judgeOverdue(seen, { preimages: [], graceBlocks: 1 });
      expect(faults.map(({ requirement }) => requirement)).toEqual([left]);
    }
  });

  it('that got away is a breach too', () => {
    const { scene, cheaterAt } = cheated();
    scene.mineUntil(401 + 144 - 1);
    const own = cheatersTransactions(scene, cheaterAt()).filter(
      ({ inputs }) => inputs[0]?.witness.length === 3 && inputs[0].sequence === 144,
    );
    expect(own).toHaveLength(1);
    scene.mine(...own);
    const faults = judgeOverdue(scene.nodes.bob, { preimages: [], graceBlocks: 1000 });
    expect(faults.map(({ requirement }) => requirement)).toEqual(['bolt05-revoked-03']);
  });
});
