import type { Bolts } from '../wire/bolts.ts';
import type { DecodedMessage, MessageFields, MessageName } from '../wire/types.ts';
import type { Rules } from './rules.ts';
import type { KnownBoltMessage } from './rules/messages.ts';
import type { Action, Situation } from './situation.ts';
import { IGNORE } from './situation.ts';

type Handler<Fields> = (rules: Rules, fields: Fields, situation: Situation) => readonly Action[];

/** Which rule answers a known message. Those missing here belong to channels, or to features that are not offered. */
const HANDLERS: { readonly [N in MessageName<Bolts>]?: Handler<MessageFields<Bolts, N>> } = {
  init: ({ init }, fields, situation) => init.again(fields, situation),
  ping: ({ control }, fields, situation) => control.ping(fields, situation),
  pong: ({ control }, fields, situation) => control.pong(fields, situation),
  error: ({ control }, fields, situation) => control.error(fields, control.printable(fields.data), situation),
  warning: ({ control }, fields, situation) =>
    control.warning(fields, control.printable(fields.data), situation),
  peer_storage: ({ storage }, fields, situation) => storage.store(fields, situation),
  peer_storage_retrieval: ({ storage }, fields, situation) => storage.retrieved(fields, situation),
  gossip_timestamp_filter: ({ gossip }, fields, situation) => gossip.filter(fields, situation),
  query_short_channel_ids: ({ gossip }, fields, situation) => gossip.queryIds(fields, situation),
  query_channel_range: ({ gossip }, fields, situation) => gossip.queryRange(fields, situation),
};

const HEARD: ReadonlySet<string> = new Set<MessageName<Bolts>>([
  'channel_announcement',
  'node_announcement',
  'channel_update',
  'reply_short_channel_ids_end',
  'reply_channel_range',
]);

/** Who knows the channels with the peer. */
export interface ChannelMessages {
  /** `false` where the message is about none of them. */
  receive(message: KnownBoltMessage): boolean;
  /** An `error`, which the rule of control messages has seen already. */
  errorCame(fields: MessageFields<Bolts, 'error'>): void;
}

/** What the rules say to a message after init: bytes in, actions out. */
export function reactTo(
  rules: Rules,
  raw: Uint8Array,
  situation: Situation,
  channels: ChannelMessages,
): readonly Action[] {
  let message: DecodedMessage;
  try {
    message = rules.messages.decode(raw);
  } catch (error) {
    return rules.messages.malformed(error as Error, raw, situation);
  }
  if (message.name === undefined) {
    return message.type % 2 === 1
      ? rules.messages.unknownOdd(message, situation)
      : rules.messages.unknownEven(message, situation);
  }
  return reactToKnown(rules, message, situation, channels);
}

function reactToKnown(
  rules: Rules,
  message: KnownBoltMessage,
  situation: Situation,
  channels: ChannelMessages,
): readonly Action[] {
  if (message.name === 'error') channels.errorCame(message.fields);
  const handler = HANDLERS[message.name] as Handler<KnownBoltMessage['fields']> | undefined;
  if (handler) return handler(rules, message.fields, situation);
  if (HEARD.has(message.name)) return rules.gossip.heard(message, situation);
  // BOLT 1, "Lightning Message Format": the groups Channel and Commitment.
  const ofChannels = message.type >= 32 && message.type <= 255;
  if (ofChannels && channels.receive(message)) return IGNORE;
  return ofChannels
    ? rules.messages.unknownChannel(message, situation)
    : rules.messages.unused(message, situation);
}
