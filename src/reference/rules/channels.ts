import { EMPTY } from '../../core/bytes.ts';
import type { Transaction } from '../../bitcoin/transaction.ts';
import type { Answers } from '../../channel/engine/answers.ts';
import type { Channel } from '../../channel/engine/channel.ts';
import type { Command } from '../../channel/engine/perform.ts';
import type { OpenerChoices } from '../../channel/state/open/defaults.ts';
import { type OpenPolicy, refusalsOfAccept, refusalsOfOpen } from '../../channel/state/open/policy.ts';
import type { Fault, Message } from '../../channel/state/step.ts';
import type { ChannelSituation } from '../situation.ts';
import { type Reaction, REACTIONS } from './reactions.ts';

/** BOLT 1, "The `error` and `warning` Messages": what it comes to when the peer says that something is wrong. */
type PeerError = 'fail_channel' | 'ignore';

/** BOLT 2: what the node makes of the messages of a channel, and what it sends. */
export interface ChannelRules {
  /** A message as the node takes it. Undefined flags of `open_channel` are ignored (bolt02-open-channel-23). */
  incoming(message: Message, channel: Channel, situation: ChannelSituation): Message;
  /**
   * Which of the faults that the message has the node sees, and those by its own measure: a feerate too low or too large
   * (bolt02-update-fee-08). A message with faults changes nothing, seen or not.
   */
  judge(
    faults: readonly Fault[],
    message: Message,
    channel: Channel,
    situation: ChannelSituation,
  ): readonly Fault[];
  /** Why the node does not want the channel, by its own choice (bolt02-open-channel-28 to -39, bolt02-accept-channel-07). */
  refusals(
    message: Message<'open_channel' | 'accept_channel'>,
    channel: Channel,
    situation: ChannelSituation,
  ): readonly string[];
  /** What becomes of a channel whose peer departs from a BOLT. */
  reaction(fault: Fault, message: Message, channel: Channel, situation: ChannelSituation): Reaction;
  /** An `error` that names the channel fails it (bolt01-error-warning-12). */
  peerError(error: Message<'error'>['fields'], channel: Channel, situation: ChannelSituation): PeerError;
  /** Whether a channel that fails puts its commitment on the chain: never one that fell behind (bolt02-reestablish-37). */
  broadcastsCommitment(channel: Channel, situation: ChannelSituation): boolean;
  /**
   * What a step puts on the chain: the opener's funding transaction once `funding_signed` has come, and not before
   * (bolt02-funding-signed-05, -06).
   */
  broadcasts(
    transactions: readonly Transaction[],
    command: Command,
    situation: ChannelSituation,
  ): readonly Transaction[];
  /** Whether a closing transaction that was agreed on is broadcast (bolt02-closing-signed-09, bolt02-closing-complete-36, -44). */
  broadcastsClosing(transaction: Transaction, channel: Channel, situation: ChannelSituation): boolean;
  /** Whether the peer's `channel_reestablish` showed that we fell behind, and so an `error` asks it to fail the channel (bolt02-reestablish-38). */
  asksToFail(channel: Channel, situation: ChannelSituation): boolean;
  /** What is said of a channel that has failed, when the connection is back and to whatever comes (bolt02-reestablish-08). */
  ofFailed(
    error: Message<'error'>,
    when: 'reconnected' | 'message',
    situation: ChannelSituation,
  ): readonly Message[];
  /** Whether a channel that is not funded at a height is forgotten: as accepter after 2016 blocks (bolt02-channel-ready-13). */
  forgets(channel: Channel, blocksWaited: number, situation: ChannelSituation): boolean;
  /** Our own `open_channel`. */
  opening(choices: Partial<OpenerChoices>, situation: ChannelSituation): Partial<OpenerChoices>;
  /** What the node chooses where it has a choice. */
  answers(channel: Channel, situation: ChannelSituation): Answers;
  /** What is done next: by BOLT 2, `command`. `undefined`: nothing until something else happens. */
  next(command: Command | undefined, channel: Channel, situation: ChannelSituation): Command | undefined;
  /** The messages of one step, as they really go out: an encoded one is sent as it is. */
  outgoing(
    messages: readonly Message[],
    channel: Channel,
    situation: ChannelSituation,
  ): readonly (Message | Uint8Array)[];
  /** The feerate to which a channel of which we are the opener is brought (bolt02-update-fee-01); `undefined` leaves it. */
  feeUpdate(channel: Channel, situation: ChannelSituation): number | undefined;
}

const MAX_PENDING = 10;
const LEAST_FEERATE = 253;
const FORGET_BLOCKS = 2016;
const ANNOUNCE_CHANNEL = 1;

const mostFeerate = (estimate: number): number => Math.max(100_000, 20 * estimate);

const policyOf = ({ feerate_per_kw }: ChannelSituation): OpenPolicy => ({
  bounds: {
    funding_satoshis: { atLeast: 10_000n },
    htlc_minimum_msat: { atMost: 1_000_000_000n },
    max_htlc_value_in_flight_msat: { atLeast: 1000n },
    max_accepted_htlcs: { atLeast: 1 },
    dust_limit_satoshis: { atMost: 5000n },
    to_self_delay: { atMost: 2016 },
    feerate_per_kw: { atLeast: LEAST_FEERATE, atMost: mostFeerate(feerate_per_kw) },
    minimum_depth: { atMost: 144 },
  },
});

export const CHANNEL_RULES: ChannelRules = {
  incoming: (message) =>
    message.name === 'open_channel'
      ? {
          name: message.name,
          fields: { ...message.fields, channel_flags: message.fields.channel_flags & ANNOUNCE_CHANNEL },
        }
      : message,
  judge: (faults, message, _channel, situation) => [...faults, ...feerateFaults(message, situation)],
  refusals: (message, _channel, situation) => {
    const refusals =
      message.name === 'open_channel'
        ? refusalsOfOpen(policyOf(situation), message.fields)
        : refusalsOfAccept(policyOf(situation), message.fields);
    return [
      ...refusals.map(({ field }) => `${field} is not acceptable`),
      ...reserveRefusals(message, situation),
      ...(message.name === 'open_channel' && situation.pending > MAX_PENDING
        ? ['too many channels are pending']
        : []),
    ];
  },
  reaction: ({ requirement }) => REACTIONS[requirement] ?? 'fail_channel',
  peerError: () => 'fail_channel',
  broadcastsCommitment: (channel) => channel.name === 'live' && !channel.fellBehind,
  broadcasts: (transactions) => transactions,
  broadcastsClosing: () => true,
  asksToFail: (channel) => channel.name === 'live' && channel.fellBehind,
  ofFailed: (error, when) => (when === 'reconnected' ? [error] : []),
  forgets: (channel, blocksWaited) =>
    channel.name === 'live' &&
    channel.readying.commitments.terms.opener === 'remote' &&
    channel.readying.depth === 0 &&
    blocksWaited >= FORGET_BLOCKS,
  opening: (choices) => choices,
  answers: (_channel, { fundingTransaction, alias, closing, feerate_per_kw, height }) => ({
    accept: { upfront_shutdown_script: EMPTY },
    ...(fundingTransaction && { fundingTransaction }),
    ...(alias !== undefined && { alias }),
    shutdownScript: closing.script,
    feerate_per_kw: closing.feerate_per_kw ?? feerate_per_kw,
    locktime: height,
  }),
  next: (command) => command,
  outgoing: (messages) => messages,
  feeUpdate: (channel, { feerate_per_kw }) => {
    if (channel.name === 'opening') return undefined;
    const { ledger, terms } = channel.readying.commitments;
    if (terms.opener === 'remote') return undefined;
    const now = ledger.feerate_per_kw;
    const wanted = Math.max(LEAST_FEERATE, feerate_per_kw);
    // Not for every small change of an estimate.
    return wanted > now * 1.2 || wanted < now * 0.5 ? wanted : undefined;
  },
};

function feerateFaults(message: Message, { feerate_per_kw: estimate }: ChannelSituation): readonly Fault[] {
  if (message.name !== 'update_fee') return [];
  const got = message.fields.feerate_per_kw;
  const most = mostFeerate(estimate);
  if (got >= LEAST_FEERATE && got <= most) return [];
  return [{ requirement: 'bolt02-update-fee-08', expected: `${LEAST_FEERATE} to ${most}`, got }];
}

/** A reserve of more than half of the channel makes it useless (bolt02-open-channel-32). */
function reserveRefusals(
  { fields }: Message<'open_channel' | 'accept_channel'>,
  { fundingSatoshis }: ChannelSituation,
): readonly string[] {
  const funding = 'funding_satoshis' in fields ? fields.funding_satoshis : fundingSatoshis;
  return funding !== undefined && fields.channel_reserve_satoshis * 2n > funding
    ? ['channel_reserve_satoshis is not acceptable']
    : [];
}
