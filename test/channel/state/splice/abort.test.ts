import { describe, expect, it } from 'vitest';
import { sendTxAbort } from '../../../../src/channel/state/splice/abort.ts';
import { owedOfSplice } from '../../../../src/channel/state/splice/owed.ts';
import {
  sendSpliceAck,
  sendSpliceInit,
  sendTxAckRbf,
  sendTxInitRbf,
} from '../../../../src/channel/state/splice/request.ts';
import { sendSpliceCommitmentSigned } from '../../../../src/channel/state/splice/signing.ts';
import { txidOf } from '../../../../src/channel/state/splice/states.ts';
import type { Name } from '../pair.ts';
import { peerOf } from '../pair.ts';
import { input, keyOf, NAMES, signTx, SplicePair } from './pair.ts';

const spliceIn = { contributes: 100_000n, parts: [input(4n, 105_000n)] };
const noContribution = { funding_output_contribution: 0n };

function built(by: Name): SplicePair {
  const pair = new SplicePair();
  pair.agree({ by, ...spliceIn });
  pair.build({ by, ...spliceIn });
  return pair;
}

/** `name` gives up; what its peer has sent before it knew is ignored, until the echo. */
function crosses(pair: SplicePair, name: Name): void {
  const peer = peerOf(name);
  const crossing = pair.inbox[name].splice(0);
  expect(crossing).toHaveLength(1);
  pair.do(name, sendTxAbort);
  const before = pair.states[name];
  expect(pair.take(name, crossing)).toEqual([]);
  expect(pair.states[name]).toBe(before);
  pair.hear(peer);
  expect(owedOfSplice(pair.states[peer])).toEqual(['tx_abort']);
  pair.do(peer, sendTxAbort);
  pair.hear(name);
  for (const each of NAMES) expect(owedOfSplice(pair.states[each])).toEqual([]);
  pair.quiesce(name);
}

describe.each(NAMES)('tx_abort of %s', (name) => {
  const peer = peerOf(name);

  it('crosses splice_ack', () => {
    const pair = new SplicePair();
    pair.quiesce(name);
    pair.do(name, (state) =>
      sendSpliceInit(state, pair.conditionsOf(name), {
        funding_contribution_satoshis: 100_000n,
        local_funding_privkey: keyOf(name),
        funding_feerate_perkw: 1000,
        locktime: 0,
      }),
    );
    pair.hear(peer);
    expect(owedOfSplice(pair.states[peer])).toEqual(['splice_ack']);
    pair.do(peer, (state) =>
      sendSpliceAck(state, pair.conditionsOf(peer), {
        funding_contribution_satoshis: 0n,
        local_funding_privkey: keyOf(peer),
      }),
    );
    crosses(pair, name);
  });

  it('crosses tx_ack_rbf', () => {
    const pair = new SplicePair();
    pair.splice({ by: peer, ...spliceIn });
    pair.quiesce(name);
    pair.do(name, (state) =>
      sendTxInitRbf(state, pair.conditionsOf(name), { ...noContribution, feerate: 1041, locktime: 0 }),
    );
    pair.hear(peer);
    expect(owedOfSplice(pair.states[peer])).toEqual(['tx_ack_rbf']);
    pair.do(peer, (state) => sendTxAckRbf(state, pair.conditionsOf(peer), noContribution));
    crosses(pair, name);
  });

  it('crosses commitment_signed', () => {
    const pair = built(name);
    pair.do(peer, sendSpliceCommitmentSigned);
    crosses(pair, name);
  });

  it('crosses tx_signatures, whose sender then does not forget', () => {
    const pair = built(name);
    pair.commitBoth();
    pair.do(peer, signTx);
    const crossing = pair.inbox[name].splice(0);
    pair.do(name, sendTxAbort);
    const before = pair.states[name];
    expect(pair.take(name, crossing)).toEqual([]);
    expect(pair.states[name]).toBe(before);
    pair.hear(peer);
    expect(pair.states[peer].negotiation?.name).toBe('signing');
  });

  it('is owed once a transaction that was to be replaced is locked', () => {
    const pair = new SplicePair();
    pair.splice({ by: name, ...spliceIn });
    const txid = txidOf(pair.states[name].pending[0]!);
    pair.agree({ by: name, contributes: 90_000n, feerate: 1041 });
    pair.lock(name, txid);
    expect(owedOfSplice(pair.states[name])).toEqual(['construction']);
    pair.lock(peer, txid);
    for (const each of NAMES) expect(owedOfSplice(pair.states[each])).toEqual(['tx_abort']);
    pair.do(name, sendTxAbort);
    pair.hear(peer);
    pair.do(peer, sendTxAbort);
    pair.hear(name);
    for (const each of NAMES) expect(owedOfSplice(pair.states[each])).toEqual([]);
  });
});

describe.each(NAMES)('a replacement that %s begins', (name) => {
  const peer = peerOf(name);

  it('pays no less than the last transaction', () => {
    const pair = new SplicePair();
    // 5,000 satoshis of fees; then 4,000, which the feerate would allow.
    pair.splice({ by: name, ...spliceIn });
    const plan = { by: name, contributes: 101_000n, feerate: 1041, parts: spliceIn.parts };
    pair.agree(plan);
    expect(() => {
      pair.build(plan);
    }).toThrow(/bolt02-splice-tx-complete-04/);
  });

  it('may follow a splice that came after a locked one', () => {
    const pair = new SplicePair();
    pair.splice({ by: name, ...spliceIn });
    const txid = txidOf(pair.states[name].pending[0]!);
    pair.lock(name, txid);
    pair.lock(peer, txid);
    pair.splice({ by: name, contributes: 50_000n, parts: [input(4n, 55_000n)] });
    pair.splice({ by: name, contributes: 49_000n, feerate: 1041, parts: [input(4n, 55_000n)] });
    for (const each of NAMES) expect(pair.states[each].commitments.fundings).toHaveLength(3);
  });
});
