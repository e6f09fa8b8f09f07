import { displayHash, fromDisplayHash } from '../../../bitcoin/hash.ts';
import { assertRight } from '../right.ts';
import type { Fault, Message, Performed, Received } from '../step.ts';
import type { Side } from '../update.ts';
import { type Splicing, txidOf } from './states.ts';

/**
 * Sends `splice_locked` for a transaction, txid as displayed, that has reached acceptable depth: that it has is for the caller, who sees
 * the chain. Throws `channel.wrong-message` (harness) where no such splice is pending.
 */
export function sendSpliceLocked(state: Splicing, txid: string): Performed<Splicing> {
  const { channel_id } = state.commitments.terms;
  assertRight('splice_locked', lockedFaults(state, txid));
  return {
    state: lockedBy(state, 'local', txid),
    send: [{ name: 'splice_locked', fields: { channel_id, splice_txid: fromDisplayHash(txid) } }],
    broadcast: [],
  };
}

/** One that repeats what is locked already changes nothing: it may have crossed a `channel_reestablish`. */
export function receiveSpliceLocked(
  state: Splicing,
  { splice_txid }: Omit<Message<'splice_locked'>['fields'], 'channel_id'>,
): Received<Splicing> {
  const txid = displayHash(splice_txid);
  if (isLocked(state, txid)) return { state, faults: [] };
  const faults = lockedFaults(state, txid);
  return { state: faults.length > 0 ? state : lockedBy(state, 'remote', txid), faults };
}

/** Both have sent `splice_locked` for it. */
export const isLocked = ({ locked, pending }: Splicing, txid: string): boolean =>
  locked.local === txid && locked.remote === txid && !pending.some((each) => txidOf(each) === txid);

const lockedFaults = ({ pending }: Splicing, got: string): readonly Fault[] =>
  pending.some((each) => txidOf(each) === got)
    ? []
    : [
        {
          requirement: 'bolt02-splice-locked-03',
          expected: pending.length > 0 ? pending.map(txidOf) : 'no splice_locked: no splice is pending',
          got,
          note: 'splice_txid',
        },
      ];

/** The side has locked a pending splice: once both have, it takes the place of the funding before it, and of its replacements. */
export function lockedBy(state: Splicing, side: Side, txid: string): Splicing {
  const locked = { ...state.locked, [side]: txid };
  const [live, ...none] = state.commitments.fundings.filter(({ funding }) => funding.txid === txid);
  if (locked.local !== locked.remote || !live) return { ...state, locked };
  return {
    ...state,
    locked,
    pending: [],
    commitments: { ...state.commitments, fundings: [live, ...none] },
  };
}
