import { describe, expect, it } from 'vitest';
import { type ClosingFields, closingOf } from '../../../../src/channel/state/close/complete-rules.ts';
import { signClosing } from '../../../../src/channel/state/close/signing.ts';
import {
  receiveClosingComplete,
  receiveClosingSig,
} from '../../../../src/channel/state/close/simple-close.ts';
import type { ClosingVariant } from '../../../../src/channel/transactions/closing.ts';
import { answer, type Engine, finish, hear, pair, propose } from './engines.ts';
import { OP_RETURN, requirements, SCRIPT_A, SCRIPT_B, SCRIPT_C, withHighS } from './fixtures.ts';

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
