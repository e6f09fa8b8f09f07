import type { Transaction } from '../../bitcoin/transaction.ts';
import { type Channel, commitmentsOf } from '../../channel/engine/channel.ts';
import type { AddHtlc } from '../../channel/state/ledger.ts';
import type { Message } from '../../channel/state/step.ts';
import type { Removal } from '../../channel/state/update.ts';

/** All that the node keeps of its channels and payments: plain data, so that a copy of it is a snapshot. */
export interface NodeState {
  channels: HeldChannel[];
  /** How many channels there have been: each has keys of its own. */
  channelCount: number;
  /** By payment hash, hex. */
  readonly invoices: Map<string, InvoiceRecord>;
  /** Oldest first. */
  readonly payments: PaymentRecord[];
  readonly forwards: ForwardRecord[];
  /** HMACs of the onions that have come, hex: none is used twice (bolt04-onion-decryption-04). */
  readonly onions: Set<string>;
  /** How many secrets have been made for payments: each is another. */
  secretCount: number;
  /** How many addresses were given out. */
  addressCount: number;
}

export const emptyState = (): NodeState => ({
  channels: [],
  channelCount: 0,
  invoices: new Map(),
  payments: [],
  forwards: [],
  onions: new Set(),
  secretCount: 0,
  addressCount: 0,
});

/** A channel with whatever the node knows of it beside the protocol. */
export interface HeldChannel {
  readonly number: number;
  readonly peer: Uint8Array;
  channel: Channel;
  /** As opener, once it is made. */
  fundingTransaction?: Transaction;
  /** The height at which the funding was agreed on. */
  signedAt?: number;
  /** What was asked for. */
  closing: {
    readonly isAsked?: boolean;
    readonly script?: Uint8Array | undefined;
    readonly feerate_per_kw?: number | undefined;
  };
  /** Set when the channel has failed: what is said of it from then on, and whether our commitment is broadcast. */
  failed?: { readonly error: Message<'error'>; readonly broadcasts: boolean };
  /** Messages that came before the chain had gone far enough for us. */
  later: Message[];
  /** What of it was last told to the side of the chain. */
  noticed: string;
  /** How many of the closing transactions that were agreed on were looked at. */
  closingsSeen: number;
  /** The transaction that spends the funding output, and in how many blocks it is. */
  spent?: { readonly txid: string; readonly confirmations: number };
  /** It is closed, and nothing is left to do about it unless blocks are abandoned. */
  isSettled: boolean;
  /** Its outputs on the chain when they were last looked at, and until which height nothing comes due. */
  watched?: {
    readonly spends: readonly { readonly at: string; readonly by: string }[];
    readonly removals: number;
    readonly untilHeight: number;
  };
  /** Preimages that are known of its HTLCs. */
  preimages: readonly Uint8Array[];
  /** Coins that pay for what spends an output of its commitment, by `txid:vout` of the output. */
  readonly coins: Map<string, { readonly txid: string; readonly vout: number; readonly amountSat: bigint }>;
  policy: ForwardingPolicy;
  /** HTLCs that the peer offered, and that were irrevocably committed: by id, as long as they are there. */
  readonly incoming: Map<bigint, IncomingHtlc>;
  /** How they are to be removed. */
  readonly removals: Map<bigint, Removal>;
  /** HTLCs that we offered, by id, as long as they are there. */
  readonly outgoing: Map<bigint, OutgoingHtlc>;
}

/** For HTLCs that go out over the channel. */
export interface ForwardingPolicy {
  readonly fee_base_msat: bigint;
  readonly fee_proportional_millionths: number;
  readonly cltv_expiry_delta: number;
  readonly htlc_minimum_msat: bigint;
  /** The channel's capacity when not given. */
  readonly htlc_maximum_msat?: bigint | undefined;
  readonly isEnabled: boolean;
}

interface IncomingHtlc {
  readonly add: AddHtlc;
  /** Absent where the onion could not be opened. */
  readonly sharedSecret?: Uint8Array;
}

/** Which HTLC of which of our channels. */
export interface HtlcPlace {
  readonly channel: number;
  readonly id: bigint;
}

export interface OutgoingHtlc {
  readonly amount_msat: bigint;
  readonly payment_hash: Uint8Array;
  readonly origin:
    | {
        readonly kind: 'payment';
        readonly paymentId: string;
        readonly sharedSecrets: readonly Uint8Array[];
        readonly hops: readonly Uint8Array[];
      }
    | { readonly kind: 'forward'; readonly from: HtlcPlace; readonly record: number };
  /** What the peer sent to remove it, which counts once it is irrevocably committed. */
  removal?: Removal;
}

export interface InvoiceRecord {
  readonly paymentHash: Uint8Array;
  readonly paymentSecret: Uint8Array;
  readonly paymentMetadata?: Uint8Array | undefined;
  /** Absent from a hold invoice until it is settled. */
  preimage?: Uint8Array;
  readonly isHold: boolean;
  readonly amountMsat?: bigint | undefined;
  readonly minFinalCltvExpiryDelta: number;
  /** UNIX seconds. */
  readonly expiresAt: number;
  status: 'unpaid' | 'held' | 'paid' | 'cancelled';
  /** Of the payment that is coming in; equal in all its parts. */
  totalMsat?: bigint;
  parts: readonly (HtlcPlace & { readonly amountMsat: bigint })[];
}

export interface PaymentRecord {
  readonly paymentId: string;
  readonly paymentHash: Uint8Array;
  readonly amountMsat: bigint;
  readonly feeMsat: bigint;
  state: 'pending' | 'succeeded' | 'failed';
  preimage?: Uint8Array;
  failure?: PaymentFailure;
}

export interface PaymentFailure {
  readonly reason: string;
  readonly failureCode?: number;
  readonly erringNode?: Uint8Array;
}

export interface ForwardRecord {
  readonly from: number;
  readonly to?: number;
  readonly outgoingMsat: bigint;
  readonly feeMsat: bigint;
  state: 'pending' | 'settled' | 'failed';
  reason?: string;
}

/** The funding output is spent in a block: nothing is said about the channel any more. */
export const isClosed = ({ spent }: HeldChannel): boolean => spent !== undefined && spent.confirmations > 0;

export const isOpen = ({ channel }: HeldChannel): boolean =>
  channel.name === 'live' && channel.readying.name === 'open';

/** Where the funding output is, once it is known. */
export function fundingOf({ channel }: HeldChannel) {
  return commitmentsOf(channel)?.fundings[0].funding;
}
