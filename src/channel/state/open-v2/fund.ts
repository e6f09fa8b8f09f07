import { displayHash } from '../../../bitcoin/hash.ts';
import { BoltgridError } from '../../../core/error.ts';
import type { Bolts } from '../../../wire/bolts.ts';
import type { MessageFields } from '../../../wire/types.ts';
import { signatureMessages } from '../commit.ts';
import { type Constructs, receiveConstruction } from '../interactive/construct.ts';
import {
  receiveTxSignatures,
  sendTxSignatures,
  type Signing,
  signedTransaction,
  type TxSignatures,
} from '../interactive/signatures.ts';
import type { Constructing, ConstructionMessage } from '../interactive/states.ts';
import { countersigned, hasSigned } from '../open/funded.ts';
import { signed } from '../open/ready.ts';
import type { AwaitsChannelReady } from '../open/states.ts';
import { assertRight } from '../right.ts';
import type { Fault, Performed, Received } from '../step.ts';
import { constructedFunding, parts } from './attempt.ts';
import type { ConstructingFunding, DualFunded, Negotiating, SigningFunding } from './states.ts';

type CommitmentSigned = Omit<MessageFields<Bolts, 'commitment_signed'>, 'channel_id'>;

/** A message of the construction from the remote. */
export function receiveFunding(
  state: ConstructingFunding,
  message: ConstructionMessage,
): Received<ConstructingFunding | SigningFunding> {
  const { state: construction, faults } = receiveConstruction(state.construction, message);
  return { state: faults.length > 0 ? state : advanced(state, construction), faults };
}

/** A message of the construction from us, by one of the functions of interactive/construct.ts. */
export interface ConstructsFunding extends Performed<ConstructingFunding | SigningFunding> {
  /** As in `Constructs`. */
  readonly faults: readonly Fault[];
}

export function sendFunding(
  state: ConstructingFunding,
  move: (construction: Constructing) => Constructs,
): ConstructsFunding {
  const { state: construction, ...rest } = move(state.construction);
  return { state: advanced(state, construction), ...rest };
}

const advanced = (
  state: ConstructingFunding,
  construction: Constructs['state'],
): ConstructingFunding | SigningFunding =>
  construction.name === 'constructing' ? { ...state, construction } : constructedFunding(state, construction);

/** Sends `commitment_signed` for the remote's first commitment, or sends it again. */
export const signCommitments = (state: SigningFunding): Performed<SigningFunding> => ({
  state: {
    ...state,
    hasSentCommitment: true,
    missing: state.missing.filter((message) => message !== 'commitment_signed'),
  },
  send: signatureMessages(state.funded.commitments),
  broadcast: [],
});

/** It may come again after a reconnection. */
export function receiveFirstCommitmentSigned(
  state: SigningFunding,
  { signature, htlc_signature, tlvs }: CommitmentSigned,
): Received<SigningFunding> {
  const { funded, signing } = state;
  const { txid } = signing.constructed.transaction;
  const forTxid = tlvs.funding_txid?.funding_txid;
  const faults: Fault[] = [];
  if (htlc_signature.length > 0)
    faults.push({
      requirement: 'bolt02-v2-commitment-signed-01',
      expected: 0,
      got: htlc_signature.length,
      note: 'num_htlcs',
    });
  if (forTxid && displayHash(forTxid) !== txid)
    faults.push({
      requirement: 'bolt02-commitment-signed-05',
      expected: txid,
      got: forTxid,
      note: 'funding_txid',
    });
  if (!hasSigned(funded, signature))
    faults.push({
      requirement: 'bolt02-commitment-signed-12',
      expected: 'a signature of our first commitment, with a low S',
      got: signature,
      note: 'signature',
    });
  if (faults.length > 0) return { state, faults };
  return {
    state: { ...state, funded: { ...funded, commitments: countersigned(funded, signature) } },
    faults,
  };
}

/** Whether the remote has signed our first commitment. */
export const hasCommitment = ({ funded }: SigningFunding): boolean =>
  funded.commitments.fundings[0].remoteSignatures !== undefined;

/** Sends `tx_signatures` with the stacks of our inputs (`ownInputs`). */
export function signFunding2(
  state: SigningFunding,
  witnesses: readonly (readonly Uint8Array[])[],
): Performed<SigningFunding | DualFunded> {
  assertRight(
    'tx_signatures',
    commitmentFaults({ hasSent: state.hasSentCommitment, hasReceived: hasCommitment(state) }),
  );
  const { state: signing, send } = sendTxSignatures(state.signing, witnesses);
  const missing = state.missing.filter((message) => message !== 'tx_signatures');
  return { state: exchanged({ ...state, missing }, signing), send, broadcast: [] };
}

/** With those of both sides the funding transaction is to be broadcast: see `broadcastFunding2`. */
export function receiveFundingSignatures(
  state: SigningFunding | DualFunded,
  fields: TxSignatures,
): Received<SigningFunding | DualFunded> {
  if (state.name === 'dual_funded') return { state, faults: repeatFaults(state, fields) };
  const early = commitmentFaults({ hasSent: hasCommitment(state), hasReceived: state.hasSentCommitment });
  if (early.length > 0) return { state, faults: early };
  const { state: signing, faults } = receiveTxSignatures(state.signing, fields);
  return { state: faults.length > 0 ? state : exchanged(state, signing), faults };
}

/** `commitment_signed`, as the sender of `tx_signatures` sees it. */
function commitmentFaults(sender: { readonly hasSent: boolean; readonly hasReceived: boolean }): Fault[] {
  if (sender.hasSent && sender.hasReceived) return [];
  return [
    {
      requirement: sender.hasReceived ? 'bolt02-v2-tx-signatures-01' : 'bolt02-v2-tx-signatures-04',
      expected: 'commitment_signed of both sides first',
      got: 'tx_signatures',
    },
  ];
}

/** After a reconnection those that have come may come again. */
function repeatFaults({ attempts }: DualFunded, { txid }: TxSignatures): Fault[] {
  const got = displayHash(txid);
  const expected = attempts.at(-1)?.signing.constructed.transaction.txid;
  return got === expected ? [] : [{ requirement: 'bolt02-tx-signatures-07', expected, got, note: 'txid' }];
}

function exchanged(state: SigningFunding, signing: Signing): SigningFunding | DualFunded {
  const transaction = signedTransaction(signing);
  if (!transaction) return { ...state, signing };
  const attempts = [...state.attempts, { funded: state.funded, signing }];
  return {
    ...parts(state),
    attempts,
    name: 'dual_funded',
    unbroadcast: transaction,
    missing: state.missing,
  };
}

/** Throws `channel.nothing-to-broadcast` (harness). */
export function broadcastFunding2(state: DualFunded): Performed<DualFunded> {
  const { unbroadcast } = state;
  if (!unbroadcast)
    throw new BoltgridError(
      'channel.nothing-to-broadcast',
      'harness',
      'the latest attempt is broadcast already',
    );
  return { state: { ...state, unbroadcast: undefined }, send: [], broadcast: [unbroadcast] };
}

/**
 * One of the attempts is in a block, or the channel needs none: from here on it opens as in version 1. The others are dead, and an attempt
 * that is being made is abandoned. Throws `channel.no-attempt` (harness).
 */
export function settleOn(state: DualFunded | Negotiating, txid: string): AwaitsChannelReady {
  const attempt = state.attempts.find(({ signing }) => signing.constructed.transaction.txid === txid);
  if (!attempt)
    throw new BoltgridError(
      'channel.no-attempt',
      'harness',
      `${txid} is no funding transaction of this channel`,
    );
  const unbroadcast = state.name === 'dual_funded' ? state.unbroadcast : undefined;
  return signed(attempt.funded, unbroadcast?.txid === txid ? unbroadcast : undefined);
}
