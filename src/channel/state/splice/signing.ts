import { fromDisplayHash } from '../../../bitcoin/hash.ts';
import { equalBytes } from '../../../core/bytes.ts';
import { BoltgridError } from '../../../core/error.ts';
import { unsignedHtlcs, verifyCommitment } from '../../transactions/signatures.ts';
import { signatureMessage } from '../commit.ts';
import { commitmentOf, type Commitments } from '../commitments.ts';
import {
  isOurTurn,
  receiveTxSignatures,
  resendTxSignatures,
  sendTxSignatures,
  type TxSignatures,
} from '../interactive/signatures.ts';
import type { LiveFunding } from '../live-funding.ts';
import { isQuiescent, noQuiescence } from '../quiescence.ts';
import type { Fault, Message, Performed, Received } from '../step.ts';
import type { Side } from '../update.ts';
import { isAborting } from './abort.ts';
import { type Again, type SigningSplice, type Splicing, txidOf } from './states.ts';

type CommitmentSigned = Omit<Message<'commitment_signed'>['fields'], 'channel_id'>;

/** From the constructed transaction to both `tx_signatures`, with which the channel is quiescent no longer. */

/** Whether a `commitment_signed` that came alone is for a splice that is being signed, or was given up, and not for an update. */
export function isForSplice(state: Splicing, { tlvs }: CommitmentSigned): boolean {
  const { negotiation, commitments, quiescence } = state;
  const txid = tlvs.funding_txid?.funding_txid;
  const isOf = (live: LiveFunding): boolean =>
    txid !== undefined && equalBytes(txid, fromDisplayHash(live.funding.txid));
  if (negotiation?.name === 'signing') return !txid || isOf(negotiation.live);
  if (!isAborting(state)) return false;
  return txid ? !commitments.fundings.some(isOf) : isQuiescent(quiescence);
}

/** Sends `commitment_signed` for the new funding, once or, where the remote asks for it after a reconnection, again. */
export function sendSpliceCommitmentSigned(state: Splicing): Performed<Splicing> {
  const signing = signingOf(state);
  if (!owesCommitmentSigned(state)) throw notNow('commitment_signed');
  const message = signatureMessage(state.commitments, signing.live);
  const negotiation = { ...signing, isCommitted: { ...signing.isCommitted, local: true } };
  const again = without(state.again, 'commitment_signed');
  return { state: { ...state, negotiation, again }, send: [message], broadcast: [] };
}

export const owesCommitmentSigned = ({ negotiation, again }: Splicing): boolean =>
  negotiation?.name === 'signing' && (!negotiation.isCommitted.local || again.includes('commitment_signed'));

/** For our commitment of the same number as the one that we have: it is not answered by `revoke_and_ack`. */
export function receiveSpliceCommitmentSigned(state: Splicing, fields: CommitmentSigned): Received<Splicing> {
  if (isAborting(state)) return { state, faults: [] };
  const { negotiation, commitments } = state;
  if (negotiation?.name !== 'signing') return { state, faults: [unconstructed('commitment_signed')] };
  const faults = commitmentFaults(commitments, negotiation.live, fields);
  if (faults.length > 0) return { state, faults };
  const { signature, htlc_signature } = fields;
  const live = { ...negotiation.live, remoteSignatures: { signature, htlc_signature } };
  const isCommitted = { ...negotiation.isCommitted, remote: true };
  return { state: { ...state, negotiation: { ...negotiation, live, isCommitted } }, faults };
}

/**
 * Sends `tx_signatures` with the stacks of our own inputs (see `ownInputs`). Once the remote's have come too, the transaction is the
 * `signedTransaction` of the last pending splice. Those that the remote asks for after a reconnection are sent by
 * `resendSpliceTxSignatures`.
 */
export function sendSpliceTxSignatures(
  state: Splicing,
  witnesses: readonly (readonly Uint8Array[])[],
): Performed<Splicing> {
  const signing = signingOf(state);
  if (!owesTxSignatures(state)) throw notNow('tx_signatures');
  const { state: construction, ...rest } = sendTxSignatures(signing.construction, witnesses);
  return { ...rest, state: signed(state, { ...signing, construction }) };
}

/** The first time. */
export const owesTxSignatures = ({ negotiation }: Splicing): boolean =>
  negotiation?.name === 'signing' &&
  negotiation.isCommitted.local &&
  negotiation.isCommitted.remote &&
  isOurTurn(negotiation.construction);

/** Those that we sent for the last transaction, once more. */
export function resendSpliceTxSignatures(state: Splicing): Performed<Splicing> {
  const { negotiation, pending, again } = state;
  if (!again.includes('tx_signatures')) throw notNow('tx_signatures again');
  const last = negotiation?.name === 'signing' ? negotiation : pending.at(-1);
  return {
    state: { ...state, again: without(again, 'tx_signatures') },
    send: last ? resendTxSignatures(last.construction) : [],
    broadcast: [],
  };
}

/** Those of a transaction that both have signed may come again, after a reconnection. */
export function receiveSpliceTxSignatures(state: Splicing, fields: TxSignatures): Received<Splicing> {
  if (isAborting(state)) return { state, faults: [] };
  const { negotiation, pending } = state;
  if (negotiation?.name !== 'signing') {
    const isKnown = pending.some((each) => equalBytes(fields.txid, fromDisplayHash(txidOf(each))));
    return { state, faults: isKnown ? [] : [unconstructed('tx_signatures')] };
  }
  const faults = orderFaults(negotiation.isCommitted);
  if (faults.length > 0) return { state, faults };
  const received = receiveTxSignatures(negotiation.construction, fields);
  if (received.faults.length > 0) return { state, faults: received.faults };
  return { state: signed(state, { ...negotiation, construction: received.state }), faults };
}

/** With both `tx_signatures` the new funding is live, and the channel goes on. */
function signed(state: Splicing, signing: SigningSplice): Splicing {
  const { local, remote } = signing.construction.signatures;
  if (!local || !remote) return { ...state, negotiation: signing };
  const { commitments, pending } = state;
  const { kind, initiator, feerate_per_kw, locktime, contributions, local_funding_privkey } = signing;
  const { construction, live } = signing;
  const terms = { kind, initiator, feerate_per_kw, locktime, contributions, local_funding_privkey };
  return {
    ...state,
    commitments: { ...commitments, fundings: [...commitments.fundings, live] },
    quiescence: noQuiescence,
    negotiation: undefined,
    pending: [...pending, { ...terms, construction, live }],
  };
}

function commitmentFaults(
  commitments: Commitments,
  live: LiveFunding,
  { signature, htlc_signature, tlvs }: CommitmentSigned,
): Fault[] {
  const txid = tlvs.funding_txid?.funding_txid;
  if (txid && !equalBytes(txid, fromDisplayHash(live.funding.txid)))
    return [
      {
        requirement: 'bolt02-commitment-signed-05',
        expected: live.funding.txid,
        got: txid,
        note: 'funding_txid',
      },
    ];
  const commitment = commitmentOf(commitments, 'local', 'latest', live);
  const faults: Fault[] = [];
  if (!verifyCommitment(commitment, live.remote_funding_pubkey, signature))
    faults.push({
      requirement: 'bolt02-splice-commitment-signed-01',
      expected: `a signature for ${commitment.transaction.txid}, with a low S`,
      got: signature,
    });
  const { length } = commitment.htlcOutputs;
  const requirement = 'bolt02-splice-commitment-signed-02';
  if (htlc_signature.length !== length)
    return [...faults, { requirement, expected: length, got: htlc_signature.length, note: 'num_htlcs' }];
  for (const { vout, htlc } of unsignedHtlcs(commitment, htlc_signature))
    faults.push({
      requirement,
      expected: `a signature for HTLC ${htlc.id}, output ${vout}, with a low S`,
      got: htlc_signature[commitment.htlcOutputs.findIndex((output) => output.vout === vout)],
    });
  return faults;
}

/** Nobody signs the transaction before the other has signed a commitment that gets the funds back. */
function orderFaults(isCommitted: Readonly<Record<Side, boolean>>): Fault[] {
  const got = 'tx_signatures';
  if (!isCommitted.remote)
    return [
      {
        requirement: 'bolt02-splice-commitment-signed-05',
        expected: "the sender's commitment_signed before it",
        got,
      },
    ];
  return isCommitted.local
    ? []
    : [
        {
          requirement: 'bolt02-splice-commitment-signed-06',
          expected: 'to wait for our commitment_signed',
          got,
        },
      ];
}

/** BOLT 2 says so only by the order of the messages. */
const unconstructed = (got: string): Fault => ({
  requirement: 'bolt02-tx-complete-01',
  expected: 'tx_complete from both sides in succession before it',
  got,
});

const without = (again: readonly Again[], name: Again): readonly Again[] =>
  again.filter((each) => each !== name);

function signingOf({ negotiation }: Splicing): SigningSplice {
  if (negotiation?.name === 'signing') return negotiation;
  throw notNow('a signature');
}

const notNow = (what: string): BoltgridError =>
  new BoltgridError('channel.not-to-be-signed', 'harness', `${what} of a splice is not to be sent now`, {
    hint: 'Look at `owedOfSplice` first.',
  });
