import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ClosingFields, closingOf } from '../../../../src/channel/state/close/complete-rules.ts';
import { signClosing } from '../../../../src/channel/state/close/signing.ts';
import {
  beginSimple,
  type OwnClosing,
  owedInSimpleClose,
  receiveClosingComplete,
  receiveClosingSig,
  sendClosingComplete,
  sendClosingSig,
  type SimpleNegotiation,
} from '../../../../src/channel/state/close/simple-close.ts';
import type { ClosingTerms } from '../../../../src/channel/state/close/terms.ts';
import type { ClosingVariant } from '../../../../src/channel/transactions/closing.ts';
import {
  OP_RETURN,
  pairOfTerms,
  requirements,
  SCRIPT_A,
  SCRIPT_B,
  SCRIPT_C,
  sent,
  type Setting,
  spendFailure,
  withHighS,
} from './fixtures.ts';

interface Engine {
  state: SimpleNegotiation;
  readonly terms: ClosingTerms;
}

const pair = (setting: Setting = {}, a = SCRIPT_A, b = SCRIPT_B): readonly [Engine, Engine] => {
  const features = { option_simple_close: true };
  const [first, second] = pairOfTerms({ ...setting, features });
  return [
    { state: beginSimple({ local: a, remote: b }), terms: first },
    { state: beginSimple({ local: b, remote: a }), terms: second },
  ];
};

const propose = (closer: Engine, own: Partial<OwnClosing> = {}): ClosingFields => {
  const performed = sendClosingComplete(closer.state, closer.terms, {
    fee_satoshis: 700n,
    locktime: 800_000,
    ...own,
  });
  closer.state = performed.state;
  return sent(performed, 'closing_complete');
};
const hear = (closee: Engine, fields: ClosingFields): void => {
  const result = receiveClosingComplete(closee.state, closee.terms, fields);
  expect(result.faults).toEqual([]);
  closee.state = result.state;
};
const answer = (closee: Engine, isUneconomical = false): ClosingFields => {
  const performed = sendClosingSig(closee.state, closee.terms, isUneconomical);
  closee.state = performed.state;
  return sent(performed, 'closing_sig');
};
const finish = (closer: Engine, fields: ClosingFields): void => {
  const result = receiveClosingSig(closer.state, closer.terms, fields);
  expect(result.faults).toEqual([]);
  closer.state = result.state;
};
const close = (
  closer: Engine,
  closee: Engine,
  own: Partial<OwnClosing> = {},
  isUneconomical = false,
): void => {
  hear(closee, propose(closer, own));
  finish(closer, answer(closee, isUneconomical));
};

const newest = ({ state }: Engine) => state.closings.at(-1)!;
function expectSame(a: Engine, b: Engine): void {
  expect(newest(a).txid).toBe(newest(b).txid);
  for (const { state, terms } of [a, b])
    expect(state.closings.map((tx) => spendFailure(tx, terms))).toEqual(state.closings.map(() => undefined));
}

describe('two sides', () => {
  it('close at the same time, each at its own cost, whatever they own and are paid to', () => {
    const script = fc.constantFrom(SCRIPT_A, SCRIPT_B, OP_RETURN);
    const msat = fc.oneof(
      fc.bigInt(0n, 1_000_000_000n),
      fc.bigInt(0n, 2_000_000n),
      fc.bigInt(998_000_000n, 1_000_000_000n),
    );
    fc.assert(
      fc.property(msat, script, script, fc.nat(0xffff_ffff), (localMsat, a, b, locktime) => {
        // Who could not pay the fee and keep more than dust does not propose.
        const [one, two] = pair({ localMsat }, a, b);
        const closers = [
          [one, two],
          [two, one],
        ] as const;
        const able = closers.filter(([{ terms }]) => terms.balanceMsat.local >= 1_000_000n);
        const own = { fee_satoshis: 500n, locktime };
        const proposed = able.map(([closer, closee]) => [closer, closee, propose(closer, own)] as const);
        for (const [, closee, fields] of proposed) hear(closee, fields);
        for (const [closer, closee] of proposed) {
          finish(closer, answer(closee));
          expectSame(closer, closee);
          expect(newest(closer)).toMatchObject({ lockTime: locktime, inputs: [{ sequence: 0xffff_fffd }] });
        }
      }),
      { numRuns: 60 },
    );
  });

  it('raise the fee, and change their scripts', () => {
    const [a, b] = pair();
    close(a, b);
    close(a, b, { fee_satoshis: 900n, closer_scriptpubkey: SCRIPT_C });
    expectSame(a, b);
    expect(a.state.closings).toHaveLength(2);
    close(b, a);
    expectSame(a, b);
    expect(newest(b).outputs.map(({ script }) => script)).toContainEqual(SCRIPT_C);
  });

  it('leave out what a lesser side does not want', () => {
    const [a, b] = pair({ localMsat: 400_000n });
    close(b, a, {}, true);
    expectSame(a, b);
    expect(newest(a).outputs).toHaveLength(1);
    const [c, d] = pair({ localMsat: 2_000_000n });
    close(c, d, { variants: ['closee_output_only'] });
    expectSame(c, d);
    expect(newest(c).outputs.map(({ script }) => script)).toEqual([SCRIPT_B]);
  });

  it('owe a closing_complete of their own, and a closing_sig for each of the other', () => {
    const [a, b] = pair();
    expect(owedInSimpleClose(a.state)).toEqual(['bolt02-closing-complete-01']);
    hear(b, propose(a));
    expect(owedInSimpleClose(a.state)).toEqual([]);
    expect(owedInSimpleClose(b.state)).toEqual(['bolt02-closing-complete-37', 'bolt02-closing-complete-01']);
    answer(b);
    expect(owedInSimpleClose(b.state)).toEqual(['bolt02-closing-complete-01']);
  });

  it('that change their scripts at once ignore each other, and go on after a reconnection', () => {
    const [a, b] = pair();
    const fromA = propose(a, { closer_scriptpubkey: SCRIPT_C });
    const fromB = propose(b, { closer_scriptpubkey: OP_RETURN });
    expect(requirements(receiveClosingComplete(a.state, a.terms, fromB))).toEqual([
      'bolt02-closing-complete-21',
    ]);
    expect(requirements(receiveClosingComplete(b.state, b.terms, fromA))).toEqual([
      'bolt02-closing-complete-21',
    ]);
    const [c, d] = pair({}, SCRIPT_C, OP_RETURN);
    close(c, d);
    expectSame(c, d);
  });
});

/** What `closing_complete` is judged by, with every signature that `variants` names, whether it may have it or not. */
function complete(closer: Engine, change: Partial<ClosingFields>, variants?: readonly ClosingVariant[]) {
  const usual = propose({ ...closer });
  if (!variants) return { ...usual, ...change };
  const tlvs = Object.fromEntries(
    variants.map((variant) => [variant, usual.tlvs[variant] ?? { sig: new Uint8Array(64) }]),
  );
  return { ...usual, ...change, tlvs };
}

describe.each([0, 1] as const)('a breach in closing_complete, judged by side %i', (who) => {
  /** `remoteMsat` is what the closer has. */
  const setting = (remoteMsat: bigint, upfront?: Uint8Array): readonly [Engine, Engine] => {
    const localMsat = who === 0 ? 1_000_000_000n - remoteMsat : remoteMsat;
    const closer = who === 0 ? 'remote' : 'local';
    const engines = pair({ localMsat, ...(upfront && { upfront: { [closer]: upfront } }) });
    return who === 0 ? engines : [engines[1], engines[0]];
  };
  const expectFaults = (
    remoteMsat: bigint,
    expected: readonly string[],
    change: (fields: ClosingFields) => Partial<ClosingFields>,
    variants?: readonly ClosingVariant[],
  ): void => {
    const [self, peer] = setting(remoteMsat);
    const fields = complete(peer, {}, variants);
    const result = receiveClosingComplete(self.state, self.terms, { ...fields, ...change(fields) });
    expect([...new Set(requirements(result))]).toEqual(expected.map((nn) => `bolt02-closing-complete-${nn}`));
    expect(result.state).toBe(self.state);
  };
  const asIs = () => ({});

  it('fee', () => {
    expectFaults(400_000_000n, ['02'], () => ({ fee_satoshis: 400_001n }));
    expectFaults(999_750_000n, ['03'], () => ({ fee_satoshis: 999_600n }));
  });

  it('scripts', () => {
    expectFaults(400_000_000n, ['05', '17'], () => ({ closee_scriptpubkey: SCRIPT_C }));
    expectFaults(400_000_000n, ['24', '17'], () => ({ closer_scriptpubkey: new Uint8Array(3) }));
    const [self, peer] = setting(400_000_000n, SCRIPT_C);
    const honest = setting(400_000_000n)[1];
    const result = receiveClosingComplete(self.state, self.terms, propose(honest));
    expect(requirements(result)).toEqual(['bolt02-closing-complete-24']);
    expect(() => propose(peer)).toThrow(expect.objectContaining({ code: 'channel.wrong-message' }));
  });

  it.each<readonly [string, bigint, readonly string[], readonly ClosingVariant[]]>([
    [
      'lesser, its own alone',
      400_000_000n,
      ['07', '17'],
      ['closer_and_closee_outputs', 'closer_output_only'],
    ],
    ['lesser, dust, without the other alone', 900_000n, ['08'], []],
    [
      'more, without its own',
      600_000_000n,
      ['10', '17'],
      ['closer_output_only', 'closer_and_closee_outputs', 'closee_output_only'],
    ],
    ['more, the other dust, without its own alone', 999_900_000n, ['13'], []],
    [
      'more, the other dust, with both',
      999_900_000n,
      ['14', '17'],
      ['closer_output_only', 'closer_and_closee_outputs'],
    ],
    ['more, without both', 600_000_000n, ['15'], ['closer_output_only']],
    ['lesser, none at all', 400_000_000n, ['33'], []],
  ])('signatures: %s', (_, remoteMsat, expected, variants) => {
    expectFaults(remoteMsat, expected, asIs, variants);
  });

  it('closee_output_only of a closer to OP_RETURN', () => {
    const [self, peer] = setting(400_000_000n);
    const change = { closer_scriptpubkey: OP_RETURN };
    const good = propose({ ...peer }, change);
    expect(receiveClosingComplete(self.state, self.terms, good).faults).toEqual([]);
    expect(() => propose(peer, { ...change, variants: ['closee_output_only'] })).toThrow(
      expect.objectContaining({
        details: { faults: [expect.objectContaining({ requirement: 'bolt02-closing-complete-09' })] },
      }),
    );
  });

  it('a signature that is bad, or has a high S', () => {
    expectFaults(400_000_000n, ['17'], () => ({ locktime: 7 }));
    expectFaults(400_000_000n, ['35'], ({ tlvs }) => ({
      tlvs: { closer_and_closee_outputs: { sig: withHighS(tlvs.closer_and_closee_outputs!.sig) } },
    }));
  });

  it('another one before closing_sig', () => {
    const [self, peer] = setting(400_000_000n);
    const fields = propose({ ...peer });
    hear(self, fields);
    expect(requirements(receiveClosingComplete(self.state, self.terms, fields))).toEqual([
      'bolt02-closing-complete-18',
    ]);
    propose(peer);
    expect(() => propose(peer)).toThrow(expect.objectContaining({ code: 'channel.wrong-message' }));
  });
});

describe.each([0, 1] as const)('a breach in closing_sig, judged by side %i', (who) => {
  const engines = (): { self: Engine; fields: ClosingFields } => {
    // The closer has more, so that it sends two signatures.
    const both = who === 0 ? pair() : pair({ localMsat: 400_000_000n }, SCRIPT_B, SCRIPT_A);
    const [self, peer] = who === 0 ? both : ([both[1], both[0]] as const);
    const asked = propose(self);
    hear(peer, asked);
    return { self, fields: answer(peer, true) };
  };
  const judge = ({ self, fields }: ReturnType<typeof engines>, change: Partial<ClosingFields>) => {
    const result = receiveClosingSig(self.state, self.terms, { ...fields, ...change });
    if (result.faults.length > 0) expect(result.state).toBe(self.state);
    return requirements(result);
  };
  const sigOf = ({ fields }: ReturnType<typeof engines>) => fields.tlvs.closer_output_only!;

  it('other fields than were sent', () => {
    const setting = engines();
    expect(judge(setting, {})).toEqual([]);
    for (const change of [
      { closer_scriptpubkey: SCRIPT_C },
      { closee_scriptpubkey: SCRIPT_C },
      { fee_satoshis: 1n },
      { locktime: 1 },
    ])
      expect(judge(setting, change)).toEqual(['bolt02-closing-complete-39']);
  });

  it('not one signature of those that were sent', () => {
    const setting = engines();
    const sig = sigOf(setting);
    for (const tlvs of [
      {},
      { closer_output_only: sig, closer_and_closee_outputs: sig },
      { closee_output_only: sig },
      { closer_and_closee_outputs: sig },
      { closer_output_only: { sig: new Uint8Array(64) } },
    ])
      expect(judge(setting, { tlvs })).toEqual(['bolt02-closing-complete-37']);
    expect(judge(setting, { tlvs: { closer_output_only: { sig: withHighS(sig.sig) } } })).toEqual([
      'bolt02-closing-complete-43',
    ]);
  });

  it('a variant that the closee may not take', () => {
    const judgeVariant = (closer: Engine, closee: Engine, variant: ClosingVariant, own = {}) => {
      const asked = propose(closer, own);
      const closing = closingOf('remote', variant, closee.terms, asked);
      if (!('transaction' in closing)) throw new Error(closing.impossible);
      const sig = signClosing(closing.transaction, closee.terms);
      const fields = { ...asked, tlvs: { [variant]: { sig } } };
      return requirements(receiveClosingSig(closer.state, closer.terms, fields));
    };
    const richMsat = who === 0 ? 600_000_000n : 400_000_000n;
    const sides = (localMsat: bigint, a: Uint8Array, b: Uint8Array) => {
      const [one, two] = pair({ localMsat }, who === 0 ? a : b, who === 0 ? b : a);
      return who === 0 ? ([one, two] as const) : ([two, one] as const);
    };
    const rich = sides(richMsat, SCRIPT_A, OP_RETURN);
    expect(judgeVariant(...rich, 'closer_output_only')).toEqual(['bolt02-closing-complete-30']);
    const poor = sides(1_000_000_000n - richMsat, SCRIPT_A, SCRIPT_B);
    const variants = ['closee_output_only', 'closer_and_closee_outputs'];
    expect(judgeVariant(...poor, 'closee_output_only', { variants })).toEqual(['bolt02-closing-complete-31']);
  });

  it('without closing_complete', () => {
    const setting = engines();
    finish(setting.self, setting.fields);
    expect(judge(setting, {})).toEqual(['bolt02-closing-complete-39']);
  });
});

describe('a closing_sig of ours', () => {
  it('answers a closing_complete', () => {
    const [a] = pair();
    expect(() => sendClosingSig(a.state, a.terms)).toThrow(
      expect.objectContaining({ code: 'channel.wrong-message', blame: 'harness' }),
    );
  });
});
