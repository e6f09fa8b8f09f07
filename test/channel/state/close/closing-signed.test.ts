import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  agreedClosing,
  beginLegacy,
  departures,
  isWithoutOverlap,
  type LegacyNegotiation,
  owedClosingSigned,
  receiveClosingSigned,
  sendClosingSigned,
} from '../../../../src/channel/state/close/closing-signed.ts';
import { answerFee, type FeeProposal } from '../../../../src/channel/state/close/fee-rules.ts';
import { otherSide, type Side } from '../../../../src/channel/state/update.ts';
import {
  pairOfTerms,
  requirements,
  SCRIPT_A,
  SCRIPT_B,
  sent,
  type Setting,
  spendFailure,
  withHighS,
} from './fixtures.ts';

const wish = (fee: bigint, min?: bigint, max?: bigint): FeeProposal => ({
  fee_satoshis: fee,
  ...(min !== undefined &&
    max !== undefined && { fee_range: { min_fee_satoshis: min, max_fee_satoshis: max } }),
});

const begin = (): [LegacyNegotiation, LegacyNegotiation] => [
  beginLegacy({ local: SCRIPT_A, remote: SCRIPT_B }),
  beginLegacy({ local: SCRIPT_B, remote: SCRIPT_A }),
];

/** Both sides negotiate until neither owes anything that it can send. */
function negotiate(setting: Setting, wishes: readonly [FeeProposal, FeeProposal], states = begin()) {
  const terms = pairOfTerms(setting);
  let messages = 0;
  for (let turn = 0, idle = 0; idle < 2; turn++) {
    const [self, other] = turn % 2 === 0 ? ([0, 1] as const) : ([1, 0] as const);
    const state = states[self];
    const owed = owedClosingSigned(state, terms[self]);
    const answer = owed && answerFee('local', terms[self].terms.opener, state.proposals, wishes[self]);
    if (!answer) {
      idle++;
      continue;
    }
    idle = 0;
    messages++;
    const performed = sendClosingSigned(state, terms[self], answer);
    states[self] = performed.state;
    const result = receiveClosingSigned(states[other], terms[other], sent(performed, 'closing_signed'));
    expect(result.faults).toEqual([]);
    states[other] = result.state;
  }
  return { states, terms, messages };
}

const sides = fc.constantFrom<Side>('local', 'remote');
const fees = fc.bigInt(200n, 3000n);
const ranged = fc
  .tuple(fees, fees, fees)
  .map((three) => [...three].sort((a, b) => Number(a - b)) as [bigint, bigint, bigint])
  .map(([min, fee, max]) => wish(fee, min, max));

function expectAgreement({ states, terms }: ReturnType<typeof negotiate>): void {
  const [a, b] = states.map(agreedClosing);
  expect(a?.txid).toBeDefined();
  expect(b?.txid).toBe(a?.txid);
  expect(spendFailure(a!, terms[0])).toBeUndefined();
  expect(spendFailure(b!, terms[1])).toBeUndefined();
}

describe('two sides', () => {
  it('with ranges that overlap agree in three messages at most, in others never', () => {
    fc.assert(
      fc.property(sides, ranged, ranged, (opener, a, b) => {
        const result = negotiate({ opener }, [a, b]);
        const isOverlapping =
          a.fee_range!.min_fee_satoshis <= b.fee_range!.max_fee_satoshis &&
          b.fee_range!.min_fee_satoshis <= a.fee_range!.max_fee_satoshis;
        if (isOverlapping) {
          expectAgreement(result);
          expect(result.messages).toBeLessThanOrEqual(3);
        } else {
          expect(result.states.map(agreedClosing)).toEqual([undefined, undefined]);
        }
      }),
      { numRuns: 60 },
    );
  });

  it('without ranges agree by coming closer, and so do one with and one without', () => {
    const any = fc.oneof(
      fees.map((fee) => wish(fee)),
      ranged,
    );
    fc.assert(
      fc.property(sides, fees, any, fc.boolean(), (opener, fee, other, isFirst) => {
        expectAgreement(negotiate({ opener }, isFirst ? [wish(fee), other] : [other, wish(fee)]));
      }),
      { numRuns: 40 },
    );
  });

  it.each<readonly [string, Setting, number]>([
    ['the opener’s', { localMsat: 1_000_000n }, 1],
    ['the other’s', { localMsat: 999_999_000n }, 1],
    ['none, but just so', { localMsat: 999_646_000n }, 2],
  ])('leave out an output that is dust: %s', (_, setting, outputs) => {
    const result = negotiate(setting, [wish(700n), wish(700n)]);
    expectAgreement(result);
    expect(agreedClosing(result.states[0])?.outputs).toHaveLength(outputs);
  });

  it('with different dust limits both hold a good transaction', () => {
    const dust = { local: 354n, remote: 1000n };
    const { states, terms } = negotiate({ dust, localMsat: 999_500_000n }, [wish(700n), wish(700n)]);
    const closings = states.map((state) => agreedClosing(state)!);
    expect(closings.map((tx, i) => spendFailure(tx, terms[i]!))).toEqual([undefined, undefined]);
    // Each holds what the other has signed, by the other's limit.
    expect(closings.map(({ outputs }) => outputs.length)).toEqual([1, 2]);
  });

  it('negotiate from the start where the last message was lost', () => {
    const { state, peer } = history(
      'local',
      { by: 'local', ...wish(700n, 500n, 900n) },
      { by: 'remote', ...wish(600n, 400n, 800n) },
    );
    expect(agreedClosing(state)).toBeDefined();
    expect(agreedClosing(peer)).toBeUndefined();
    const [a, b] = [state, peer].map(({ scriptpubkeys }) => beginLegacy(scriptpubkeys));
    expectAgreement(negotiate({}, [wish(900n), wish(500n)], [a!, b!]));
  });
});

/** The peer's proposals so far and ours, then one of the peer's: in both roles. */
const history = (opener: Side, ...proposals: readonly (FeeProposal & { by: Side })[]) => {
  const [local, remote] = pairOfTerms({ opener });
  let [state, peer] = begin();
  for (const { by, ...proposal } of proposals) {
    if (by === 'local') {
      const performed = sendClosingSigned(state, local, proposal);
      state = performed.state;
      peer = receiveClosingSigned(peer, remote, sent(performed, 'closing_signed')).state;
    } else {
      const performed = sendClosingSigned(peer, remote, proposal);
      peer = performed.state;
      const result = receiveClosingSigned(state, local, sent(performed, 'closing_signed'));
      expect(result.faults).toEqual([]);
      state = result.state;
    }
  }
  return { state, peer, local };
};

/** What the peer would sign, whether it may or not. */
const peerSends = (opener: Side, proposal: FeeProposal & { readonly withoutOwnOutput?: boolean }) => {
  const [, remote] = pairOfTerms({ opener });
  const [, fresh] = begin();
  // As an answer to the same fee nothing is out of turn.
  const { fee_satoshis } = proposal;
  const state = { ...fresh, proposals: { remote: { fee_satoshis } } };
  return sent(sendClosingSigned(state, remote, proposal), 'closing_signed');
};

describe('a breach in closing_signed', () => {
  it.each<readonly [string, Side, readonly (FeeProposal & { by: Side })[], FeeProposal, string]>([
    ['the fundee begins', 'local', [], wish(700n), '01'],
    [
      'a fundee outside the overlap',
      'local',
      [{ by: 'local', ...wish(700n, 500n, 900n) }],
      wish(950n, 600n, 1000n),
      '19',
    ],
    [
      'a funder that does not take the fee in the overlap',
      'remote',
      [
        { by: 'remote', ...wish(700n, 500n, 900n) },
        { by: 'local', ...wish(600n, 400n, 800n) },
      ],
      wish(700n, 500n, 900n),
      '17',
    ],
    [
      'a fundee not strictly between',
      'local',
      [
        { by: 'local', ...wish(700n) },
        { by: 'remote', ...wish(900n) },
        { by: 'local', ...wish(800n) },
      ],
      wish(900n),
      '22',
    ],
    [
      'a funder not strictly between',
      'remote',
      [
        { by: 'remote', ...wish(700n) },
        { by: 'local', ...wish(900n) },
      ],
      wish(600n),
      '22',
    ],
  ])('%s', (_, opener, before, proposal, nn) => {
    const { state, local } = history(opener, ...before);
    const result = receiveClosingSigned(state, local, peerSends(opener, proposal));
    expect(requirements(result)).toEqual([`bolt02-closing-signed-${nn}`]);
    expect(result.state).toBe(state);
    // The peer's own engine would not send it.
    const peerOpener = otherSide(opener);
    const mirrored = {
      ...(state.proposals.local && { remote: state.proposals.local }),
      ...(state.proposals.remote && { local: state.proposals.remote }),
    };
    expect(() =>
      sendClosingSigned({ ...begin()[1], proposals: mirrored }, pairOfTerms({ opener })[1], proposal),
    ).toThrow(expect.objectContaining({ code: 'channel.wrong-message', blame: 'harness' }));
    expect(pairOfTerms({ opener })[1].terms.opener).toBe(peerOpener);
  });

  it.each<Side>(['local', 'remote'])('a signature that is none of either variant; opened by %s', (opener) => {
    const { state, local } = history(opener, ...(opener === 'local' ? [{ by: opener, ...wish(700n) }] : []));
    const good = peerSends(opener, wish(700n));
    const judge = (fields: typeof good) => requirements(receiveClosingSigned(state, local, fields));
    expect(judge(good)).toEqual([]);
    expect(judge(peerSends(opener, { ...wish(700n), withoutOwnOutput: true }))).toEqual([]);
    expect(judge({ ...good, signature: peerSends(opener, wish(701n)).signature })).toEqual([
      'bolt02-closing-signed-07',
    ]);
    expect(judge({ ...good, signature: new Uint8Array(64) })).toEqual(['bolt02-closing-signed-07']);
    expect(judge({ ...good, signature: withHighS(good.signature) })).toEqual(['bolt02-closing-signed-08']);
    expect(judge({ ...good, fee_satoshis: 700_000n })).toContain('bolt02-closing-signed-07');
  });

  it('an output that would not be relayed', () => {
    // The other's output is of 320 satoshis, to P2WSH.
    const setting: Setting = {
      opener: 'remote',
      localMsat: 999_000_000n,
      dust: { local: 100n, remote: 100n },
    };
    const [local, remote] = pairOfTerms(setting);
    const [state, peer] = begin();
    const fields = sent(sendClosingSigned(peer, remote, wish(680n)), 'closing_signed');
    expect(requirements(receiveClosingSigned(state, local, fields))).toEqual(['bolt02-closing-signed-23']);
  });

  it('of ours cannot be paid', () => {
    const [state] = begin();
    expect(() => sendClosingSigned(state, pairOfTerms()[0], wish(700_000n))).toThrow(
      expect.objectContaining({ code: 'channel.no-closing' }),
    );
  });
});

describe('a negotiation', () => {
  it('is owed by the opener first, then by whose turn it is', () => {
    expect(owedClosingSigned(begin()[0], pairOfTerms({ opener: 'local' })[0])).toBe(
      'bolt02-closing-signed-01',
    );
    expect(owedClosingSigned(begin()[0], pairOfTerms({ opener: 'remote' })[0])).toBeUndefined();
    const owedAfter = (opener: Side, ...before: readonly (FeeProposal & { by: Side })[]) => {
      const { state, local } = history(opener, ...before);
      return owedClosingSigned(state, local);
    };
    const first = { by: 'remote' as const, ...wish(700n, 500n, 900n) };
    expect(owedAfter('remote', first)).toBe('bolt02-closing-signed-19');
    expect(owedAfter('remote', { by: 'remote', ...wish(700n) })).toBe('bolt02-closing-signed-22');
    expect(owedAfter('remote', first, { by: 'local', ...wish(600n, 400n, 800n) })).toBeUndefined();
    const answered = [
      { by: 'local' as const, ...wish(700n, 500n, 900n) },
      { by: 'remote' as const, ...wish(600n, 400n, 800n) },
    ];
    expect(owedAfter('local', ...answered)).toBe('bolt02-closing-signed-12');
    // Within what we offered: we can close before we answer.
    expect(agreedClosing(history('local', ...answered).state)).toBeDefined();
  });

  it('tells that ranges do not overlap, and what a message should have had', () => {
    const mine = { by: 'local' as const, ...wish(700n, 500n, 900n) };
    const { state, local } = history('local', mine);
    const far = receiveClosingSigned(state, local, peerSends('local', wish(1000n, 1000n, 2000n)));
    expect(far.faults).toEqual([]);
    expect(isWithoutOverlap(far.state)).toBe(true);
    expect(isWithoutOverlap(state)).toBe(false);
    const departs = (proposal: FeeProposal) =>
      requirements({ faults: departures(state, local, peerSends('local', proposal)) });
    expect(departs(wish(700n))).toEqual(['bolt02-closing-signed-03']);
    expect(departs(wish(700n, 600n, 800n))).toEqual(['bolt02-closing-signed-05']);
    expect(departs(wish(700n, 600n, 900n))).toEqual([]);
  });
});
