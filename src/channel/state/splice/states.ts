import type { Commitments } from '../commitments.ts';
import type { Constructed, Constructing } from '../interactive/states.ts';
import type { Signing } from '../interactive/signatures.ts';
import type { LiveFunding } from '../live-funding.ts';
import type { Quiescence } from '../quiescence.ts';
import type { Side } from '../update.ts';

/** All that splices change or look at, of a channel whose first commitments are signed (BOLT 2, Channel Splicing). */
export interface Splicing {
  /** `fundings` has those of `pending` too. */
  readonly commitments: Commitments;
  readonly quiescence: Quiescence;
  /** What is under way, from `splice_init` or `tx_init_rbf` until both have sent `tx_signatures`. */
  readonly negotiation: Negotiation | undefined;
  /** The splice and its replacements that both have signed, oldest first: none once one is locked. */
  readonly pending: readonly PendingSplice[];
  /** The last that each side has sent `splice_locked` for, txid as displayed. */
  readonly locked: Readonly<Partial<Record<Side, string>>>;
  /** Who has sent `tx_abort`, as long as not both have; both `false` where we owe one for a transaction that we do not know. */
  readonly aborting: Readonly<Record<Side, boolean>> | undefined;
  /** What the remote's `channel_reestablish` asked for, until it is sent. */
  readonly again: readonly Again[];
}

export type Again = 'commitment_signed' | 'tx_signatures';

export const noSplice = (commitments: Commitments, quiescence: Quiescence): Splicing => ({
  commitments,
  quiescence,
  negotiation: undefined,
  pending: [],
  locked: {},
  aborting: undefined,
  again: [],
});

/** What else of the channel the rules look at. */
export interface SpliceConditions {
  /** Which of them are negotiated. */
  readonly features: Readonly<Record<'option_splice' | 'option_zeroconf', boolean>>;
  readonly node_ids: Readonly<Record<Side, Uint8Array>>;
  /** Who has sent `channel_ready`. */
  readonly isReady: Readonly<Record<Side, boolean>>;
  /** Who has sent `shutdown`. */
  readonly hasShutdown: Readonly<Record<Side, boolean>>;
}

/** What one side says in `splice_init`, `splice_ack`, `tx_init_rbf` or `tx_ack_rbf`. */
export interface Contribution {
  /** In satoshis: below 0 to splice out. */
  readonly funding_contribution_satoshis: bigint;
  readonly funding_pubkey: Uint8Array;
  /** Whether the other side may only add confirmed inputs: only the chain can tell, so that is for the caller to see. */
  readonly require_confirmed_inputs: boolean;
}

/** `splice_init` or `tx_init_rbf`, answered or not. */
interface Request {
  readonly kind: 'splice' | 'rbf';
  readonly initiator: Side;
  readonly feerate_per_kw: number;
  readonly locktime: number;
}

/** The remote is to answer, or we are. */
export interface Requested extends Request {
  readonly name: 'requested';
  /** Of the initiator. */
  readonly contribution: Contribution;
  /** Known as soon as our own side of the new funding is. */
  readonly local_funding_privkey: Uint8Array | undefined;
}

export interface Answered extends Request {
  readonly contributions: Readonly<Record<Side, Contribution>>;
  readonly local_funding_privkey: Uint8Array;
}

export interface ConstructingSplice extends Answered {
  readonly name: 'constructing';
  readonly construction: Constructing;
}

export interface SigningSplice extends Answered {
  readonly name: 'signing';
  readonly construction: Signing;
  /** Of the new funding output. */
  readonly live: LiveFunding;
  /** Who has sent `commitment_signed` for it. */
  readonly isCommitted: Readonly<Record<Side, boolean>>;
}

type Negotiation = Requested | ConstructingSplice | SigningSplice;

export interface PendingSplice extends Answered {
  readonly construction: Signing;
  readonly live: LiveFunding;
}

/** As displayed. */
export const txidOf = ({ construction }: PendingSplice): string => construction.constructed.transaction.txid;

export const constructedOf = ({ construction }: PendingSplice): Constructed => construction.constructed;
