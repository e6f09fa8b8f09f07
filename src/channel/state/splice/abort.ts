import { EMPTY } from '../../../core/bytes.ts';
import { noQuiescence } from '../quiescence.ts';
import { assertRight } from '../right.ts';
import type { Fault, Performed, Received } from '../step.ts';
import type { Side } from '../update.ts';
import type { Splicing } from './states.ts';

/** `tx_abort` (BOLT 2): a negotiation is over once both sides have sent it, and so is the quiescence. */

/** Whether our `tx_abort` has yet to be echoed: until then the remote may not know of it. */
export const isAborting = ({ aborting }: Splicing): boolean => aborting?.local === true;

/** Whether the remote's `tx_abort`, or its `next_funding` for a transaction that we do not know, calls for one of ours. */
export const owesAbort = ({ aborting }: Splicing): boolean => aborting?.local === false;

/** Sends `tx_abort`, or echoes it. Throws `channel.wrong-message` (harness) once our `tx_signatures` went. */
export function sendTxAbort(state: Splicing, data: Uint8Array = EMPTY): Performed<Splicing> {
  assertRight('tx_abort', abortFaults(state, 'local'));
  const { channel_id } = state.commitments.terms;
  return {
    state: aborted(state, 'local'),
    send: [{ name: 'tx_abort', fields: { channel_id, data } }],
    broadcast: [],
  };
}

/**
 * We owe the echo where we have not sent `tx_abort`. A transaction that we have signed is not forgotten, nor is the echo right then: the
 * remote may still sign and publish it.
 */
export function receiveTxAbort(state: Splicing): Received<Splicing> {
  const faults = abortFaults(state, 'remote');
  if (faults.length > 0 || hasSigned(state, 'local')) return { state, faults };
  return { state: aborted(state, 'remote'), faults };
}

const hasSigned = ({ negotiation }: Splicing, side: Side): boolean =>
  negotiation?.name === 'signing' && negotiation.construction.signatures[side] !== undefined;

const abortFaults = (state: Splicing, by: Side): readonly Fault[] =>
  hasSigned(state, by)
    ? [{ requirement: 'bolt02-tx-abort-01', expected: 'no tx_abort after tx_signatures', got: 'tx_abort' }]
    : [];

function aborted(state: Splicing, by: Side): Splicing {
  const none = { local: false, remote: false };
  const aborting = { ...(state.aborting ?? none), [by]: true };
  const forgotten = { ...state, negotiation: undefined };
  return aborting.local && aborting.remote
    ? { ...forgotten, aborting: undefined, quiescence: noQuiescence }
    : { ...forgotten, aborting };
}
