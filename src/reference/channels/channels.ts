import { nextAnswer } from '../../channel/engine/answers.ts';
import { type Channel, channelIdOf, isAbout, type LiveChannel } from '../../channel/engine/channel.ts';
import { lost, reconnected } from '../../channel/engine/link.ts';
import { type Command, perform } from '../../channel/engine/perform.ts';
import { receive } from '../../channel/engine/receive.ts';
import { see } from '../../channel/engine/sight.ts';
import { awaitOpenChannel } from '../../channel/state/open/accepter.ts';
import type { OpenerChoices } from '../../channel/state/open/defaults.ts';
import type { Negotiation } from '../../channel/state/open/negotiation.ts';
import { openChannel } from '../../channel/state/open/opener.ts';
import type { FundingSight } from '../../channel/state/open/ready.ts';
import type { Fault, Message } from '../../channel/state/step.ts';
import type { Transaction } from '../../bitcoin/transaction.ts';
import { equalBytes, toHex } from '../../core/bytes.ts';
import { messageOf } from '../../core/error.ts';
import { bolts } from '../../wire/bolts.ts';
import { encodeMessage } from '../../wire/codec.ts';
import type { Rules } from '../rules.ts';
import type { Reaction } from '../rules/reactions.ts';
import type { ChannelSituation, Situation } from '../situation.ts';
import { localCommitment } from './local-commitment.ts';
import type { PeerLink } from './peer-link.ts';
import type { ChannelKeys } from './channel-keys.ts';
import {
  emptyState,
  type ForwardingPolicy,
  type HeldChannel,
  isClosed,
  isOpen,
  type NodeState,
} from './state.ts';

/** What the channels need of their node. */
export interface ChannelsHost {
  readonly rules: Rules;
  readonly features: ReadonlySet<number>;
  readonly chainHash: Uint8Array;
  readonly keys: ChannelKeys;
  /** With a peer that is not connected. */
  situationOf(peer: Uint8Array): Situation;
  height(): number;
  feeratePerKw(): number;
  broadcast(transaction: Transaction, held: HeldChannel): void;
  /** A channel of ours waits for its funding transaction. */
  fund(held: HeldChannel): void;
  /** The channel has taken a step. */
  moved(held: HeldChannel, by: Message | undefined): void;
  /** The connection with its peer is gone. */
  lost(held: HeldChannel): void;
  /** It has come to an end without a commitment. */
  forgotten(held: HeldChannel, reason: string): void;
  /** What the node wants to do on the channel by itself, when nothing else is owed. */
  wish(held: HeldChannel, live: LiveChannel): Command | undefined;
  log(line: string): void;
}

/** A mutant may always want more: then it stops here. */
const MAX_STEPS = 2000;
const MAX_LATER = 8;
const DEFAULT_POLICY: ForwardingPolicy = {
  fee_base_msat: 1000n,
  fee_proportional_millionths: 10,
  cltv_expiry_delta: 40,
  htlc_minimum_msat: 1n,
  isEnabled: true,
};
const ALL_CHANNELS = new Uint8Array(32);

/** The channels of the node with all its peers: messages in, messages out, by the rule table. */
export class Channels {
  readonly #host: ChannelsHost;
  readonly #links = new Map<string, PeerLink>();
  #state: NodeState = emptyState();

  constructor(host: ChannelsHost) {
    this.#host = host;
  }

  get state(): NodeState {
    return this.#state;
  }

  /** Takes up the channels of a copy, while no peer is connected. */
  restore(state: NodeState): void {
    this.#state = state;
  }

  all(): readonly HeldChannel[] {
    return this.#state.channels;
  }

  linkOf(held: HeldChannel): PeerLink | undefined {
    return this.#links.get(toHex(held.peer));
  }

  linkTo(publicKey: Uint8Array): PeerLink | undefined {
    return this.#links.get(toHex(publicKey));
  }

  /** Init has gone both ways. */
  connected(link: PeerLink): void {
    const key = toHex(link.publicKey);
    const older = this.#links.get(key);
    if (older) this.disconnected(older);
    this.#links.set(key, link);
    for (const held of this.#of(link)) {
      if (isClosed(held) || held.channel.name === 'opening') continue;
      held.channel = reconnected(held.channel, this.#negotiation(link));
      if (held.failed) {
        const situation = this.situation(held);
        this.#send(
          held,
          this.#host.rules.channels.ofFailed(held.failed.error, 'reconnected', situation),
          situation,
        );
      } else this.advance(held);
    }
  }

  disconnected(link: PeerLink): void {
    const key = toHex(link.publicKey);
    if (this.#links.get(key) !== link) return;
    this.#links.delete(key);
    for (const held of this.#of(link)) {
      const channel = lost(held.channel);
      held.later = [];
      if (channel) {
        held.channel = channel;
        this.#host.lost(held);
        this.#host.moved(held, undefined);
      } else this.#forget(held, 'the connection was lost');
    }
  }

  /** `false` where the message is about no channel with this peer. */
  receive(link: PeerLink, message: Message): boolean {
    const id = idIn(message);
    const held = id && this.#of(link).find((each) => !isClosed(each) && isAbout(each.channel, id));
    if (held) this.#take(held, message);
    else if (message.name === 'open_channel') this.#take(this.#hold(link), message);
    else return false;
    return true;
  }

  /** An `error` of the peer, about one channel or all. */
  errorCame(link: PeerLink, fields: Message<'error'>['fields']): void {
    const isAll = fields.channel_id.every((byte) => byte === 0);
    for (const held of this.#of(link)) {
      if (isClosed(held) || held.failed) continue;
      if (!isAll && !isAbout(held.channel, fields.channel_id)) continue;
      const reaction = this.#host.rules.channels.peerError(fields, held.channel, this.situation(held));
      if (reaction === 'fail_channel') this.fail(held, 'the peer sent an error', { silently: true });
    }
  }

  /** Sends `open_channel`. Throws `channel.wrong-message` where BOLT 2 does not allow it. */
  open(link: PeerLink, funding_satoshis: bigint, choices: Partial<OpenerChoices>): HeldChannel {
    const held = this.#hold(link);
    try {
      const situation = this.situation(held);
      const { state, send } = openChannel({
        negotiation: held.channel.negotiation,
        secrets: this.#host.keys.secrets(held.number),
        temporary_channel_id: this.#host.keys.bytes(`temporary id ${held.number}`),
        funding_satoshis,
        choices: this.#host.rules.channels.opening(choices, situation),
      });
      held.channel = { name: 'opening', negotiation: held.channel.negotiation, opening: state };
      this.#send(held, send, situation);
      return held;
    } catch (error) {
      this.#forget(held, messageOf(error));
      throw error;
    }
  }

  /** A new channel, of which nothing is known yet but its keys. */
  #hold(link: PeerLink): HeldChannel {
    const number = this.#state.channelCount++;
    const secrets = this.#host.keys.secrets(number);
    const negotiation = this.#negotiation(link);
    const held: HeldChannel = {
      number,
      peer: link.publicKey,
      channel: { name: 'opening', negotiation, opening: awaitOpenChannel({ negotiation, secrets }) },
      closing: {},
      later: [],
      isWatched: false,
      closingsSeen: 0,
      policy: DEFAULT_POLICY,
      incoming: new Map(),
      removals: new Map(),
      outgoing: new Map(),
    };
    this.#state.channels.push(held);
    return held;
  }

  /** What the chain says of the funding output. */
  see(held: HeldChannel, sight: FundingSight): void {
    if (held.channel.name !== 'live') return;
    const { state, faults } = see(held.channel, sight);
    held.channel = state;
    const [fault] = faults;
    if (fault && !held.failed) this.fail(held, textOf(fault));
    const { later } = held;
    held.later = [];
    for (const message of later) this.#take(held, message);
    this.advance(held);
  }

  /** Does what is owed and what the node wants, until there is nothing left to do now. */
  advance(held: HeldChannel): void {
    const { rules } = this.#host;
    for (let step = 0; step < MAX_STEPS && !held.failed && !isClosed(held); step++) {
      const situation = this.situation(held);
      const command = rules.channels.next(this.#due(held, situation), held.channel, situation);
      if (!command || !this.#try(held, command, situation)) return;
    }
  }

  /** Gives a command of the node's own. Throws what the engine throws. */
  command(held: HeldChannel, command: Command): void {
    this.#perform(held, command, this.situation(held));
    this.advance(held);
  }

  /** The channel is over: an `error` says so, unless `silently`, and the commitment goes to the chain. */
  fail(
    held: HeldChannel,
    reason: string,
    { silently = false, id = channelIdOf(held.channel) ?? ALL_CHANNELS } = {},
  ): void {
    const situation = this.situation(held);
    const error: Message<'error'> = {
      name: 'error',
      fields: { channel_id: id, data: Buffer.from(reason.slice(0, 500), 'latin1') },
    };
    this.#host.log(`channel ${held.number} fails: ${reason}`);
    if (!silently) this.#send(held, [error], situation);
    if (held.channel.name === 'opening') {
      this.#forget(held, reason);
      return;
    }
    held.failed = { error };
    if (this.#host.rules.channels.broadcastsCommitment(held.channel, situation)) {
      const commitment = localCommitment(held.channel);
      if (commitment) this.#host.broadcast(commitment, held);
    }
    this.#host.moved(held, undefined);
  }

  #forget(held: HeldChannel, reason: string): void {
    this.#state.channels = this.#state.channels.filter((each) => each !== held);
    this.#host.forgotten(held, reason);
  }

  /** It waited too long for its funding transaction. */
  forgetUnfunded(held: HeldChannel): void {
    this.#forget(held, 'it was never funded');
  }

  situation(held: HeldChannel): ChannelSituation {
    const { channel, fundingTransaction, closing, number, peer } = held;
    const link = this.linkOf(held);
    const { keys } = this.#host;
    return {
      ...(link?.situation() ?? this.#host.situationOf(peer)),
      height: this.#host.height(),
      feerate_per_kw: this.#host.feeratePerKw(),
      pending: this.#state.channels.filter(
        (each) => equalBytes(each.peer, peer) && !isOpen(each) && !isClosed(each),
      ).length,
      fundingSatoshis:
        channel.name === 'opening' && 'open' in channel.opening
          ? channel.opening.open.funding_satoshis
          : undefined,
      fundingTransaction,
      alias: channel.name === 'live' && channel.readying.isAliasNegotiated ? keys.alias(number) : undefined,
      closing: {
        script: closing.script ?? keys.walletScript(number),
        feerate_per_kw: closing.feerate_per_kw,
      },
    };
  }

  #take(held: HeldChannel, came: Message): void {
    const { channels } = this.#host.rules;
    const situation = this.situation(held);
    if (held.failed) {
      this.#send(held, channels.ofFailed(held.failed.error, 'message', situation), situation);
      return;
    }
    const message = channels.incoming(came, held.channel, situation);
    const { state, faults } = receive(held.channel, message);
    const [fault] = channels.judge(faults, message, held.channel, situation);
    if (fault) {
      this.#react(held, channels.reaction(fault, message, held.channel, situation), fault, came);
      return;
    }
    held.channel = state;
    if (faults.length > 0 || this.#refuses(held, message)) return;
    if (channels.asksToFail(state, this.situation(held)))
      this.fail(held, 'sync error: the peer has a newer state than we');
    else {
      this.#moved(held, message);
      this.advance(held);
    }
  }

  /** Our own policy is looked at once the message has no fault. */
  #refuses(held: HeldChannel, message: Message): boolean {
    if (message.name !== 'open_channel' && message.name !== 'accept_channel') return false;
    const [refusal] = this.#host.rules.channels.refusals(message, held.channel, this.situation(held));
    if (refusal === undefined) return false;
    this.fail(held, refusal);
    return true;
  }

  #react(held: HeldChannel, reaction: Reaction, fault: Fault, message: Message): void {
    const reason = textOf(fault);
    this.#host.log(`channel ${held.number}: ${message.name}: ${reason}: ${reaction}`);
    const id = idIn(message) ?? ALL_CHANNELS;
    switch (reaction) {
      case 'fail_channel':
        this.fail(held, reason, { id });
        break;
      case 'warn':
      case 'warn_and_close': {
        const data = Buffer.from(reason.slice(0, 500), 'latin1');
        this.#send(held, [{ name: 'warning', fields: { channel_id: id, data } }], this.situation(held));
        if (reaction === 'warn_and_close') void this.linkOf(held)?.close();
        break;
      }
      case 'close':
        void this.linkOf(held)?.close();
        break;
      case 'later':
        if (held.later.length < MAX_LATER) held.later.push(message);
        break;
      case 'ignore':
        break;
    }
    // Nothing is known of it but a message that is not to be.
    const { channel } = held;
    const isNothing = channel.name === 'opening' && channel.opening.name === 'awaits_open_channel';
    if (isNothing && this.all().includes(held)) this.#forget(held, reason);
  }

  #due(held: HeldChannel, situation: ChannelSituation): Command | undefined {
    const { channel } = held;
    const wish = channel.name === 'live' ? this.#host.wish(held, channel) : undefined;
    if (wish && isPossible(channel, wish)) return wish;
    if (channel.name === 'opening' && channel.opening.name === 'awaits_funding' && !held.fundingTransaction)
      this.#host.fund(held);
    return nextAnswer(channel, this.#host.rules.channels.answers(channel, situation));
  }

  /** A mutant may want what the engine does not let it do. */
  #try(held: HeldChannel, command: Command, situation: ChannelSituation): boolean {
    try {
      this.#perform(held, command, situation);
      return true;
    } catch (error) {
      this.#host.log(`channel ${held.number}: ${command.do}: ${messageOf(error)}`);
      return false;
    }
  }

  #perform(held: HeldChannel, command: Command, situation: ChannelSituation): void {
    const { state, send, broadcast } = perform(held.channel, command);
    const wasOpening = held.channel.name === 'opening';
    held.channel = state;
    if (wasOpening && state.name === 'live') held.signedAt = situation.height;
    this.#send(held, send, situation);
    for (const transaction of broadcast) this.#host.broadcast(transaction, held);
    this.#moved(held, undefined);
  }

  #moved(held: HeldChannel, by: Message | undefined): void {
    const { channel } = held;
    if (channel.name === 'live') {
      const agreed = channel.closings.slice(held.closingsSeen);
      held.closingsSeen = channel.closings.length;
      for (const transaction of agreed)
        if (this.#host.rules.channels.broadcastsClosing(transaction, channel, this.situation(held)))
          this.#host.broadcast(transaction, held);
    }
    this.#host.moved(held, by);
  }

  #send(held: HeldChannel, messages: readonly Message[], situation: ChannelSituation): void {
    const link = this.linkOf(held);
    if (!link || messages.length === 0) return;
    for (const message of this.#host.rules.channels.outgoing(messages, held.channel, situation))
      link.post(message instanceof Uint8Array ? message : encodeMessage(bolts, message.name, message.fields));
  }

  #of(link: PeerLink): readonly HeldChannel[] {
    return this.#state.channels.filter(({ peer }) => equalBytes(peer, link.publicKey));
  }

  #negotiation(link: PeerLink): Negotiation {
    return {
      chain_hash: this.#host.chainHash,
      features: { local: this.#host.features, remote: link.features },
      channelIds: this.#of(link).flatMap(({ channel }) => channelIdOf(channel) ?? []),
    };
  }
}

function isPossible(channel: Channel, command: Command): boolean {
  try {
    perform(channel, command);
    return true;
  } catch {
    return false;
  }
}

/** Which channel a message names. */
function idIn({ fields }: Message): Uint8Array | undefined {
  if ('temporary_channel_id' in fields) return fields.temporary_channel_id;
  return 'channel_id' in fields ? fields.channel_id : undefined;
}

const textOf = ({ requirement, note }: Fault): string =>
  note === undefined ? requirement : `${requirement}: ${note}`;
