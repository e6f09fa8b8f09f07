import type { Transaction } from '../../bitcoin/transaction.ts';
import { type Channel, commitmentsOf } from '../../channel/engine/channel.ts';
import type { Message } from '../../channel/state/step.ts';

/** All that the node keeps of its channels and payments: plain data, so that a copy of it is a snapshot. */
export interface NodeState {
  channels: HeldChannel[];
  /** How many channels there have been: each has keys of its own. */
  channelCount: number;
}

export const emptyState = (): NodeState => ({ channels: [], channelCount: 0 });

/** A channel with whatever the node knows of it beside the protocol. */
export interface HeldChannel {
  readonly number: number;
  readonly peer: Uint8Array;
  channel: Channel;
  /** As opener, once it is made. */
  fundingTransaction?: Transaction;
  /** The height at which the funding was agreed on. */
  signedAt?: number;
  /** Given when a close was asked for. */
  closing: { script?: Uint8Array; feerate_per_kw?: number };
  /** Set when the channel has failed: what is said of it from then on. */
  failed?: { readonly error: Message<'error'> };
  /** Messages that came before the chain had gone far enough for us. */
  later: Message[];
  /** Whether the chain was looked at for its funding transaction. */
  isWatched: boolean;
  /** The transaction that spends the funding output, and in how many blocks it is. */
  spent?: { readonly txid: string; readonly confirmations: number };
}

/** The funding output is spent in a block: nothing is said about the channel any more. */
export const isClosed = ({ spent }: HeldChannel): boolean => spent !== undefined && spent.confirmations > 0;

export const isOpen = ({ channel }: HeldChannel): boolean =>
  channel.name === 'live' && channel.readying.name === 'open';

/** Where the funding output is, once it is known. */
export function fundingOf({ channel }: HeldChannel) {
  return commitmentsOf(channel)?.fundings[0].funding;
}
