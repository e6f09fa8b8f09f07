import { expect } from 'vitest';
import type { ClosingFields } from '../../../../src/channel/state/close/complete-rules.ts';
import {
  beginSimple,
  type OwnClosing,
  receiveClosingComplete,
  receiveClosingSig,
  sendClosingComplete,
  sendClosingSig,
  type SimpleNegotiation,
} from '../../../../src/channel/state/close/simple-close.ts';
import type { ClosingTerms } from '../../../../src/channel/state/close/terms.ts';
import { pairOfTerms, SCRIPT_A, SCRIPT_B, sent, type Setting } from './fixtures.ts';

export interface Engine {
  state: SimpleNegotiation;
  readonly terms: ClosingTerms;
}

export const pair = (setting: Setting = {}, a = SCRIPT_A, b = SCRIPT_B): readonly [Engine, Engine] => {
  const features = { option_simple_close: true };
  const [first, second] = pairOfTerms({ ...setting, features });
  return [
    { state: beginSimple({ local: a, remote: b }), terms: first },
    { state: beginSimple({ local: b, remote: a }), terms: second },
  ];
};

export const propose = (closer: Engine, own: Partial<OwnClosing> = {}): ClosingFields => {
  const performed = sendClosingComplete(closer.state, closer.terms, {
    fee_satoshis: 700n,
    locktime: 800_000,
    ...own,
  });
  closer.state = performed.state;
  return sent(performed, 'closing_complete');
};
export const hear = (closee: Engine, fields: ClosingFields): void => {
  const result = receiveClosingComplete(closee.state, closee.terms, fields);
  expect(result.faults).toEqual([]);
  closee.state = result.state;
};
export const answer = (closee: Engine, isUneconomical = false): ClosingFields => {
  const performed = sendClosingSig(closee.state, closee.terms, isUneconomical);
  closee.state = performed.state;
  return sent(performed, 'closing_sig');
};
export const finish = (closer: Engine, fields: ClosingFields): void => {
  const result = receiveClosingSig(closer.state, closer.terms, fields);
  expect(result.faults).toEqual([]);
  closer.state = result.state;
};
export const close = (
  closer: Engine,
  closee: Engine,
  own: Partial<OwnClosing> = {},
  isUneconomical = false,
): void => {
  hear(closee, propose(closer, own));
  finish(closer, answer(closee, isUneconomical));
};
