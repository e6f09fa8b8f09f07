import type { Channel, LiveChannel } from '../../../src/channel/engine/channel.ts';
import type { Command } from '../../../src/channel/engine/perform.ts';
import { localPoint } from '../../../src/channel/state/commitments.ts';
import type { Message } from '../../../src/channel/state/step.ts';
import { CHANNEL_RULES, type ChannelRules } from '../../../src/reference/rules/channels.ts';
import type { Rules } from '../../../src/reference/rules.ts';
import { changed } from '../mutant.ts';

/** What mutants of channels are made of. */

type Name = Message['name'];
type Fields<N extends Name> = Message<N>['fields'];
type Change = (rules: Rules) => Rules;

export const channelRules = (entries: Partial<ChannelRules>): Change => changed('channels', entries);

/** Sends other fields than the right ones; several times, or not at all. */
export const says = <N extends Name>(
  name: N,
  write: (fields: Fields<N>, channel: Channel) => Fields<N> | readonly Fields<N>[],
): Change =>
  channelRules({
    outgoing: (messages, channel) =>
      messages.flatMap((message) =>
        message.name === name
          ? [write(message.fields as Fields<N>, channel)].flat().map((fields) => messageOf(name, fields))
          : [message],
      ),
  });

/** Takes a message as if it had had these fields: what is wrong with it goes unseen. */
export const takes = <N extends Name>(
  name: N,
  read: (fields: Fields<N>, channel: Channel) => Fields<N>,
): Change =>
  channelRules({
    incoming: (message, channel, situation) =>
      CHANNEL_RULES.incoming(
        message.name === name ? messageOf(name, read(message.fields as Fields<N>, channel)) : message,
        channel,
        situation,
      ),
  });

/** Does not want a channel that the BOLTs give it no reason to refuse. */
export const refuses = <N extends 'open_channel' | 'accept_channel'>(
  name: N,
  isUnwanted: (fields: Fields<N>) => boolean,
): Change =>
  channelRules({
    refusals: (message, channel, situation) =>
      message.name === name && isUnwanted(message.fields as Fields<N>)
        ? ['not to our liking']
        : CHANNEL_RULES.refusals(message, channel, situation),
  });

/** Does not do what BOLT 2 calls for. */
export const leavesOut = (isIt: (command: Command, channel: Channel) => boolean): Change =>
  channelRules({ next: (command, channel) => (command && isIt(command, channel) ? undefined : command) });

/** Does nothing about a message that breaks a rule. */
export const tolerates = (isIt: (message: Message, channel: Channel) => boolean): Change =>
  channelRules({
    reaction: (fault, message, channel, situation) =>
      isIt(message, channel) ? 'ignore' : CHANNEL_RULES.reaction(fault, message, channel, situation),
  });

export const isLive = (channel: Channel): channel is LiveChannel => channel.name === 'live';

export const channelReady = (channel: LiveChannel): Message => {
  const { terms } = channel.readying.commitments;
  return {
    name: 'channel_ready',
    fields: {
      channel_id: terms.channel_id,
      second_per_commitment_point: localPoint(terms, 1n),
      tlvs: {},
    },
  };
};

const messageOf = (name: Name, fields: unknown): Message => ({ name, fields }) as Message;
