import { nextAnswer } from '../../channel/engine/answers.ts';
import { type Channel, channelIdOf, type LiveChannel } from '../../channel/engine/channel.ts';
import { type Command, perform } from '../../channel/engine/perform.ts';
import { receive } from '../../channel/engine/receive.ts';
import { see } from '../../channel/engine/sight.ts';
import type { FundingSight } from '../../channel/state/open/ready.ts';
import type { Fault, Message } from '../../channel/state/step.ts';
import type { Transaction } from '../../bitcoin/transaction.ts';
import { messageOf } from '../../core/error.ts';
import { bolts } from '../../wire/bolts.ts';
import { encodeMessage } from '../../wire/codec.ts';
import type { Rules } from '../rules.ts';
import type { Reaction } from '../rules/reactions.ts';
import type { ChannelSituation } from '../situation.ts';
import type { PeerLink } from './peer-link.ts';
import { type HeldChannel, isClosed } from './state.ts';

export interface RunnerHost {
  readonly rules: Rules;
  broadcast(transaction: Transaction, held: HeldChannel): void;
  /** A channel of ours waits for its funding transaction. */
  fund(held: HeldChannel): void;
  /** The channel has taken a step. */
  moved(held: HeldChannel, by: Message | undefined): void;
  /** What the node wants to do on the channel by itself, when nothing else is owed. */
  wish(held: HeldChannel, live: LiveChannel): Command | undefined;
  readonly log: (line: string) => void;
}

/** Who knows all channels. */
interface Registry {
  linkOf(held: HeldChannel): PeerLink | undefined;
  situation(held: HeldChannel): ChannelSituation;
  forget(held: HeldChannel, reason: string): void;
  all(): readonly HeldChannel[];
}

/** A mutant may always want more: then it stops here. */
const MAX_STEPS = 2000;
const MAX_LATER = 8;
const ALL_CHANNELS = new Uint8Array(32);

/** The steps of single channels, as the rule table wants them. */
export class ChannelRunner {
  readonly #host: RunnerHost;
  readonly #registry: Registry;

  constructor(host: RunnerHost, registry: Registry) {
    this.#host = host;
    this.#registry = registry;
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
    for (const message of later) this.take(held, message);
    this.advance(held);
  }

  /** Does what is owed and what the node wants, until there is nothing left to do now. */
  advance(held: HeldChannel): void {
    const { rules } = this.#host;
    for (let step = 0; step < MAX_STEPS && !held.failed && !isClosed(held); step++) {
      const situation = this.#registry.situation(held);
      const command = rules.channels.next(this.#due(held, situation), held.channel, situation);
      if (!command || !this.#try(held, command, situation)) return;
    }
  }

  /** Gives a command of the node's own. Throws what the engine throws. */
  command(held: HeldChannel, command: Command): void {
    this.#perform(held, command, this.#registry.situation(held));
    this.advance(held);
  }

  /** The channel is over: an `error` says so, unless `silently`, and the commitment goes to the chain. */
  fail(
    held: HeldChannel,
    reason: string,
    { silently = false, id = channelIdOf(held.channel) ?? ALL_CHANNELS } = {},
  ): void {
    const situation = this.#registry.situation(held);
    const error: Message<'error'> = {
      name: 'error',
      fields: { channel_id: id, data: Buffer.from(reason.slice(0, 500), 'latin1') },
    };
    this.#host.log(`channel ${held.number} fails: ${reason}`);
    if (!silently) this.send(held, [error], situation);
    if (held.channel.name === 'opening') {
      this.#registry.forget(held, reason);
      return;
    }
    const broadcasts = this.#host.rules.channels.broadcastsCommitment(held.channel, situation);
    held.failed = { error, broadcasts };
    this.#host.moved(held, undefined);
  }

  /** What is said of a channel that has failed. */
  speakOfFailed(held: HeldChannel, error: Message<'error'>, when: 'reconnected' | 'message'): void {
    const situation = this.#registry.situation(held);
    this.send(held, this.#host.rules.channels.ofFailed(error, when, situation), situation);
  }

  /** A message of the peer about the channel. */
  take(held: HeldChannel, came: Message): void {
    const { channels } = this.#host.rules;
    const situation = this.#registry.situation(held);
    if (held.failed) {
      this.speakOfFailed(held, held.failed.error, 'message');
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
    if (channels.asksToFail(state, this.#registry.situation(held)))
      this.fail(held, 'sync error: the peer has a newer state than we');
    else {
      this.#moved(held, message);
      this.advance(held);
    }
  }

  /** Our own policy is looked at once the message has no fault. */
  #refuses(held: HeldChannel, message: Message): boolean {
    if (message.name !== 'open_channel' && message.name !== 'accept_channel') return false;
    const [refusal] = this.#host.rules.channels.refusals(
      message,
      held.channel,
      this.#registry.situation(held),
    );
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
        this.send(
          held,
          [{ name: 'warning', fields: { channel_id: id, data } }],
          this.#registry.situation(held),
        );
        if (reaction === 'warn_and_close') void this.#registry.linkOf(held)?.close();
        break;
      }
      case 'close':
        void this.#registry.linkOf(held)?.close();
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
    if (isNothing && this.#registry.all().includes(held)) this.#registry.forget(held, reason);
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
    this.send(held, send, situation);
    for (const transaction of this.#host.rules.channels.broadcasts(broadcast, command, situation))
      this.#host.broadcast(transaction, held);
    this.#moved(held, undefined);
  }

  #moved(held: HeldChannel, by: Message | undefined): void {
    const { channel } = held;
    if (channel.name === 'live') {
      const agreed = channel.closings.slice(held.closingsSeen);
      held.closingsSeen = channel.closings.length;
      for (const transaction of agreed)
        if (this.#host.rules.channels.broadcastsClosing(transaction, channel, this.#registry.situation(held)))
          this.#host.broadcast(transaction, held);
    }
    this.#host.moved(held, by);
  }

  /** What the rules let out. */
  send(held: HeldChannel, messages: readonly Message[], situation: ChannelSituation): void {
    const link = this.#registry.linkOf(held);
    if (!link || messages.length === 0) return;
    for (const message of this.#host.rules.channels.outgoing(messages, held.channel, situation))
      link.post(message instanceof Uint8Array ? message : encodeMessage(bolts, message.name, message.fields));
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
export function idIn({ fields }: Message): Uint8Array | undefined {
  if ('temporary_channel_id' in fields) return fields.temporary_channel_id;
  return 'channel_id' in fields ? fields.channel_id : undefined;
}

const textOf = ({ requirement, note }: Fault): string =>
  note === undefined ? requirement : `${requirement}: ${note}`;
