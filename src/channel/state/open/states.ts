import type { Transaction, TransactionOutput } from '../../../bitcoin/transaction.ts';
import type { ChannelSecrets } from '../../keys/channel-secrets.ts';
import type { Commitments } from '../commitments.ts';
import type { Side } from '../update.ts';
import type { AcceptFields, Negotiation, OpenFields } from './negotiation.ts';

/** The states of a channel that is being opened: `awaits_` a message or a command from outside, `has_` what we have yet to answer. */

export interface Opening {
  readonly negotiation: Negotiation;
  readonly secrets: ChannelSecrets;
}

/** Both sides have declared themselves. */
export interface Declared extends Opening {
  readonly open: OpenFields;
  readonly accept: AcceptFields;
  /** What the funding transaction has to pay. */
  readonly fundingOutput: TransactionOutput;
}

export interface AwaitsAcceptChannel extends Opening {
  readonly name: 'awaits_accept_channel';
  readonly open: OpenFields;
}

/** The opener's: the funding transaction is to be given. */
export interface AwaitsFunding extends Declared {
  readonly name: 'awaits_funding';
}

export interface AwaitsFundingSigned extends Funded {
  readonly name: 'awaits_funding_signed';
  readonly fundingTransaction: Transaction;
}

export interface AwaitsOpenChannel extends Opening {
  readonly name: 'awaits_open_channel';
}

export interface HasOpenChannel extends Opening {
  readonly name: 'has_open_channel';
  readonly open: OpenFields;
}

export interface AwaitsFundingCreated extends Declared {
  readonly name: 'awaits_funding_created';
}

export interface HasFundingCreated extends Funded {
  readonly name: 'has_funding_created';
}

/** The funding outpoint is known, and so are the first commitments. */
export interface Funded {
  /** With one live funding. */
  readonly commitments: Commitments;
  readonly fundingOutput: TransactionOutput;
  /** Of `accept_channel`. */
  readonly minimum_depth: number;
  /** Whether both sides offered `option_scid_alias`. */
  readonly isAliasNegotiated: boolean;
}

/** Both first commitments are signed. */
interface Signed extends Funded {
  /** The opener's, while it is still to be broadcast. */
  readonly unbroadcast: Transaction | undefined;
  /** Of the funding transaction, as last seen: 0 without a block. */
  readonly depth: number;
  /** The real one, once the funding transaction is in a block. */
  readonly short_channel_id: string | undefined;
  /** What each side has given, oldest first. */
  readonly aliases: Readonly<Record<Side, readonly string[]>>;
}

export interface AwaitsChannelReady extends Signed {
  readonly name: 'awaits_channel_ready';
  readonly isSent: boolean;
  /** The remote's, once its `channel_ready` has come. */
  readonly second_per_commitment_point?: Uint8Array;
}

/** Both have sent `channel_ready`. */
export interface Opened extends Signed {
  readonly name: 'open';
  readonly isSent: true;
  readonly second_per_commitment_point: Uint8Array;
}

export type Readying = AwaitsChannelReady | Opened;

export type OpeningState =
  | AwaitsAcceptChannel
  | AwaitsFunding
  | AwaitsFundingSigned
  | AwaitsOpenChannel
  | HasOpenChannel
  | AwaitsFundingCreated
  | HasFundingCreated
  | Readying;
