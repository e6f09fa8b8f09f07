import {
  addInput,
  addOutput,
  addSharedOutput,
  complete,
  construct,
  type Constructs,
  receiveConstruction,
} from '../../../../src/channel/state/interactive/construct.ts';
import type {
  Agreement,
  Constructed,
  Constructing,
  ConstructionMessage,
} from '../../../../src/channel/state/interactive/states.ts';
import { ACCEPTER, agreementOf, OPENER } from './appendix-g.ts';

/** Two engines that construct a transaction with each other. */

type Either = Constructing | Constructed;

export interface Pair {
  readonly initiator: Either;
  readonly other: Either;
}

export type Role = keyof Pair;
export type Move = (state: Constructing) => Constructs;

export const otherRole = (role: Role): Role => (role === 'initiator' ? 'other' : 'initiator');

export function constructing(state: Either): Constructing {
  if (state.name !== 'constructing') throw new Error('constructed already');
  return state;
}

export function constructed(state: Either): Constructed {
  if (state.name !== 'constructed') throw new Error('not constructed yet');
  return state;
}

export const begin = (edit: Partial<Agreement> = {}, otherEdit = edit): Pair => ({
  initiator: construct({ ...agreementOf('local'), ...edit }),
  other: construct({ ...agreementOf('remote'), ...otherEdit }),
});

/** The message of a move, and what the mover is then. */
export function moved(pair: Pair, role: Role, move: Move): { state: Either; message: ConstructionMessage } {
  const { state, send, faults } = move(constructing(pair[role]));
  const [message] = send;
  if (!message || faults.length > 0) throw new Error(faults.map((f) => f.requirement).join());
  return { state, message: message as ConstructionMessage };
}

/** Both sides in turn, the initiator first unless it is said. */
export function play(pair: Pair, moves: readonly Move[], first: Role = 'initiator'): Pair {
  let [now, role] = [pair, first];
  for (const move of moves) {
    const { state, message } = moved(now, role, move);
    const heard = receiveConstruction(constructing(now[otherRole(role)]), message);
    if (heard.faults.length > 0) throw new Error(heard.faults.map((f) => f.requirement).join());
    now =
      role === 'initiator'
        ? { initiator: state, other: heard.state }
        : { initiator: heard.state, other: state };
    role = otherRole(role);
  }
  return now;
}

/** All of Appendix G but the two `tx_complete`, of which the initiator's is next. */
export const APPENDIX_G: readonly Move[] = [
  (state) => addInput(state, OPENER.input),
  (state) => addInput(state, ACCEPTER.input),
  (state) => addOutput(state, OPENER.change),
  (state) => addOutput(state, ACCEPTER.change),
  (state) => addSharedOutput(state, OPENER.funding_serial_id),
  complete,
];

export const whole = (edit: Partial<Agreement> = {}): Pair => play(begin(edit), [...APPENDIX_G, complete]);
