import { displayHash, fromDisplayHash } from '../../../bitcoin/hash.ts';
import { EMPTY } from '../../../core/bytes.ts';
import { BoltgridError } from '../../../core/error.ts';
import type { Bolts } from '../../../wire/bolts.ts';
import type { MessageFields } from '../../../wire/types.ts';
import { resendTxSignatures } from '../interactive/signatures.ts';
import { reestablish } from '../reestablish.ts';
import type { Fault, Message, Performed, Received } from '../step.ts';
import { beforeAttempt, message } from './abort.ts';
import { hasCommitment } from './fund.ts';
import type { Attempt, DualFunded, Forgotten, Missing, Negotiating, SigningFunding } from './states.ts';

type NextFunding = NonNullable<MessageFields<Bolts, 'channel_reestablish'>['tlvs']['next_funding']>;

/** What a channel is by that can be reestablished before `channel_ready`. */
export type Resumable = SigningFunding | DualFunded;

/** BOLT 2, Message Retransmission: the bit of `retransmit_flags`. */
const COMMITMENT_SIGNED = 1;

/** The connection was lost: what we have not signed for is forgotten, also if the remote has. */
export function disconnectedFunding(state: Negotiating | DualFunded): Resumable | Forgotten {
  if (state.name === 'dual_funded') return { ...state, missing: [] };
  if (state.name === 'signing_funding' && state.hasSentCommitment) return { ...state, missing: [] };
  return beforeAttempt(state);
}

/** Our `channel_reestablish`, which changes nothing. */
export function reestablishFunding(state: Resumable): Message<'channel_reestablish'> {
  const { fields } = reestablish(attemptOf(state).funded.commitments);
  const next_funding = nextFunding(state);
  return {
    name: 'channel_reestablish',
    fields: { ...fields, tlvs: { ...fields.tlvs, ...(next_funding && { next_funding }) } },
  };
}

/** What the remote's `next_funding` asks for, or its absence: `state.missing` says what is to be sent by `resendFunding`. */
export function receiveNextFunding(state: Resumable, asked: NextFunding | undefined): Received<Resumable> {
  if (!asked) return { state, faults: [] };
  const { txid } = attemptOf(state).signing.constructed.transaction;
  const got = displayHash(asked.next_funding_txid);
  if (got === txid) return { state: { ...state, missing: missingIn(state, asked) }, faults: [] };
  if (!nextFunding(state)) return { state: { ...state, missing: ['tx_abort'] }, faults: [] };
  const faults: Fault[] = [
    { requirement: 'bolt02-reestablish-17', expected: txid, got, note: 'next_funding_txid' },
  ];
  return { state, faults };
}

/** Sends one of `missing` that we have sent before, or the `tx_abort` that lets the remote forget. */
export function resendFunding(state: Resumable, what: 'tx_signatures' | 'tx_abort'): Performed<Resumable> {
  if (!state.missing.includes(what))
    throw new BoltgridError('channel.not-missing', 'harness', `the remote has not asked for ${what}`);
  const send = what === 'tx_abort' ? [message(state, EMPTY)] : resendTxSignatures(attemptOf(state).signing);
  const missing = state.missing.filter((each) => each !== what);
  return { state: { ...state, missing }, send, broadcast: [] };
}

function nextFunding(state: Resumable): NextFunding | undefined {
  // By now the remote's tx_signatures have come.
  if (state.name === 'dual_funded' || !state.hasSentCommitment) return undefined;
  return {
    next_funding_txid: fromDisplayHash(state.signing.constructed.transaction.txid),
    retransmit_flags: hasCommitment(state) ? 0 : COMMITMENT_SIGNED,
  };
}

function missingIn(state: Resumable, { retransmit_flags }: NextFunding): Missing[] {
  if (state.name === 'dual_funded') return ['tx_signatures'];
  const missing: Missing[] = (retransmit_flags & COMMITMENT_SIGNED) !== 0 ? ['commitment_signed'] : [];
  // Those that were never sent are owed anyhow, when it is our turn.
  if (state.signing.signatures.local) missing.push('tx_signatures');
  return missing;
}

/** The latest that is signed, or being signed. */
function attemptOf(state: Resumable): Attempt {
  if (state.name === 'signing_funding') return state;
  const attempt = state.attempts.at(-1);
  if (attempt) return attempt;
  throw new BoltgridError('channel.invariant', 'harness', 'a funded channel has no funding transaction');
}
