import type { Transaction } from '../bitcoin/transaction.ts';
import type { Bolts } from '../wire/bolts.ts';
import type { MessageFields } from '../wire/types.ts';
import type { OwnGossip } from './gossip.ts';

/** What the node knows of itself when a rule decides. */
export interface NodeFacts {
  readonly publicKey: Uint8Array;
  /** Feature bits that it supports: each is offered, its pair is known. */
  readonly features: ReadonlySet<number>;
  /** As in messages, 32 bytes. */
  readonly chainHash: Uint8Array;
  readonly gossip: OwnGossip;
}

/** What it knows of the peer on this connection. */
export interface PeerFacts {
  readonly publicKey: Uint8Array;
  readonly inbound: boolean;
  /** Where the peer's end of a TCP connection is. */
  readonly address: PeerAddress | undefined;
  /** Absent until its init was accepted. */
  readonly init: MessageFields<Bolts, 'init'> | undefined;
  /** Both bitmaps of its init combined. */
  readonly features: ReadonlySet<number>;
  /** The blob that is stored for it. */
  readonly blob: Uint8Array | undefined;
}

/** What is left to know of a peer that is not connected. */
export const absentPeer = (publicKey: Uint8Array): PeerFacts => ({
  publicKey,
  inbound: false,
  address: undefined,
  init: undefined,
  features: new Set(),
  blob: undefined,
});

export interface PeerAddress {
  readonly host: string;
  readonly port: number;
}

/** All that a rule may look at. */
export interface Situation {
  readonly node: NodeFacts;
  readonly peer: PeerFacts;
}

/** All that a rule about one channel may look at. */
export interface ChannelSituation extends Situation {
  /** Of the newest block that the node has worked through. */
  readonly height: number;
  /** For a commitment transaction, as the node estimates it. */
  readonly feerate_per_kw: number;
  /** How many channels with the peer are not open yet, this one included. */
  readonly pending: number;
  /** Of the channel, once `open_channel` has said it. */
  readonly fundingSatoshis: bigint | undefined;
  /** Pays the channel's funding output, once the node has made it. */
  readonly fundingTransaction: Transaction | undefined;
  /** For the first `channel_ready`, no other channel's; `undefined` where `option_scid_alias` is not negotiated. */
  readonly alias: string | undefined;
  readonly closing: ClosingWishes;
}

interface ClosingWishes {
  /** Where a mutual close pays us. */
  readonly script: Uint8Array;
  /** Where whoever asked for the close chose it. */
  readonly feerate_per_kw?: number | undefined;
}

/** What the node does next, in order. `close` ends the list. */
export type Action =
  | { readonly do: 'send'; readonly message: Uint8Array }
  | { readonly do: 'store'; readonly blob: Uint8Array }
  | { readonly do: 'log'; readonly text: string }
  /** Our side of `rules.messages.farewell` is said first, unless `silently`. */
  | { readonly do: 'close'; readonly reason: string; readonly silently?: true };

export const send = (...messages: readonly Uint8Array[]): readonly Action[] =>
  messages.map((message) => ({ do: 'send', message }));

export const close = (reason: string): readonly Action[] => [{ do: 'close', reason }];

export const closeSilently = (reason: string): readonly Action[] => [{ do: 'close', reason, silently: true }];

export const log = (text: string): readonly Action[] => [{ do: 'log', text }];

export const IGNORE: readonly Action[] = [];
