import type { Transaction } from '../../bitcoin/transaction.ts';
import type { Channel, LiveChannel } from '../../channel/engine/channel.ts';
import type { Owed } from '../../channel/engine/owed.ts';
import type { Command } from '../../channel/engine/perform.ts';
import type { AccepterChoices, OpenerChoices } from '../../channel/state/open/defaults.ts';
import type { PaymentPayload } from '../../channel/onion/payload.ts';
import type { Peeled } from '../../channel/onion/peel.ts';
import type { Attested } from '../../channel/onion/returned.ts';
import type { Commitments } from '../../channel/state/commitments.ts';
import type { Message } from '../../channel/state/step.ts';
import type { RequirementId } from '../../spec/requirement.ts';
import type { Bolts } from '../../wire/bolts.ts';
import type { DecodedMessage, MessageFields, MessageName } from '../../wire/types.ts';
import type { Partially, StepOptions } from '../types.ts';

type Fields<N extends MessageName<Bolts>> = MessageFields<Bolts, N>;

/** What really goes out in place of a right message: other fields, several messages, or none. */
export type Changes = {
  readonly [N in MessageName<Bolts>]?: (fields: Fields<N>) => Fields<N> | readonly Fields<N>[];
};

/** What we choose as opener; what is left out is as a usual peer would say it. */
export interface OpenOptions extends Partial<OpenerChoices> {
  /** 1,000,000 when not given. */
  readonly funding_satoshis?: bigint;
}

/** What we choose as accepter. */
export type AcceptOptions = Partial<AccepterChoices>;

export interface EstablishOptions {
  /** How deep the funding is buried before `channel_ready`; at least the `minimum_depth` of `accept_channel`. */
  readonly depth?: number;
  readonly changes?: Changes;
}

/** What the node finds in the onion in place of the right payload: records, or bytes that are none. */
export type PayloadEdit = (right: PaymentPayload) => PaymentPayload | Uint8Array;

export interface NewHtlc {
  readonly amount_msat: bigint;
  readonly payment_hash: Uint8Array;
  /** Blocks above the tip; 80 when not given. */
  readonly cltv_expiry_delta?: number;
  /** Instead of that: any number. */
  readonly cltv_expiry?: number;
  /** 1366 bytes; an onion that only the node can peel, with a payload for a final node, when not given. */
  readonly onion_routing_packet?: Uint8Array;
  /** Of that onion. */
  readonly payment_secret?: Uint8Array;
  readonly payload?: PayloadEdit;
  /** Sent, and held by our state, whether BOLT 2 allows it or not: so the signatures for it are valid. */
  readonly anyway?: boolean;
}

/** A payment over the node to our own peer at the other end of another channel. */
export interface Forward {
  /** What the peer there gets. */
  readonly amount_msat: bigint;
  readonly payment_hash: Uint8Array;
  readonly payment_secret?: Uint8Array;
  /** For the node, on top of that; 10 sat and 1 %, which is more than any asks for, when not given. */
  readonly fee_msat?: bigint;
  /** Blocks for the node between both expiries; 200 when not given. */
  readonly cltv_expiry_delta?: number;
  /** Of what the node sends on: blocks above the tip; 80 when not given. */
  readonly final_cltv_expiry_delta?: number;
  /** By which the onion names the channel; the one of `PeerChannel` when not given. */
  readonly short_channel_id?: string;
  /** For the node. */
  readonly payload?: PayloadEdit;
  readonly changes?: Changes;
}

/** What the node did to refuse: `word` is what it said first, `error` or `warning`. */
export interface Refused {
  readonly by: 'error' | 'warning' | 'close';
  readonly isClosed: boolean;
  readonly messages: readonly DecodedMessage[];
}

export interface RefusalOptions extends StepOptions {
  /** Messages of the node that may still come before: it had sent them, or they do not matter. */
  readonly passing?: readonly MessageName<Bolts>[];
}

export interface SettleOptions extends StepOptions {
  /** What is not answered by itself. */
  readonly except?: readonly Owed[];
  readonly changes?: Changes;
}

/**
 * One channel of the scripted peer with the node. It keeps the state that the two sides have agreed on by BOLT 2, makes right messages
 * out of it, and judges what the node sends: a breach fails the step at the sentence that is broken.
 *
 * `do`, `expect` and `settle` are the steps; the other verbs are made of them. Nothing is answered but by `settle` and the verbs that say so.
 */
export interface PeerChannel {
  readonly state: Channel;
  /** Throws `peer.channel-not-live` (harness) before both first commitments are signed. */
  readonly live: LiveChannel;
  readonly commitments: Commitments;
  /** `channel_id`, or `temporary_channel_id` as long as there is no other. */
  readonly id: Uint8Array;
  readonly fundingTxid: string;
  readonly fundingOutputIndex: number;
  /** Our node id. */
  readonly publicKey: Uint8Array;
  /** By which the node knows it in an onion: an alias that it gave us or that we gave it, or the real one. */
  readonly short_channel_id: string;

  /** Makes the right messages of a command and goes on as if they were sent. Nothing is sent, nothing broadcast. */
  prepare(command: Command): readonly Message[];
  /** Sends messages as they are. */
  post(...messages: readonly Message[]): Promise<void>;
  /** `prepare`, `changes`, `post`; transactions go to the chain. */
  do(command: Command, changes?: Changes): Promise<void>;
  /** The next message of the node, which must be this one. Returns its fields. */
  expect<N extends Message['name']>(
    name: N,
    partial?: Partially<Fields<N>>,
    options?: StepOptions,
  ): Promise<Fields<N>>;
  /** Whatever message of the channel comes next. */
  expectAny(options?: StepOptions): Promise<Message>;
  /** Gives all answers that BOLT 2 calls for and hears all that the node owes, until neither is left. Returns what came, in order. */
  settle(options?: SettleOptions): Promise<readonly Message[]>;
  /** The node must fail the channel (`error`), warn and close, or close. */
  expectRefused(options?: RefusalOptions): Promise<Refused>;
  /** The node may also go on by this message, and refuse later: then `undefined`. */
  expectRefusedUnless(name: Message['name'], options?: RefusalOptions): Promise<Refused | undefined>;

  /** Sends `open_channel`, and keeps what was really said. */
  open(options?: OpenOptions, changes?: Changes): Promise<void>;
  /** Answers `open_channel`, and keeps what was really said. */
  accept(options?: AcceptOptions, changes?: Changes): Promise<void>;
  /**
   * Sends `funding_created`. The funding transaction pays from the world's coins, or, in a case that touches no chain, from an output that is
   * nowhere. Not broadcast before `funding_signed` came.
   */
  fund(changes?: Changes): Promise<Transaction>;
  /** Buries the funding transaction so deep, tells the state, and waits for nothing. */
  bury(depth: number): Promise<void>;
  /** From the first answer on to the channel that is ready on both sides. */
  establish(options?: EstablishOptions): Promise<void>;

  /** Sends `update_add_htlc` and returns its id. */
  addHtlc(htlc: NewHtlc, changes?: Changes): Promise<bigint>;
  fulfill(id: bigint, payment_preimage: Uint8Array, changes?: Changes): Promise<void>;
  fail(id: bigint, reason?: Uint8Array, changes?: Changes): Promise<void>;
  updateFee(feerate_per_kw: number, changes?: Changes): Promise<void>;
  /** `commitment_signed`, and all that follows from it until both sides have committed. */
  commit(changes?: Changes, options?: StepOptions): Promise<readonly Message[]>;
  /** Sends `update_add_htlc` with an onion that pays an invoice of the node. Returns its id. */
  addHtlcFor(invoice: string, options?: PayOptions): Promise<bigint>;
  /** `addHtlcFor`, and commits to it on both sides. */
  payInvoice(invoice: string, options?: PayOptions): Promise<bigint>;
  /** Sends `update_add_htlc` with an onion over the node to the peer at the other end of `next`. Returns its id. */
  addForward(next: PeerChannel, forward: Forward): Promise<bigint>;
  /** Hears the node take an HTLC of ours away, and commits to that. */
  expectRemoved(id: bigint, options?: StepOptions): Promise<Removed>;
  /** Pays an invoice of the node to the end. Returns the preimage. */
  pay(invoice: string, options?: PayOptions): Promise<Uint8Array>;
  /** Hears the node add an HTLC, and commits to it on both sides. */
  expectHtlc(options?: StepOptions): Promise<Fields<'update_add_htlc'>>;
  /** What an HTLC of the node has in its onion for us. */
  peel(htlc: Fields<'update_add_htlc'>): Peeled;

  /** `shutdown` of both sides, the negotiation, and the transaction that was agreed on, handed to the chain. */
  close(options?: { readonly scriptpubkey?: Uint8Array; readonly changes?: Changes }): Promise<Transaction>;
  /** `channel_reestablish` in both directions, and what follows from it. After `peer.reconnect`. */
  reestablish(changes?: Changes): Promise<Fields<'channel_reestablish'>>;
  /** Our commitment transaction with both signatures: what a unilateral close of ours broadcasts. The latest, or one of a state that was kept. */
  ownCommitment(commitments?: Commitments): Transaction;
  /** Follows the channel on the case's chain. What spends the funding output is known by the state of each look. */
  watch(options?: WatchOptions): ChannelWatch;
}

export interface WatchOptions {
  /** States from before (`channel.commitments`, kept): our commitments of them are revoked. */
  readonly earlier?: readonly Commitments[];
  /** Instead of the channel's: as one would see it who knows no later state, and so takes what it would have given. */
  readonly commitments?: Commitments;
  /** To which a mutual close may pay. */
  readonly shutdownScripts?: readonly Uint8Array[];
}

/** One channel on the chain. BOLT 5 judges what the node broadcasts. */
export interface ChannelWatch {
  /** Preimages that the node has, of HTLCs that we offered: it is to claim them. */
  nodeKnows(...preimages: readonly Uint8Array[]): void;
  /** Preimages that we have, of HTLCs that the node offered: `take` claims them. */
  learn(...preimages: readonly Uint8Array[]): void;
  /**
   * What is on the chain by now; `undefined` as long as nothing that spends the funding output is in a block. A transaction of the node that
   * breaks a sentence, and an output that its cheated owner got away with, fail the step there.
   */
  look(): Promise<WatchedChannel | undefined>;
  /** What BOLT 5 has us take at this height, with new coins that pay for it, parents first. Nothing is sent. */
  owed(): Promise<readonly Transaction[]>;
  /** Broadcasts that. */
  take(): Promise<readonly Transaction[]>;
}

export interface WatchedChannel {
  readonly kind: 'commitment' | 'mutual_close' | 'ahead' | 'unknown';
  /** Of a commitment. */
  readonly owner?: 'local' | 'remote';
  readonly status?: 'latest' | 'previous' | 'revoked';
  /** What spent the funding output, and the height of its block. */
  readonly tx: Transaction;
  readonly height: number;
  readonly outputs: readonly WatchedOutput[];
  /** What the node is to take, now or at a height to come, and has not. */
  readonly due: readonly Due[];
  /** That we know: those that witnesses show are among them. */
  readonly preimages: readonly Uint8Array[];
}

interface WatchedOutput {
  readonly kind:
    | 'to_local'
    | 'to_remote'
    | 'to_local_anchor'
    | 'to_remote_anchor'
    | 'offered_htlc'
    | 'received_htlc'
    | 'second_stage';
  readonly txid: string;
  readonly vout: number;
  readonly amountSat: bigint;
  /** In the mempool or in a block. */
  readonly spentBy: Transaction | undefined;
}

export interface Due {
  readonly output: WatchedOutput['kind'];
  /** `txid:vout` */
  readonly at: string;
  /** By which branch of the script. */
  readonly how: string;
  readonly requirement: RequirementId;
  readonly level: 'must' | 'should' | 'may';
  /** Once the latest block has this height, a transaction that takes it fits in the next. */
  readonly fromHeight: number;
  /** From this height of the latest block on, the other side can take it too. */
  readonly untilHeight: number | undefined;
}

export interface PayOptions {
  /** For an invoice without an amount, or to pay another. */
  readonly amount_msat?: bigint;
  /** Added to the invoice's `min_final_cltv_expiry_delta`; 40 when not given. */
  readonly cltvSlack?: number;
  /** Of all parts together; `amount_msat` when not given. */
  readonly total_msat?: bigint;
  readonly payload?: PayloadEdit;
  readonly changes?: Changes;
}

/** With what the attribution data says, where the node sent any (BOLT 4, `option_attribution_data`). */
export type Removed =
  | { readonly how: 'fulfilled'; readonly payment_preimage: Uint8Array; readonly attested?: Attested }
  | {
      readonly how: 'failed';
      /** `undefined` where the onion is not one of ours, or it cannot be read. */
      readonly failure: ReturnedFailure | undefined;
      readonly reason: Uint8Array;
      readonly attested?: Attested;
    }
  | { readonly how: 'malformed'; readonly failure_code: number; readonly sha256_of_onion: Uint8Array };

/** What came in the onion of a failure. */
export interface ReturnedFailure {
  /** BOLT 4's name of it; `undefined` for a code that is not known. */
  readonly name: string | undefined;
  readonly code: number;
  /** By the names of BOLT 4; none where data is missing. */
  readonly fields: Readonly<Record<string, unknown>>;
  /** Which hop said it: 0 is the node. */
  readonly hop: number;
}
