import { toHex } from '../../src/core/bytes.ts';
import { CHANNEL_RULES } from '../../src/reference/rules/channels.ts';
import type { Rules } from '../../src/reference/rules.ts';
import type { Message } from '../../src/channel/state/step.ts';
import { encodeMessage } from '../../src/wire/codec.ts';
import { bolts } from '../../src/wire/bolts.ts';
import { MESSAGE_RULES } from '../../src/reference/rules/messages.ts';
import { send } from '../../src/reference/situation.ts';
import { channelRules } from './bolt02/messages.ts';
import { changed, type Mutant } from './mutant.ts';

/** Counts messages by a key of its own, and wants no channel where one has come too often. */
const countingUp =
  (keyOf: (message: Message, peer: string) => string | undefined, most: number) =>
  (rules: Rules): Rules => {
    const counts = new Map<string, number>();
    return channelRules({
      refusals: (message, channel, situation) => {
        const key = keyOf(message, toHex(situation.peer.publicKey));
        const count = key === undefined ? 0 : (counts.get(key) ?? 0) + 1;
        if (key !== undefined) counts.set(key, count);
        return count > most ? ['not again'] : CHANNEL_RULES.refusals(message, channel, situation);
      },
    })(rules);
  };

/** Wants no channel of a peer that once sent such a message. */
const sulkingAfter =
  (isOffence: (message: Message) => boolean) =>
  (rules: Rules): Rules => {
    const offenders = new Set<string>();
    return channelRules({
      incoming: (message, channel, situation) => {
        if (isOffence(message)) offenders.add(toHex(situation.peer.publicKey));
        return CHANNEL_RULES.incoming(message, channel, situation);
      },
      refusals: (message, channel, situation) =>
        offenders.has(toHex(situation.peer.publicKey))
          ? ['not again']
          : CHANNEL_RULES.refusals(message, channel, situation),
    })(rules);
  };

const idOf = (message: Message): string | undefined =>
  message.name === 'open_channel' ? toHex(message.fields.temporary_channel_id) : undefined;

/** Of bolt02/open-repeated: what an accepter keeps of channels that came to nothing. */
export const mutants: readonly Mutant[] = [
  {
    name: 'open-counted-though-abandoned',
    breaks: 'bolt02-open-channel-25',
    kills: [
      'bolt02/open-repeated#abandoned[many, answered]',
      'bolt02/open-repeated#abandoned[many, not answered yet]',
    ],
    change: countingUp((_, peer) => peer, 10),
  },
  {
    name: 'open-once-for-each-peer',
    breaks: 'bolt02-open-channel-25',
    kills: [
      'bolt02/open-repeated#abandoned[one, answered]',
      'bolt02/open-repeated#abandoned[one, not answered yet]',
      'bolt02/open-repeated#id-in-use',
    ],
    change: countingUp((_, peer) => peer, 1),
  },
  {
    name: 'open-once-for-each-id-of-a-peer',
    breaks: 'bolt02-open-channel-26',
    kills: ['bolt02/open-repeated#abandoned-id'],
    change: countingUp((message, peer) => `${idOf(message)} ${peer}`, 1),
  },
  {
    name: 'open-once-for-each-id',
    breaks: 'bolt02-accept-channel-01',
    kills: ['bolt02/open-repeated#id-of-another-peer'],
    change: countingUp(idOf, 1),
  },
  {
    name: 'open-in-all-for-sixty-channels',
    breaks: 'bolt02-open-channel-25',
    kills: ['bolt02/open-repeated#flood'],
    change: countingUp(() => 'all', 60),
  },
  {
    name: 'funding-signed-for-any-id',
    breaks: 'bolt02-open-channel-26',
    kills: ['bolt02/open-repeated#discarded'],
    change: changed('messages', {
      unknownChannel: (message, situation) =>
        message.name === 'funding_created'
          ? send(
              encodeMessage(bolts, 'funding_signed', {
                channel_id: message.fields.funding_txid,
                signature: message.fields.signature,
              }),
            )
          : MESSAGE_RULES.unknownChannel(message, situation),
    }),
  },
  ...(['funding_signed', 'channel_ready', 'shutdown', 'accept_channel'] as const).map((name) => ({
    name: `open-never-again-after-${name}-out-of-turn`,
    breaks: 'bolt02-open-channel-25',
    kills: [`bolt02/open-repeated#out-of-turn[${name}]`],
    change: sulkingAfter((message) => message.name === name),
  })),
];
