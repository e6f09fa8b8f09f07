import type { Commitments } from './commitments.ts';
import { assertRight } from './right.ts';
import type { Fault, Message, Performed, Received } from './step.ts';
import { otherSide, type Side, type UpdateName } from './update.ts';

/** How far the two sides have come in agreeing to send no updates (BOLT 2, Channel Quiescence). */
export interface Quiescence {
  /** `initiator` of the `stfu` that the side has sent over this connection. */
  readonly initiators: Readonly<Partial<Record<Side, number>>>;
}

/** Before any `stfu`, after a disconnection, and after the protocol that needed it. */
export const noQuiescence: Quiescence = { initiators: {} };

/** What else of the channel the rules look at. */
export interface QuiescenceConditions {
  readonly commitments: Pick<Commitments, 'terms' | 'ledger'>;
  /** Whether `option_quiesce` is negotiated. */
  readonly option_quiesce: boolean;
}

/** Sends `stfu`: the reply where the remote's has come. Throws `channel.wrong-message` (harness) where we may not send it. */
export function sendStfu(state: Quiescence, conditions: QuiescenceConditions): Performed<Quiescence> {
  const initiator = state.initiators.remote === undefined ? 1 : 0;
  assertRight('stfu', stfuFaults(state, conditions, 'local', initiator));
  const { channel_id } = conditions.commitments.terms;
  return {
    state: withStfu(state, 'local', initiator),
    send: [{ name: 'stfu', fields: { channel_id, initiator } }],
    broadcast: [],
  };
}

export function receiveStfu(
  state: Quiescence,
  conditions: QuiescenceConditions,
  { initiator }: Omit<Message<'stfu'>['fields'], 'channel_id'>,
): Received<Quiescence> {
  const faults = stfuFaults(state, conditions, 'remote', initiator);
  return { state: faults.length > 0 ? state : withStfu(state, 'remote', initiator), faults };
}

/** Whether the remote's `stfu` waits for our reply, which none of our updates holds up any more. */
export const owesStfu = (
  { initiators: { local, remote } }: Quiescence,
  { commitments }: QuiescenceConditions,
): boolean => remote !== undefined && local === undefined && pendingOf(commitments, 'local').length === 0;

/** Both have sent `stfu`. */
export const isQuiescent = (state: Quiescence): boolean => {
  const { local, remote } = state.initiators;
  return local !== undefined && remote !== undefined;
};

/** Who may begin what the channel is quiescent for; `undefined` as long as it is not. */
export function quiescenceInitiator(
  state: Quiescence,
  { terms }: Pick<Commitments, 'terms'>,
): Side | undefined {
  const { local, remote } = state.initiators;
  if (local === undefined || remote === undefined) return undefined;
  // Both at once: the channel funder.
  if (local === 1 && remote === 1) return terms.opener;
  return local === 1 ? 'local' : 'remote';
}

/** Faults of an update that `by` sends. */
export const quiescenceFaults = (
  { initiators }: Quiescence,
  by: Side,
  update: UpdateName,
): readonly Fault[] =>
  initiators[by] === undefined
    ? []
    : [{ requirement: 'bolt02-stfu-08', expected: 'no update after stfu', got: update }];

function stfuFaults(
  { initiators }: Quiescence,
  { commitments, option_quiesce }: QuiescenceConditions,
  by: Side,
  initiator: number,
): Fault[] {
  const faults: Fault[] = [];
  if (!option_quiesce)
    faults.push({ requirement: 'bolt02-stfu-01', expected: 'option_quiesce from both sides', got: 'stfu' });
  const pending = pendingOf(commitments, by);
  if (pending.length > 0)
    faults.push({
      requirement: 'bolt02-stfu-02',
      expected: "none of the sender's updates pending",
      got: pending.map(({ update }) => update.name),
    });
  if (initiators[by] !== undefined)
    return [...faults, { requirement: 'bolt02-stfu-03', expected: 'one stfu', got: 'another stfu' }];
  const note = 'initiator';
  if (initiators[otherSide(by)] === undefined) {
    if (initiator !== 1) faults.push({ requirement: 'bolt02-stfu-05', expected: 1, got: initiator, note });
  } else if (initiator !== 0 && !(by === 'remote' && initiator === 1))
    // A 1 may have crossed ours: then it is no reply.
    faults.push({ requirement: 'bolt02-stfu-04', expected: 0, got: initiator, note });
  return faults;
}

const pendingOf = ({ ledger }: QuiescenceConditions['commitments'], by: Side) =>
  ledger.pending.filter((each) => each.by === by);

const withStfu = ({ initiators }: Quiescence, by: Side, initiator: number): Quiescence => ({
  initiators: { ...initiators, [by]: initiator },
});
