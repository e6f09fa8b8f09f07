import type { Failure } from '../../channel/onion/failure.ts';
import { type Instructions, readPayload, type ReadPayloadOptions } from '../../channel/onion/instructions.ts';
import { type Peeled, peelOnion, type PeelOptions } from '../../channel/onion/peel.ts';
import type { AddHtlc, CommittedHtlc, Ledger } from '../../channel/state/ledger.ts';
import type { Removal } from '../../channel/state/update.ts';
import { EMPTY, equalBytes } from '../../core/bytes.ts';
import type { ForwardingPolicy, HeldChannel, InvoiceRecord } from '../channels/state.ts';

export type ForFinal = Extract<Instructions, { kind: 'final' }>;
export type ToForward = Extract<Instructions, { kind: 'forward' }>;

/** What a rule about an HTLC may look at. */
export interface HtlcSituation {
  readonly height: number;
  /** UNIX seconds. */
  readonly now: number;
}

/** The channel over which an HTLC is asked to go on. */
export interface NextChannel {
  readonly held: HeldChannel;
  readonly policy: ForwardingPolicy;
  /** Ready, connected, and not being closed. */
  readonly isUsable: boolean;
}

/** BOLT 4: what becomes of an HTLC that is offered to the node, once it is irrevocably committed. */
export interface HtlcRules {
  /** HTLCs that are looked at: those that are irrevocably committed (bolt02-forwarding-htlcs-01). */
  committed(ledger: Ledger): readonly CommittedHtlc[];
  /** Whether a removal counts at once, or only when it is irrevocably committed (bolt02-forwarding-htlcs-02, -05). */
  countsAtOnce(removal: Removal): boolean;
  /** BOLT 4, Onion Decryption (bolt02-update-add-htlc-23 to -26). */
  peel(options: PeelOptions): Peeled;
  /** Whether an onion is not used because it has come before (bolt04-onion-decryption-04). */
  isRepeated(packet: Uint8Array, hasCome: boolean): boolean;
  /** BOLT 4, `payload` format, The reader. */
  read(options: ReadPayloadOptions): Instructions;
  /** Why an HTLC for us is failed; `undefined`: it is taken (BOLT 4, Requirements of the final node). */
  final(
    told: ForFinal,
    htlc: AddHtlc,
    invoice: InvoiceRecord | undefined,
    situation: HtlcSituation,
  ): Failure | undefined;
  /** Whether what has come in is the whole payment (BOLT 4, Basic Multi-Part Payments). */
  isComplete(invoice: InvoiceRecord): boolean;
  /** Whether a complete payment is settled without being told to. */
  settles(invoice: InvoiceRecord): boolean;
  /** Why an HTLC is not forwarded; `undefined`: it is (BOLT 4, Non-strict Forwarding, and BOLT 7, HTLC Fees). */
  forward(
    told: ToForward,
    htlc: AddHtlc,
    next: NextChannel | undefined,
    situation: HtlcSituation,
  ): Failure | undefined;
  /** Which of the node's channels is asked for by `short_channel_id` (bolt02-channel-ready-09, -10). */
  isNamed(short_channel_id: string, held: HeldChannel): boolean;
  /** A failure as it is returned. */
  failure(failure: Failure, htlc: AddHtlc): Failure;
  /** How many blocks before its expiry an incoming HTLC that is held is failed. */
  givesUpBefore(htlc: AddHtlc): number;
}

const MAX_CLTV_BLOCKS = 2016;
/** A forwarded HTLC that would expire sooner cannot be enforced. */
const LEAST_BLOCKS_LEFT = 3;
const GIVE_UP_BLOCKS = 7;
const NO_UPDATE = { channel_update: EMPTY } as const;
const OPTION_SCID_ALIAS = 46;

export const HTLC_RULES: HtlcRules = {
  committed: ({ htlcs }) => htlcs,
  countsAtOnce: ({ name }) => name === 'update_fulfill_htlc',
  peel: peelOnion,
  isRepeated: (_packet, hasCome) => hasCome,
  read: readPayload,
  final: (told, htlc, invoice, situation) => {
    const { height, now } = situation;
    const unknown: Failure = {
      name: 'incorrect_or_unknown_payment_details',
      fields: { htlc_msat: htlc.amount_msat, height },
    };
    if (htlc.cltv_expiry < told.outgoing_cltv_value)
      return { name: 'final_incorrect_cltv_expiry', fields: { cltv_expiry: htlc.cltv_expiry } };
    if (htlc.amount_msat < told.amt_to_forward)
      return { name: 'final_incorrect_htlc_amount', fields: { incoming_htlc_amt: htlc.amount_msat } };
    if (!invoice || invoice.status === 'cancelled' || invoice.status === 'paid') return unknown;
    const { amountMsat, paymentMetadata, totalMsat } = invoice;
    const isRight =
      told.payment_secret !== undefined &&
      equalBytes(told.payment_secret, invoice.paymentSecret) &&
      (paymentMetadata === undefined || equalBytes(told.payment_metadata ?? EMPTY, paymentMetadata)) &&
      (amountMsat === undefined || (told.total_msat >= amountMsat && told.total_msat <= 2n * amountMsat)) &&
      (totalMsat === undefined || totalMsat === told.total_msat) &&
      htlc.cltv_expiry >= height + invoice.minFinalCltvExpiryDelta &&
      now <= invoice.expiresAt;
    return isRight ? undefined : unknown;
  },
  isComplete: ({ parts, totalMsat }) =>
    totalMsat !== undefined && parts.reduce((sum, { amountMsat }) => sum + amountMsat, 0n) >= totalMsat,
  settles: ({ isHold }) => !isHold,
  forward: (told, htlc, next, { height }) => {
    if (!next) return { name: 'unknown_next_peer', fields: {} };
    if (!next.isUsable) return { name: 'temporary_channel_failure', fields: NO_UPDATE };
    const { amt_to_forward, outgoing_cltv_value } = told;
    const { policy } = next;
    if (!policy.isEnabled) return { name: 'channel_disabled', fields: { disabled_flags: 0, ...NO_UPDATE } };
    if (amt_to_forward < policy.htlc_minimum_msat)
      return { name: 'amount_below_minimum', fields: { htlc_msat: htlc.amount_msat, ...NO_UPDATE } };
    if (policy.htlc_maximum_msat !== undefined && amt_to_forward > policy.htlc_maximum_msat)
      return { name: 'temporary_channel_failure', fields: NO_UPDATE };
    if (htlc.amount_msat < amt_to_forward + feeMsat(policy, amt_to_forward))
      return { name: 'fee_insufficient', fields: { htlc_msat: htlc.amount_msat, ...NO_UPDATE } };
    if (htlc.cltv_expiry < outgoing_cltv_value + policy.cltv_expiry_delta)
      return { name: 'incorrect_cltv_expiry', fields: { cltv_expiry: htlc.cltv_expiry, ...NO_UPDATE } };
    if (outgoing_cltv_value <= height + LEAST_BLOCKS_LEFT)
      return { name: 'expiry_too_soon', fields: NO_UPDATE };
    if (htlc.cltv_expiry > height + MAX_CLTV_BLOCKS) return { name: 'expiry_too_far', fields: {} };
    return undefined;
  },
  isNamed: (short_channel_id, { channel }) => {
    if (channel.name === 'opening') return false;
    const { aliases, short_channel_id: real, commitments } = channel.readying;
    if (aliases.local.includes(short_channel_id)) return true;
    return real === short_channel_id && !commitments.terms.channel_type.has(OPTION_SCID_ALIAS);
  },
  failure: (failure) => failure,
  givesUpBefore: () => GIVE_UP_BLOCKS,
};

/** BOLT 7, HTLC Fees. */
const feeMsat = (
  { fee_base_msat, fee_proportional_millionths }: ForwardingPolicy,
  amountMsat: bigint,
): bigint => fee_base_msat + (amountMsat * BigInt(fee_proportional_millionths)) / 1_000_000n;
