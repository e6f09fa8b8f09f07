import { describe, expect, it } from 'vitest';
import { sendSpliceInit, sendTxInitRbf } from '../../../../src/channel/state/splice/request.ts';
import { repeatedKeyFaults } from '../../../../src/channel/state/splice/request-rules.ts';
import type { SpliceConditions } from '../../../../src/channel/state/splice/states.ts';
import type { Message } from '../../../../src/channel/state/step.ts';
import { defaultCrypto } from '../../../../src/crypto/crypto.ts';
import { fee, type Name, newHtlc, openedBy, peerOf } from '../pair.ts';
import { offerUpdate } from '../../../../src/channel/state/updates.ts';
import { input, keyOf, NAMES, SplicePair, stfu } from './pair.ts';

const plan = { contributes: 100_000n, parts: [input(4n, 105_000n)] };
const channel_id = openedBy('alice').terms.channel_id;

const keyFor = (name: Name, n = 1): Uint8Array => defaultCrypto.curve.publicKey(keyOf(name, n));

const init = (fields: Partial<Message<'splice_init'>['fields']> = {}): Message => ({
  name: 'splice_init',
  fields: {
    channel_id,
    funding_contribution_satoshis: 100_000n,
    funding_feerate_perkw: 1000,
    locktime: 0,
    funding_pubkey: keyFor('alice', 3),
    tlvs: {},
    ...fields,
  },
});

const ack = (fields: Partial<Message<'splice_ack'>['fields']> = {}): Message => ({
  name: 'splice_ack',
  fields: {
    channel_id,
    funding_contribution_satoshis: 0n,
    funding_pubkey: keyFor('bob', 3),
    tlvs: {},
    ...fields,
  },
});

const satoshisOf = (satoshis: bigint | undefined) =>
  satoshis === undefined ? {} : { funding_output_contribution: { satoshis } };

const initRbf = (feerate: number, satoshis?: bigint): Message => ({
  name: 'tx_init_rbf',
  fields: { channel_id, locktime: 0, feerate, tlvs: satoshisOf(satoshis) },
});

const ackRbf = (satoshis?: bigint): Message => ({
  name: 'tx_ack_rbf',
  fields: { channel_id, tlvs: satoshisOf(satoshis) },
});

const judged = (pair: SplicePair, name: Name, message: Message): readonly string[] =>
  pair.take(name, [message]).map(({ requirement }) => requirement);

describe.each(NAMES)('splice_init that %s gets', (name) => {
  const peer = peerOf(name);
  const quiesced = (conditions: Partial<SpliceConditions> = {}): SplicePair => {
    const pair = new SplicePair();
    pair.quiesce(peer);
    pair.conditions = conditions;
    return pair;
  };
  const balanceSat = peer === 'alice' ? 700_000n : 300_000n;

  it.each<[string, readonly string[], Message, Partial<SpliceConditions>?]>([
    ['is right', [], init()],
    ['takes all', [], init({ funding_contribution_satoshis: -balanceSat })],
    [
      'takes more than all',
      ['bolt02-splice-init-18'],
      init({ funding_contribution_satoshis: -balanceSat - 1n }),
    ],
    ['has no key', ['bolt02-splice-init-11'], init({ funding_pubkey: new Uint8Array(33) })],
    [
      'comes before channel_ready of both',
      ['bolt02-splice-init-03'],
      init(),
      { isReady: { local: true, remote: false } },
    ],
    [
      'comes after its sender sent shutdown',
      ['bolt02-splice-init-06'],
      init(),
      { hasShutdown: { local: false, remote: true } },
    ],
  ])('%s', (_, requirements, message, conditions) => {
    expect(judged(quiesced(conditions), name, message)).toEqual(requirements);
  });

  it('comes without quiescence', () => {
    expect(judged(new SplicePair(), name, init())).toEqual(['bolt02-splice-init-01']);
    const pair = new SplicePair();
    pair.do(peer, stfu);
    pair.hear(name);
    expect(judged(pair, name, init())).toEqual(['bolt02-splice-init-01']);
  });

  it('comes from the one that did not begin', () => {
    const pair = new SplicePair();
    pair.quiesce(name);
    expect(judged(pair, name, init())).toEqual(['bolt02-splice-init-02']);
  });

  it('comes during another splice, or before the last is locked', () => {
    const pair = new SplicePair();
    pair.agree({ by: peer, ...plan });
    expect(judged(pair, name, init())).toEqual(['bolt02-splice-init-04']);
    pair.build({ by: peer, ...plan });
    pair.settle();
    pair.quiesce(peer);
    expect(judged(pair, name, init())).toEqual(['bolt02-splice-init-05']);
  });
});

describe.each(NAMES)('splice_ack that %s gets', (name) => {
  const peer = peerOf(name);
  const asked = (): SplicePair => {
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
    return pair;
  };
  const balanceSat = peer === 'alice' ? 700_000n : 300_000n;

  it.each<readonly [string, readonly string[], Message]>([
    ['is right', [], ack()],
    ['takes all', [], ack({ funding_contribution_satoshis: -balanceSat })],
    [
      'takes more than all',
      ['bolt02-splice-ack-04'],
      ack({ funding_contribution_satoshis: -balanceSat - 1n }),
    ],
    ['has no key', ['bolt02-splice-ack-01'], ack({ funding_pubkey: new Uint8Array(33) })],
    ['answers as if it were a replacement', ['bolt02-tx-init-rbf-05'], ackRbf()],
  ])('%s', (_, requirements, message) => {
    expect(judged(asked(), name, message)).toEqual(requirements);
  });

  it('answers nothing', () => {
    expect(judged(new SplicePair(), name, ack())).toEqual(['bolt02-splice-ack-07']);
    const pair = asked();
    pair.hear(peer);
    // Whoever asked does not answer.
    expect(judged(pair, peer, ack())).toEqual(['bolt02-splice-ack-07']);
  });
});

describe.each(NAMES)('tx_init_rbf and tx_ack_rbf that %s gets', (name) => {
  const peer = peerOf(name);
  /** Of a feerate of 1000. */
  const spliced = (): SplicePair => {
    const pair = new SplicePair();
    pair.splice({ by: name, ...plan });
    return pair;
  };
  const balanceSat = peer === 'alice' ? 700_000n : 300_000n;

  it.each<[string, readonly string[], Message, Partial<SpliceConditions>?]>([
    // 1000 * 25 / 24 is 1041.67.
    ['has the least feerate', [], initRbf(1041, -balanceSat)],
    ['has a lower feerate', ['bolt02-tx-init-rbf-01'], initRbf(1040)],
    ['takes more than all', ['bolt02-splice-tx-init-rbf-14'], initRbf(1041, -balanceSat - 1n)],
    [
      'is of a channel without confirmations',
      ['bolt02-splice-tx-init-rbf-06'],
      initRbf(1041),
      { features: { option_splice: true, option_zeroconf: true } },
    ],
  ])('%s', (_, requirements, message, conditions = {}) => {
    const pair = spliced();
    pair.quiesce(peer);
    pair.conditions = conditions;
    expect(judged(pair, name, message)).toEqual(requirements);
  });

  it('comes without quiescence, or from the one that did not begin', () => {
    expect(judged(spliced(), name, initRbf(1041))).toEqual(['bolt02-splice-tx-init-rbf-01']);
    const pair = spliced();
    pair.quiesce(name);
    expect(judged(pair, name, initRbf(1041))).toEqual(['bolt02-splice-tx-init-rbf-02']);
  });

  it('replaces nothing', () => {
    const pair = new SplicePair();
    pair.quiesce(peer);
    expect(judged(pair, name, initRbf(1041))).toEqual(['bolt02-tx-init-rbf-01']);
  });

  it('comes after its sender sent splice_locked', () => {
    const pair = spliced();
    pair.lock(peer, pair.states[peer].pending[0]!.live.funding.txid);
    pair.quiesce(peer);
    expect(judged(pair, name, initRbf(1041))).toEqual(['bolt02-splice-tx-init-rbf-05']);
  });

  it('answers with too much, with a splice_ack, or nothing', () => {
    const pair = spliced();
    expect(judged(pair, name, ackRbf())).toEqual(['bolt02-tx-init-rbf-05']);
    pair.quiesce(name);
    pair.do(name, (state) =>
      sendTxInitRbf(state, pair.conditionsOf(name), {
        funding_output_contribution: 90_000n,
        feerate: 1041,
        locktime: 0,
      }),
    );
    expect(judged(pair, name, ack())).toEqual(['bolt02-splice-ack-07']);
    expect(judged(pair, name, ackRbf(-balanceSat - 1n))).toEqual(['bolt02-splice-tx-ack-rbf-02']);
    expect(judged(pair, name, ackRbf(-balanceSat))).toEqual([]);
  });
});

describe.each(NAMES)('while the channel is quiescent, %s', (name) => {
  it('takes no update', () => {
    const pair = new SplicePair();
    pair.quiesce(name);
    const feerate: Message = { name: 'update_fee', fields: { channel_id, feerate_per_kw: 1100 } };
    expect(judged(pair, name, feerate)).toEqual(['bolt02-stfu-08']);
    expect(fee(1100).name).toBe(feerate.name);
  });

  it('begins no splice that would be wrong', () => {
    const pair = new SplicePair();
    const choices = {
      funding_contribution_satoshis: 1n,
      local_funding_privkey: keyOf(name),
      funding_feerate_perkw: 253,
      locktime: 0,
    };
    const begin = () => sendSpliceInit(pair.states[name], pair.conditionsOf(name), choices);
    expect(begin).toThrow(/bolt02-splice-init-01/);
    pair.quiesce(peerOf(name));
    expect(begin).toThrow(/bolt02-splice-init-02/);
  });
});

it('only advises another funding key', () => {
  const { alice } = new SplicePair().states;
  const [first] = alice.commitments.fundings[0].funding.funding_pubkeys;
  const requirementsOf = (name: 'splice_init' | 'splice_ack', funding_pubkey: Uint8Array) =>
    repeatedKeyFaults(alice, 'remote', name, { funding_pubkey }).map(({ requirement }) => requirement);
  expect(requirementsOf('splice_init', first)).toEqual(['bolt02-splice-init-11']);
  expect(requirementsOf('splice_ack', first)).toEqual(['bolt02-splice-ack-01']);
  expect(requirementsOf('splice_init', keyFor('alice', 3))).toEqual([]);
});

it('has HTLCs keep the reserve of every live funding', () => {
  // Bob's 30,000 are more than the 10,000 that Alice declared, and less than a hundredth of 3,030,000.
  const pair = new SplicePair({ bobSat: 30_000n });
  pair.splice({ by: 'alice', contributes: 2_300_000n, parts: [input(4n, 2_305_000n)] });
  const { commitments } = pair.states.bob;
  const [, { channel_reserve_satoshis } = {}] = commitments.fundings;
  expect(channel_reserve_satoshis).toEqual({ local: 30_300n, remote: 30_300n });
  expect(() => offerUpdate(commitments, newHtlc(0, 1_000_000n))).toThrow(/bolt02-update-add-htlc-13/);
  expect(() => offerUpdate(openedBy('bob', { bobSat: 30_000n }), newHtlc(0, 1_000_000n))).not.toThrow();
});
