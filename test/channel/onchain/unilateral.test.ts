import { describe, expect, it } from 'vitest';
import { feeSat } from '../../../src/channel/transactions/fees.ts';
import { failChannel, seeConfirmed, seeReorg, watchChannel } from '../../../src/channel/onchain/onchain.ts';
import { htlcOutcomes } from '../../../src/channel/onchain/htlcs.ts';
import { isIrrevocablyResolved, resolutions } from '../../../src/channel/onchain/resolved.ts';
import { localCommitmentTransaction } from '../../../src/channel/onchain/unilateral.ts';
import { FORMATS } from '../transactions/sides.ts';
import { newHtlc, preimageOf } from '../state/pair.ts';
import { followed } from '../../../src/channel/onchain/follow.ts';
import { upcoming } from '../../../src/channel/onchain/owed.ts';
import {
  FEERATE,
  OFFERED_EXPIRY,
  pairWithHtlcs,
  RECEIVED_EXPIRY,
  requirementsOf,
  Scene,
  START,
} from './scene.ts';

describe.each(FORMATS)('a unilateral close with %s', (format) => {
  const anchors = format === 'option_anchors';

  /** Alice's commitment is in the block after START. */
  function closedByAlice(): Scene {
    const scene = new Scene(pairWithHtlcs(format).states);
    expect(scene.owed('alice').transactions).toEqual([]);
    scene.update('alice', failChannel);
    const sent = scene.mineOwed('alice');
    expect(sent.flatMap(({ requirements }) => requirements)).toEqual([
      'bolt05-failing-a-channel-06',
      ...(anchors ? ['bolt05-failing-a-channel-07'] : []),
    ]);
    return scene;
  }

  it('is recognised by both sides', () => {
    const { alice, bob } = closedByAlice().nodes;
    expect(followed(alice)?.close).toMatchObject({ kind: 'commitment', owner: 'local', status: 'latest' });
    expect(followed(bob)?.close).toMatchObject({ kind: 'commitment', owner: 'remote', status: 'latest' });
  });

  it('pays the feerate together with the child of its anchor', () => {
    const scene = new Scene(pairWithHtlcs(format).states);
    scene.update('alice', failChannel);
    const [commitment, child] = scene.owed('alice').transactions.map(({ tx }) => tx);
    expect(child !== undefined).toBe(anchors);
    if (!commitment || !child) return;
    const { funding_satoshis } = scene.nodes.alice.commitments.fundings[0].funding;
    const paid = funding_satoshis - commitment.outputs.reduce((sum, { amountSat }) => sum + amountSat, 0n);
    const childPaid = 330n + 50_000n - child.outputs[0]!.amountSat;
    expect(paid + childPaid).toBeGreaterThanOrEqual(feeSat(commitment.weight + child.weight, FEERATE));
  });

  it('is not begun where our state is outdated', () => {
    const scene = new Scene(pairWithHtlcs(format).states);
    scene.update('alice', (node) => failChannel(node, { isOutdated: true }));
    expect(scene.owed('alice').transactions).toEqual([]);
  });

  it('times out what each side offered, takes what is delayed, and is resolved', () => {
    const scene = closedByAlice();
    // Bob takes to_remote at once; HTLCs without a preimage wait for their expiry.
    expect(requirementsOf(scene.mineOwed('bob'))).toEqual(['bolt05-remote-commitment-02']);
    scene.mineUntil(OFFERED_EXPIRY - 1);
    expect(scene.owed('alice').transactions).toEqual([]);
    const early = scene.owed('alice', OFFERED_EXPIRY).transactions[0]!.tx;
    expect(scene.chain.refusal(early)).toBe('non-final');
    scene.mineUntil(OFFERED_EXPIRY);
    expect(requirementsOf(scene.mineOwed('alice'))).toEqual(['bolt05-local-commitment-local-offers-02']);
    const secondStage = scene.chain.height;
    expect(htlcOutcomes(scene.nodes.alice, 2).map(({ outcome }) => outcome.name)).toEqual(['pending']);
    expect(htlcOutcomes(scene.nodes.alice, 1)).toMatchObject([
      { outcome: { name: 'failed' }, requirement: 'bolt05-local-commitment-local-offers-03' },
    ]);
    scene.mineUntil(RECEIVED_EXPIRY - 1);
    expect(scene.owed('bob').transactions).toEqual([]);
    scene.mineUntil(RECEIVED_EXPIRY);
    expect(requirementsOf(scene.mineOwed('bob'))).toEqual(['bolt05-remote-commitment-local-offers-02']);
    expect(htlcOutcomes(scene.nodes.bob, 1)).toMatchObject([
      { outcome: { name: 'failed' }, requirement: 'bolt05-remote-commitment-local-offers-02' },
    ]);
    // Bob's to_self_delay.
    const delayed = START + 1 + 720 - 1;
    scene.mineUntil(delayed - 1);
    expect(scene.owed('alice').transactions).toEqual([]);
    expect(scene.chain.refusal(scene.owed('alice', delayed).transactions[0]!.tx)).toBe('non-BIP68-final');
    scene.mineUntil(delayed);
    expect(requirementsOf(scene.mineOwed('alice'))).toEqual(['bolt05-local-commitment-01']);
    scene.mineUntil(secondStage + 720 - 2);
    expect(scene.owed('alice').transactions).toEqual([]);
    scene.mine();
    expect(requirementsOf(scene.mineOwed('alice'))).toEqual(['bolt05-local-commitment-local-offers-05']);
    const last = scene.chain.height;
    expect(upcoming(scene.nodes.alice)).toEqual([]);
    expect(isIrrevocablyResolved(scene.nodes.bob)).toBe(true);
    scene.mineUntil(last + 98);
    expect(isIrrevocablyResolved(scene.nodes.alice)).toBe(false);
    scene.mine();
    expect(isIrrevocablyResolved(scene.nodes.alice)).toBe(true);
  });

  it('claims what each side was offered, with the preimage, and tells what the other side showed', () => {
    const scene = closedByAlice();
    scene.learn('alice', 1);
    scene.learn('bob', 0);
    const [success] = scene.owed('alice').transactions;
    expect(upcoming(scene.nodes.alice)).toContainEqual(
      expect.objectContaining({ how: 'htlc_success', untilHeight: RECEIVED_EXPIRY }),
    );
    expect(requirementsOf(scene.mineOwed('alice'))).toEqual(['bolt05-local-commitment-remote-offers-01']);
    expect(requirementsOf(scene.mineOwed('bob'))).toEqual([
      'bolt05-remote-commitment-02',
      'bolt05-remote-commitment-remote-offers-01',
    ]);
    expect(success!.tx.inputs[0]!.witness[3]).toEqual(preimageOf(1));
    expect(htlcOutcomes(scene.nodes.bob, 6)).toMatchObject([
      {
        outcome: { name: 'fulfilled', payment_preimage: preimageOf(1) },
        requirement: 'bolt05-remote-commitment-local-offers-01',
      },
    ]);
    expect(htlcOutcomes(scene.nodes.alice, 6)).toMatchObject([
      {
        outcome: { name: 'fulfilled', payment_preimage: preimageOf(0) },
        requirement: 'bolt05-local-commitment-local-offers-01',
      },
    ]);
    expect(resolutions(scene.nodes.alice)).toContainEqual(
      expect.objectContaining({ by: 'preimage', isIrrevocable: true }),
    );
    scene.mineUntil(START + 2 + 720 - 1);
    expect(requirementsOf(scene.mineOwed('alice'))).toEqual([
      'bolt05-local-commitment-01',
      'bolt05-local-commitment-remote-offers-05',
    ]);
  });

  it('starts over when a reorganisation takes it back, and keeps what it learnt', () => {
    const scene = closedByAlice();
    scene.learn('bob', 0);
    scene.mineOwed('bob');
    const before = scene.nodes.alice;
    expect(before.preimages).toEqual([preimageOf(0)]);
    const after = seeReorg(before, START);
    expect(followed(after)).toBeUndefined();
    expect(after.preimages).toEqual([preimageOf(0)]);
    scene.update('alice', () => after);
    expect(requirementsOf(scene.owed('alice').transactions)).toContain('bolt05-failing-a-channel-06');
  });

  it('does not claim an HTLC that is not irrevocably committed', () => {
    const pair = pairWithHtlcs(format);
    pair.offer('bob', newHtlc(2, 70_000_000n, 520));
    // Alice's commitment has it; Bob has not got her revocation.
    pair.do('bob', 'commit');
    pair.hear('alice');
    pair.hear('alice');
    const scene = new Scene(pair.states);
    scene.update('alice', failChannel);
    scene.mineOwed('alice');
    scene.learn('alice', 2);
    expect(followed(scene.nodes.alice)?.outputs.filter(({ output }) => 'htlc' in output)).toHaveLength(3);
    expect(scene.owed('alice').transactions).toEqual([]);
    scene.learn('alice', 1);
    expect(requirementsOf(scene.owed('alice').transactions)).toEqual([
      'bolt05-local-commitment-remote-offers-01',
    ]);
  });

  it('of the commitment before the latest, which is not revoked', () => {
    const pair = pairWithHtlcs(format);
    const old = pair.states.bob;
    pair.offer('alice', newHtlc(2, 70_000_000n, 520));
    pair.do('alice', 'commit');
    const scene = new Scene(pair.states, [old]);
    scene.nodes.bob = { ...failChannel(scene.nodes.bob), commitments: old };
    scene.mineOwed('bob');
    expect(followed(scene.nodes.alice)?.close).toMatchObject({ owner: 'remote', status: 'previous' });
    expect(requirementsOf(scene.mineOwed('alice'))).toEqual(['bolt05-remote-commitment-02']);
    // The new HTLC is not in it.
    const outcomes = (depth: number) =>
      htlcOutcomes(scene.nodes.alice, depth).map(({ htlc, outcome, requirement }) => [
        htlc.id,
        outcome.name,
        requirement,
      ]);
    expect(outcomes(3)).toEqual([
      [0n, 'pending', undefined],
      [1n, 'pending', undefined],
    ]);
    expect(outcomes(2)).toEqual([
      [0n, 'pending', undefined],
      [1n, 'failed', 'bolt05-remote-commitment-local-offers-04'],
    ]);
  });

  it('of our own commitment before the latest: its signatures are in the state that was kept', () => {
    const pair = pairWithHtlcs(format);
    const old = pair.states.bob;
    pair.offer('alice', newHtlc(2, 70_000_000n, 520));
    pair.do('alice', 'commit');
    pair.hear('bob');
    pair.hear('bob');
    const scene = new Scene(pair.states, [old]);
    scene.mine(localCommitmentTransaction(old, old.fundings[0]));
    expect(followed(scene.nodes.bob)?.close).toMatchObject({ owner: 'local', status: 'previous' });
    scene.learn('bob', 0);
    expect(requirementsOf(scene.mineOwed('bob'))).toEqual(['bolt05-local-commitment-remote-offers-01']);
    // Without that state it is none that is known, nor one that the remote made after we lost data.
    const unaware = watchChannel({ commitments: pair.states.bob }, START);
    const { tx } = scene.nodes.bob.seen[0]!;
    expect(followed(seeConfirmed(unaware, tx, START + 1))?.close.kind).toBe('unknown');
  });
});
