import { describe, expect, it } from 'vitest';
import { makeTransaction, type Transaction } from '../../../src/bitcoin/transaction.ts';
import { judgeBroadcast, judgeOverdue } from '../../../src/channel/onchain/judge.ts';
import { failChannel, learnPreimage, seeHeight } from '../../../src/channel/onchain/onchain.ts';
import { EMPTY } from '../../../src/core/bytes.ts';
import { newHtlc, preimageOf } from '../state/pair.ts';
import { FORMATS } from '../transactions/sides.ts';
import { OFFERED_EXPIRY, pairWithHtlcs, RECEIVED_EXPIRY, Scene, START } from './scene.ts';

/** Alice closed; Bob judges her, and she him. */
describe.each(FORMATS)('what the other side does on the chain with %s', (format) => {
  function closedByAlice(pair = pairWithHtlcs(format)): Scene {
    const scene = new Scene(pair.states);
    scene.update('alice', failChannel);
    scene.mineOwed('alice');
    return scene;
  }
  const asked = (faults: readonly { requirement: string }[]): readonly string[] =>
    faults.map(({ requirement }) => requirement);

  it('is right where it does what it owes', () => {
    const scene = closedByAlice();
    for (const height of [START + 1, OFFERED_EXPIRY, RECEIVED_EXPIRY, START + 720]) {
      scene.mineUntil(height);
      for (const name of ['alice', 'bob'] as const) {
        const judge = scene.nodes[name === 'alice' ? 'bob' : 'alice'];
        for (const { tx } of scene.owed(name).transactions)
          expect(judgeBroadcast(judge, tx, height)).toEqual([]);
        scene.mineOwed(name);
      }
    }
  });

  it('is too early before an expiry, or before the delay is over', () => {
    const scene = closedByAlice();
    const [first] = scene.owed('alice', OFFERED_EXPIRY).transactions;
    const early = (height: number): readonly string[] =>
      asked(judgeBroadcast(scene.nodes.bob, first!.tx, height));
    expect(early(OFFERED_EXPIRY - 1)).toEqual(['bolt05-local-commitment-local-offers-02']);
    expect(early(OFFERED_EXPIRY)).toEqual([]);
    const bobs = scene.owed('bob', RECEIVED_EXPIRY).transactions.find(({ tx }) => tx.lockTime > 0)!;
    const judged = judgeBroadcast(scene.nodes.alice, bobs.tx, RECEIVED_EXPIRY - 1);
    expect(asked(judged)).toEqual(['bolt05-remote-commitment-local-offers-02']);
    scene.mineUntil(OFFERED_EXPIRY);
    scene.mineOwed('alice');
    const delayed = scene.owed('alice', 2000).transactions.filter(({ tx }) => tx.inputs[0]!.sequence === 720);
    expect(delayed.flatMap(({ tx }) => asked(judgeBroadcast(scene.nodes.bob, tx, 600))).sort()).toEqual([
      'bolt05-local-commitment-02',
      'bolt05-local-commitment-local-offers-06',
    ]);
  });

  it('shows no preimage of an HTLC that is not irrevocably committed', () => {
    const pair = pairWithHtlcs(format);
    pair.offer('bob', newHtlc(2, 70_000_000n, 520));
    pair.do('bob', 'commit');
    pair.hear('alice');
    pair.hear('alice');
    const scene = closedByAlice(pair);
    // Alice takes it for committed, against what she knows; her commitment stays the same.
    const { commitments } = scene.nodes.alice;
    const { ledger } = commitments;
    const { gainedMsat, htlcs } = ledger;
    const [add] = ledger.pending.flatMap(({ update }) =>
      update.name === 'update_add_htlc' ? [update.fields] : [],
    );
    const rash = {
      ...ledger,
      htlcs: [...htlcs, { by: 'remote' as const, add: add! }],
      gainedMsat: { ...gainedMsat, remote: gainedMsat.remote - add!.amount_msat },
      pending: [],
    };
    scene.update('alice', (node) =>
      learnPreimage({ ...node, commitments: { ...commitments, ledger: rash } }, preimageOf(2)),
    );
    const owed = scene.owed('alice').transactions;
    expect(owed).toHaveLength(1);
    expect(asked(judgeBroadcast(scene.nodes.bob, owed[0]!.tx, START + 1))).toEqual([
      'bolt05-local-commitment-remote-offers-04',
    ]);
  });

  it('signs its HTLC transactions as a whole, and pays for them', () => {
    const scene = closedByAlice();
    scene.mineUntil(OFFERED_EXPIRY);
    const { tx } = scene.owed('alice').transactions[0]!;
    const judged = (changed: Transaction): readonly string[] =>
      asked(judgeBroadcast(scene.nodes.bob, changed, OFFERED_EXPIRY));
    const [input, ...more] = tx.inputs;
    const witness = input!.witness.map((element, i) =>
      i === 2 ? Uint8Array.of(...element.subarray(0, -1), 0x83) : element,
    );
    expect(judged(makeTransaction({ ...tx, inputs: [{ ...input!, witness }, ...more] }))).toEqual([
      'bolt05-htlc-transactions-02',
    ]);
    const alone = makeTransaction({ ...tx, inputs: [input!], outputs: tx.outputs.slice(0, 1) });
    expect(judged(alone)).toEqual(format === 'option_anchors' ? ['bolt05-htlc-transactions-04'] : []);
    const unsigned = { ...input!, witness: [EMPTY] };
    expect(judged(makeTransaction({ ...tx, inputs: [unsigned, ...more] }))).toContain(
      'bolt05-htlc-transactions-02',
    );
  });

  it('is overdue where it leaves what it is to take', () => {
    const scene = closedByAlice();
    const overdue = (name: 'alice' | 'bob', height: number, preimages: readonly Uint8Array[] = []) =>
      asked(judgeOverdue(seeHeight(scene.nodes[name], height), { preimages, graceBlocks: 2 }));
    expect(overdue('bob', OFFERED_EXPIRY + 2)).toEqual([]);
    expect(overdue('bob', OFFERED_EXPIRY + 3)).toEqual(['bolt05-local-commitment-local-offers-02']);
    expect(overdue('alice', RECEIVED_EXPIRY + 2)).toEqual([]);
    expect(overdue('alice', RECEIVED_EXPIRY + 3)).toEqual(['bolt05-remote-commitment-local-offers-02']);
    expect(overdue('bob', START + 3, [preimageOf(1)])).toEqual([]);
    expect(overdue('bob', START + 4, [preimageOf(1)])).toEqual(['bolt05-local-commitment-remote-offers-01']);
    expect(overdue('alice', START + 4, [preimageOf(0)])).toEqual([
      'bolt05-remote-commitment-remote-offers-01',
    ]);
    expect(overdue('bob', START + 720 + 3)).toContain('bolt05-local-commitment-01');
  });
});
