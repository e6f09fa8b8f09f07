import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  owedInSimpleClose,
  receiveClosingComplete,
  sendClosingSig,
} from '../../../../src/channel/state/close/simple-close.ts';
import { answer, close, type Engine, finish, hear, pair, propose } from './engines.ts';
import { OP_RETURN, requirements, SCRIPT_A, SCRIPT_B, SCRIPT_C, spendFailure } from './fixtures.ts';

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

describe('a closing_sig of ours', () => {
  it('answers a closing_complete', () => {
    const [a] = pair();
    expect(() => sendClosingSig(a.state, a.terms)).toThrow(
      expect.objectContaining({ code: 'channel.wrong-message', blame: 'harness' }),
    );
  });
});
