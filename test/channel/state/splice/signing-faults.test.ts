import { describe, expect, it } from 'vitest';
import { fromDisplayHash } from '../../../../src/bitcoin/hash.ts';
import { complete } from '../../../../src/channel/state/interactive/construct.ts';
import { sendTxAbort } from '../../../../src/channel/state/splice/abort.ts';
import { sendSpliceLocked } from '../../../../src/channel/state/splice/locked.ts';
import { sendSpliceCommitmentSigned } from '../../../../src/channel/state/splice/signing.ts';
import { type Splicing, txidOf } from '../../../../src/channel/state/splice/states.ts';
import type { Message } from '../../../../src/channel/state/step.ts';
import { commit } from '../../../../src/channel/state/commit.ts';
import { offerUpdate } from '../../../../src/channel/state/updates.ts';
import { type Name, newHtlc, openedBy, peerOf } from '../pair.ts';
import { input, NAMES, output, shared, signTx, SplicePair } from './pair.ts';

const channel_id = openedBy('alice').terms.channel_id;
const OTHER = 'ee'.repeat(32);
const spliceIn = { contributes: 100_000n, parts: [input(4n, 105_000n)] };

function built(by: Name, pair = new SplicePair()): SplicePair {
  pair.agree({ by, ...spliceIn });
  pair.build({ by, ...spliceIn });
  return pair;
}

const judged = (pair: SplicePair, name: Name, message: Message): readonly string[] =>
  pair.take(name, [message]).map(({ requirement }) => requirement);

type Signed = Message<'commitment_signed'>['fields'];
type TxSignatures = Message<'tx_signatures'>['fields'];
const broken = (signature: Uint8Array): Uint8Array => signature.with(5, signature[5]! ^ 1);

/** One HTLC each way is pending, committed. */
function withHtlcs(): SplicePair {
  const pair = new SplicePair();
  for (const name of NAMES) {
    const { commitments } = pair.states[name];
    const { state, send } = offerUpdate(commitments, newHtlc(name === 'alice' ? 0 : 1, 50_000_000n));
    pair.states[name] = { ...pair.states[name], commitments: state };
    pair.inbox[peerOf(name)].push(...send);
  }
  pair.hearBoth();
  pair.settleUpdates();
  return pair;
}

describe.each(NAMES)('commitment_signed for a splice that %s gets', (name) => {
  const peer = peerOf(name);
  const takes = (edit: (fields: Signed) => Signed): readonly string[] => {
    const pair = built('alice', withHtlcs());
    const [message] = pair.do(peer, sendSpliceCommitmentSigned);
    if (message?.name !== 'commitment_signed') throw new Error('no commitment_signed');
    return judged(pair, name, { name: 'commitment_signed', fields: edit(message.fields) });
  };

  it.each<readonly [string, readonly string[], (fields: Signed) => Signed]>([
    ['is right', [], (fields) => fields],
    ['names no funding', [], (fields) => ({ ...fields, tlvs: {} })],
    [
      'has a wrong signature',
      ['bolt02-splice-commitment-signed-01'],
      (fields) => ({ ...fields, signature: broken(fields.signature) }),
    ],
    [
      'has a wrong signature of an HTLC',
      ['bolt02-splice-commitment-signed-02'],
      ({ htlc_signature: [first, ...more], ...fields }) => ({
        ...fields,
        htlc_signature: [broken(first!), ...more],
      }),
    ],
    [
      'has no signatures of HTLCs',
      ['bolt02-splice-commitment-signed-02'],
      (fields) => ({ ...fields, htlc_signature: [] }),
    ],
  ])('%s', (_, requirements, edit) => {
    expect(takes(edit)).toEqual(requirements);
  });

  it('is for the funding that was', () => {
    // It is taken for an update's then.
    const funding_txid = fromDisplayHash(new SplicePair().states.alice.commitments.fundings[0].funding.txid);
    expect(takes((fields) => ({ ...fields, tlvs: { funding_txid: { funding_txid } } }))).toEqual([
      'bolt02-commitment-signed-01',
    ]);
  });
});

describe.each(NAMES)('tx_signatures that %s gets', (name) => {
  const peer = peerOf(name);
  /** The splice is its own, so the other signs first; or the other's. */
  const signatures = (pair: SplicePair): TxSignatures => {
    const [message] = pair.do(peer, signTx);
    if (message?.name !== 'tx_signatures') throw new Error('no tx_signatures');
    return message.fields;
  };
  const takes = (by: Name, edit: (fields: TxSignatures) => TxSignatures): readonly string[] => {
    const pair = built(by);
    pair.commitBoth();
    if (by === peer) pair.do(name, signTx);
    pair.hear(peer);
    return judged(pair, name, { name: 'tx_signatures', fields: edit(signatures(pair)) });
  };

  it.each<readonly [string, readonly string[], (fields: TxSignatures) => TxSignatures]>([
    ['is right', [], (fields) => fields],
    ['has no shared signature', ['bolt02-splice-tx-signatures-01'], (f) => ({ ...f, tlvs: {} })],
    [
      'has a wrong shared signature',
      ['bolt02-splice-tx-signatures-01'],
      (fields) => {
        const { signature } = fields.tlvs.shared_input_signature!;
        return { ...fields, tlvs: { shared_input_signature: { signature: broken(signature) } } };
      },
    ],
    [
      'is for another transaction',
      ['bolt02-tx-signatures-07'],
      (fields) => ({ ...fields, txid: fromDisplayHash(OTHER) }),
    ],
  ])('%s', (_, requirements, edit) => {
    for (const by of NAMES) expect(takes(by, edit)).toEqual(requirements);
  });

  it('comes out of order', () => {
    const early = built(name);
    const fields: TxSignatures = {
      channel_id,
      txid: fromDisplayHash(OTHER),
      witnesses: [],
      tlvs: {},
    };
    const message: Message = { name: 'tx_signatures', fields };
    expect(judged(new SplicePair(), name, message)).toEqual(['bolt02-tx-complete-01']);
    expect(judged(early, name, message)).toEqual(['bolt02-splice-commitment-signed-05']);
    early.do(peer, sendSpliceCommitmentSigned);
    early.hear(name);
    expect(judged(early, name, message)).toEqual(['bolt02-splice-commitment-signed-06']);
    // The other's splice: our inputs are worth less, so we go first.
    const ours = built(peer);
    ours.commitBoth();
    expect(judged(ours, name, message)).toContain('bolt02-tx-signatures-01');
  });

  it('may come again, once both have signed', () => {
    const pair = built(name);
    pair.commitBoth();
    const fields = signatures(pair);
    pair.settle();
    const before = pair.states[name];
    expect(judged(pair, name, { name: 'tx_signatures', fields })).toEqual([]);
    expect(pair.states[name]).toBe(before);
  });
});

describe.each(NAMES)('the construction with %s', (name) => {
  const peer = peerOf(name);

  it('comes before it was agreed on, or after its end', () => {
    const message: Message = { name: 'tx_complete', fields: { channel_id } };
    expect(judged(new SplicePair(), name, message)).toEqual(['bolt02-splice-ack-05']);
    expect(judged(built(peer), name, message)).toEqual(['bolt02-splice-ack-05']);
  });

  it('passes on what the construction finds wrong', () => {
    const pair = new SplicePair();
    pair.agree({ by: name, contributes: 100_000n });
    const message: Message = { name: 'tx_complete', fields: { channel_id } };
    expect(judged(pair, name, message)).toEqual(['bolt02-tx-complete-01']);
  });

  it('leaves out the channel', () => {
    const pair = new SplicePair();
    pair.agree({ by: peer });
    expect(pair.construct(peer, complete)).toEqual([]);
    pair.hear(name);
    expect(pair.construct(name, complete).map(({ requirement }) => requirement)).toContain(
      'bolt02-splice-tx-complete-02',
    );
    expect(pair.inbox[peer]).toEqual([]);
  });

  it('takes funds out, and leaves less than the reserve', () => {
    // Of 500,000 that are left, 5,000 are the reserve: the remote keeps 4,000.
    for (const by of NAMES) {
      const keepsSat = 4_000n;
      const pair = new SplicePair({
        aliceSat: peer === 'alice' ? 204_000n : 496_000n,
        bobSat: peer === 'bob' ? 204_000n : 496_000n,
      });
      const takenSat = 204_000n - keepsSat;
      const initiates = by === peer;
      pair.agree({
        by,
        contributes: initiates ? -takenSat : 0n,
        answers: initiates ? 0n : -takenSat,
      });
      const own = [output(initiates ? 4n : 1n, takenSat - 3_000n)];
      const parts = initiates ? [...shared, ...own] : [...shared, input(4n, 10_000n)];
      const queues = { [by]: parts, [peerOf(by)]: initiates ? [] : own } as Record<Name, typeof own>;
      let requirements: readonly string[] = [];
      for (let turn = by, i = 0; i < 12 && requirements.length === 0; turn = peerOf(turn), i++) {
        const step = queues[turn].shift() ?? complete;
        if (turn === name) {
          requirements = pair.construct(name, step).map(({ requirement }) => requirement);
          pair.hear(peer);
        } else {
          try {
            pair.construct(peer, step);
          } catch (error) {
            // The remote's own engine would not send it.
            expect(String(error)).toContain('bolt02-splice-tx-complete-05');
            pair.inbox[name].push({ name: 'tx_complete', fields: { channel_id } });
          }
          requirements = pair.take(name, pair.inbox[name].splice(0)).map(({ requirement }) => requirement);
        }
      }
      expect(requirements).toEqual(['bolt02-splice-tx-complete-05']);
    }
  });
});

describe.each(NAMES)('splice_locked and tx_abort that %s gets', (name) => {
  const peer = peerOf(name);
  const locked = (txid: string): Message => ({
    name: 'splice_locked',
    fields: { channel_id, splice_txid: fromDisplayHash(txid) },
  });

  it('locks what is not pending', () => {
    const pair = new SplicePair();
    expect(judged(pair, name, locked(OTHER))).toEqual(['bolt02-splice-locked-03']);
    pair.splice({ by: name, ...spliceIn });
    expect(judged(pair, name, locked(OTHER))).toEqual(['bolt02-splice-locked-03']);
    expect(() => sendSpliceLocked(pair.states[name], OTHER)).toThrow(/bolt02-splice-locked-03/);
    const txid = txidOf(pair.states[name].pending[0]!);
    pair.lock(name, txid);
    pair.lock(peer, txid);
    expect(judged(pair, name, locked(txid))).toEqual([]);
    expect(pair.states[name].commitments.fundings).toHaveLength(1);
  });

  it('aborts what it has signed, and what we have', () => {
    const abort: Message = { name: 'tx_abort', fields: { channel_id, data: new Uint8Array(0) } };
    const theirs = built(name);
    theirs.commitBoth();
    theirs.do(peer, signTx);
    theirs.hear(name);
    expect(judged(theirs, name, abort)).toEqual(['bolt02-tx-abort-01']);
    const ours = built(peer);
    ours.commitBoth();
    ours.do(name, signTx);
    expect(() => sendTxAbort(ours.states[name])).toThrow(/bolt02-tx-abort-01/);
    const before: Splicing = ours.states[name];
    expect(judged(ours, name, abort)).toEqual([]);
    expect(ours.states[name]).toBe(before);
  });

  it('wants batches while a splice is pending', () => {
    const pair = new SplicePair();
    pair.splice({ by: name, ...spliceIn });
    const offered = offerUpdate(pair.states[peer].commitments, newHtlc(0, 20_000_000n));
    expect(pair.take(name, offered.send)).toEqual([]);
    const [, alone] = commit(offered.state).send;
    expect(judged(pair, name, alone!)).toEqual(['bolt02-commitment-signed-07']);
  });
});
