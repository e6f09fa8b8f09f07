import { EMPTY } from '../../../core/bytes.ts';
import { assertRight } from '../right.ts';
import type { Fault, Performed, Received } from '../step.ts';
import type { Side } from '../update.ts';
import { parts } from './attempt.ts';
import { channelIdOf } from './channel-id.ts';
import type {
  AfterAbort,
  AwaitsTxAbort,
  DualFunded,
  Established,
  HasTxAbort,
  Negotiating,
} from './states.ts';

/** Giving up a negotiation, which does not fail the channel (BOLT 2, tx_abort). */

/** Sends `tx_abort`; `data` is a reason in printable ASCII, or nothing. */
export function abort(state: Negotiating, data: Uint8Array = EMPTY): Performed<AwaitsTxAbort> {
  assertRight('tx_abort', signedFaults(state, 'local'));
  return {
    state: { name: 'awaits_tx_abort', then: afterAbort(state) },
    send: [message(state, data)],
    broadcast: [],
  };
}

/** It is to be echoed by `echoAbort`; `AwaitsTxAbort` has its echo with it. */
export const receiveTxAbort = (state: Negotiating): Received<Negotiating | HasTxAbort> => {
  const faults = signedFaults(state, 'remote');
  if (faults.length > 0) return { state, faults };
  return { state: { name: 'has_tx_abort', established: state, then: afterAbort(state) }, faults };
};

export const receiveAbortEcho = ({ then }: AwaitsTxAbort): Received<AfterAbort> => ({
  state: then,
  faults: [],
});

/** Sends `tx_abort` in answer to the remote's. */
export const echoAbort = ({ established, then }: HasTxAbort): Performed<AfterAbort> => ({
  state: then,
  send: [message(established, EMPTY)],
  broadcast: [],
});

/** What is left of a negotiation that ends early: without either side's `tx_signatures` nothing of it. */
export function afterAbort(state: Negotiating): AfterAbort {
  if (state.name === 'signing_funding' && state.signing.signatures.local) return state;
  return beforeAttempt(state);
}

/** What there was before the attempt. */
export const beforeAttempt = (established: Established): DualFunded | { readonly name: 'forgotten' } =>
  established.attempts.length > 0
    ? { ...parts(established), name: 'dual_funded', unbroadcast: undefined, missing: [] }
    : { name: 'forgotten' };

export const message = ({ open, accept }: Established, data: Uint8Array) =>
  ({
    name: 'tx_abort',
    fields: {
      channel_id: channelIdOf([open.revocation_basepoint, accept.revocation_basepoint]),
      data,
    },
  }) as const;

const signedFaults = (state: Negotiating, sender: Side): Fault[] =>
  state.name === 'signing_funding' && state.signing.signatures[sender]
    ? [
        {
          requirement: 'bolt02-tx-abort-01',
          expected: 'no tx_abort after tx_signatures',
          got: 'tx_abort',
        },
      ]
    : [];
