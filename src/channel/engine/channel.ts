import type { Transaction } from '../../bitcoin/transaction.ts';
import { equalBytes } from '../../core/bytes.ts';
import type { Commitments } from '../state/commitments.ts';
import type { LegacyNegotiation } from '../state/close/closing-signed.ts';
import { noShutdown, type Shutdown, type ShutdownConditions } from '../state/close/shutdown.ts';
import type { SimpleNegotiation } from '../state/close/simple-close.ts';
import type { ClosingTerms, ShutdownTerms } from '../state/close/terms.ts';
import { isNegotiated, type Negotiation } from '../state/open/negotiation.ts';
import type { OpeningState, Readying } from '../state/open/states.ts';
import { noQuiescence, type Quiescence } from '../state/quiescence.ts';
import type { Side } from '../state/update.ts';

/** A channel with one peer as one value, from the first message to the last. */
export type Channel = OpeningChannel | LiveChannel;

/** Until both first commitments are signed. A lost connection ends it. */
export interface OpeningChannel {
  readonly name: 'opening';
  readonly negotiation: Negotiation;
  readonly opening: Unsigned;
}

type Unsigned = Exclude<OpeningState, Readying>;

/** Both first commitments are signed: what it does goes on side by side, and over many connections. */
export interface LiveChannel {
  readonly name: 'live';
  readonly negotiation: Negotiation;
  /** With the commitments, and how far `channel_ready` has come. */
  readonly readying: Readying;
  readonly quiescence: Quiescence;
  readonly shutdown: Shutdown;
  /** Absent until both sides have sent `shutdown` and no HTLC is left. */
  readonly closing: Closing | undefined;
  /** Closing transactions with both signatures that were agreed on, oldest first: each may be broadcast. */
  readonly closings: readonly Transaction[];
  readonly link: Link;
  /** The remote has proved that it is ahead of us: we must not broadcast our commitment (BOLT 2, Message Retransmission). */
  readonly fellBehind: boolean;
}

export type Closing = LegacyNegotiation | SimpleNegotiation;

interface Link {
  readonly isUp: boolean;
  /** Who has sent `channel_reestablish` over this connection; both where the channel was opened over it. */
  readonly reestablished: Readonly<Record<Side, boolean>>;
  /** Who has to send `channel_ready` again, after a reconnection. */
  readonly repeatsChannelReady: Readonly<Record<Side, boolean>>;
}

const FIRST_LINK: Link = {
  isUp: true,
  reestablished: { local: true, remote: true },
  repeatsChannelReady: { local: false, remote: false },
};

/** What a step of the opening came to: still that, or live. */
export function opened(negotiation: Negotiation, state: OpeningState): Channel {
  if (state.name !== 'awaits_channel_ready' && state.name !== 'open')
    return { name: 'opening', negotiation, opening: state };
  return {
    name: 'live',
    negotiation,
    readying: state,
    quiescence: noQuiescence,
    shutdown: noShutdown,
    closing: undefined,
    closings: [],
    link: FIRST_LINK,
    fellBehind: false,
  };
}

export const withCommitments = (live: LiveChannel, commitments: Commitments): LiveChannel => ({
  ...live,
  readying: { ...live.readying, commitments },
});

/** `channel_ready` went, which a reconnection may have called for. */
export const readyWasSentBy = (side: Side, live: LiveChannel): LiveChannel => ({
  ...live,
  link: { ...live.link, repeatsChannelReady: { ...live.link.repeatsChannelReady, [side]: false } },
});

/** Whether the channel may carry messages other than `channel_reestablish` now. */
export const isTalking = ({ link: { isUp, reestablished } }: LiveChannel): boolean =>
  isUp && reestablished.local && reestablished.remote;

/** By which messages name it; `undefined` before `open_channel`. */
export function channelIdOf(channel: Channel): Uint8Array | undefined {
  if (channel.name === 'live') return channel.readying.commitments.terms.channel_id;
  const { opening } = channel;
  switch (opening.name) {
    case 'awaits_open_channel':
      return undefined;
    case 'awaits_funding_signed':
    case 'has_funding_created':
      return opening.commitments.terms.channel_id;
    case 'awaits_accept_channel':
    case 'awaits_funding':
    case 'has_open_channel':
    case 'awaits_funding_created':
      return opening.open.temporary_channel_id;
  }
}

/** Whether a message with this `channel_id` or `temporary_channel_id` is about the channel. */
export function isAbout(channel: Channel, id: Uint8Array): boolean {
  const own = channelIdOf(channel);
  return own !== undefined && equalBytes(own, id);
}

/** `undefined` before the funding outpoint is known. */
export function commitmentsOf(channel: Channel): Commitments | undefined {
  if (channel.name === 'live') return channel.readying.commitments;
  return 'commitments' in channel.opening ? channel.opening.commitments : undefined;
}

export const shutdownTerms = ({ readying, negotiation }: LiveChannel): ShutdownTerms => ({
  terms: readying.commitments.terms,
  features: {
    option_shutdown_anysegwit: isNegotiated(negotiation, 'option_shutdown_anysegwit'),
    option_simple_close: isNegotiated(negotiation, 'option_simple_close'),
  },
});

export const shutdownConditions = ({ readying }: LiveChannel): ShutdownConditions => ({
  ledger: readying.commitments.ledger,
  hasSignedFunding: { local: true, remote: true },
  isSplicing: readying.commitments.fundings.length > 1,
});

export function closingTerms(live: LiveChannel): ClosingTerms {
  const { fundings, ledger } = live.readying.commitments;
  const [{ funding, local_funding_privkey, shares }] = fundings;
  const { gainedMsat } = ledger;
  return {
    ...shutdownTerms(live),
    funding,
    local_funding_privkey,
    balanceMsat: { local: shares.local + gainedMsat.local, remote: shares.remote + gainedMsat.remote },
  };
}
