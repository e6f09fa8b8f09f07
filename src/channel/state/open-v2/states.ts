import type { Transaction } from '../../../bitcoin/transaction.ts';
import type { Bolts } from '../../../wire/bolts.ts';
import type { MessageFields } from '../../../wire/types.ts';
import type { Constructing } from '../interactive/states.ts';
import type { Signing } from '../interactive/signatures.ts';
import type { Funded, Opening } from '../open/states.ts';
import type { Side } from '../update.ts';

/** The states of a channel that opens by version 2, up to the one in which version 1 ends too, `awaits_channel_ready`. */

export type Open2Fields = MessageFields<Bolts, 'open_channel2'>;
export type Accept2Fields = MessageFields<Bolts, 'accept_channel2'>;

export interface DualOpening extends Opening {
  /** They decide who signs first where both sides contribute the same. */
  readonly node_ids: Readonly<Record<Side, Uint8Array>>;
}

export interface AwaitsAcceptChannel2 extends DualOpening {
  readonly name: 'awaits_accept_channel2';
  readonly open: Open2Fields;
}

export interface AwaitsOpenChannel2 extends DualOpening {
  readonly name: 'awaits_open_channel2';
}

export interface HasOpenChannel2 extends DualOpening {
  readonly name: 'has_open_channel2';
  readonly open: Open2Fields;
}

/** Both sides have declared themselves. */
export interface Established extends DualOpening {
  readonly opener: Side;
  readonly open: Open2Fields;
  readonly accept: Accept2Fields;
  /** The funding transactions that both have signed, oldest first: any of them may confirm. */
  readonly attempts: readonly Attempt[];
}

/** A funding transaction, and the first commitments that spend it. */
export interface Attempt {
  readonly funded: Funded;
  readonly signing: Signing;
}

/** What an attempt is made by: from `open_channel2` and `accept_channel2`, or from `tx_init_rbf` and `tx_ack_rbf`. */
export interface AttemptTerms {
  readonly initiator: Side;
  readonly feerate: number;
  readonly locktime: number;
  /** To the funding output, in satoshis. */
  readonly contributions: Readonly<Record<Side, bigint>>;
}

export interface ConstructingFunding extends Established {
  readonly name: 'constructing_funding';
  readonly construction: Constructing;
}

/** The transaction is known: first the commitments are signed, then itself. */
export interface SigningFunding extends Established, Attempt {
  readonly name: 'signing_funding';
  readonly hasSentCommitment: boolean;
  readonly missing: readonly Missing[];
}

/** What the remote's `channel_reestablish` asks for, until it is sent. */
export type Missing = 'commitment_signed' | 'tx_signatures' | 'tx_abort';

/** At least one attempt is signed by both sides, and can confirm. */
export interface DualFunded extends Established {
  readonly name: 'dual_funded';
  /** The latest, while we have not broadcast it. */
  readonly unbroadcast: Transaction | undefined;
  readonly missing: readonly Missing[];
}

export interface AwaitsTxAckRbf extends Established {
  readonly name: 'awaits_tx_ack_rbf';
  readonly init: RbfInit;
}

export interface HasTxInitRbf extends Established {
  readonly name: 'has_tx_init_rbf';
  readonly init: RbfInit;
}

export interface RbfInit {
  readonly feerate: number;
  readonly locktime: number;
  /** Of the one who sent `tx_init_rbf`. */
  readonly contribution: bigint;
}

/** We have sent `tx_abort`: what comes before the remote echoes it is to be ignored. */
export interface AwaitsTxAbort {
  readonly name: 'awaits_tx_abort';
  readonly then: AfterAbort;
}

/** It is to be echoed. */
export interface HasTxAbort {
  readonly name: 'has_tx_abort';
  readonly established: Established;
  readonly then: AfterAbort;
}

/** Nothing of the channel is left. */
export interface Forgotten {
  readonly name: 'forgotten';
}

/** Attempts that were signed before stay, and so does one that we have signed: the remote may broadcast it. */
export type AfterAbort = DualFunded | SigningFunding | Forgotten;

/** What a negotiation that can be aborted goes through. */
export type Negotiating = ConstructingFunding | SigningFunding | AwaitsTxAckRbf | HasTxInitRbf;

export type DualOpeningState =
  | AwaitsAcceptChannel2
  | AwaitsOpenChannel2
  | HasOpenChannel2
  | Negotiating
  | DualFunded
  | AwaitsTxAbort
  | HasTxAbort
  | Forgotten;
