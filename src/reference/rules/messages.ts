import { bolts } from '../../wire/bolts.ts';
import type { Bolts } from '../../wire/bolts.ts';
import { decodeMessage, encodeMessage } from '../../wire/codec.ts';
import type { DecodedMessage, KnownMessage, MessageName, UnknownMessage } from '../../wire/types.ts';
import type { Action, Situation } from '../situation.ts';
import { close, IGNORE, send } from '../situation.ts';

export type KnownBoltMessage = {
  readonly [N in MessageName<Bolts>]: KnownMessage<Bolts, N>;
}[MessageName<Bolts>];

const ALL_CHANNELS = new Uint8Array(32);

/** BOLT 1, "Lightning Message Format": what is done whatever the message says. */
export interface MessageRules {
  /**
   * Bytes as a message. Throws for what breaks a format: too short for its contents, a TLV stream or extension that fails to parse
   * (bolt01-tlv-08 to -15).
   */
  decode(message: Uint8Array): DecodedMessage;
  /** A known message too short, or with an invalid extension, closes the connection (bolt01-message-format-12, -15). */
  malformed(error: Error, message: Uint8Array, situation: Situation): readonly Action[];
  /** bolt01-message-format-09 */
  unknownOdd(message: UnknownMessage, situation: Situation): readonly Action[];
  /** bolt01-message-format-10 */
  unknownEven(message: UnknownMessage, situation: Situation): readonly Action[];
  /** A message of types 32 to 255: we have no channel, so its id is always unknown (bolt01-error-warning-06). */
  unknownChannel(message: KnownBoltMessage, situation: Situation): readonly Action[];
  /**
   * A message that the BOLTs know and this node has no use for, since it offers no feature that needs it: by the same rule as
   * an unknown one.
   */
  unused(message: KnownBoltMessage, situation: Situation): readonly Action[];
  /** What is said before we close because of a violation (bolt01-error-warning-05, -08). */
  farewell(reason: string, situation: Situation): readonly Uint8Array[];
}

export const MESSAGE_RULES: MessageRules = {
  decode: (message) => decodeMessage(bolts, message),
  malformed: (error) => close(error.message),
  unknownOdd: () => IGNORE,
  unknownEven: ({ type }) => close(`unknown even message type ${type}`),
  unknownChannel: (message) => {
    const id = channelIdOf(message);
    return id === undefined ? IGNORE : send(errorMessage(id, 'unknown channel'));
  },
  unused: ({ name, type }) => (type % 2 === 0 ? close(`${name} was not negotiated`) : IGNORE),
  farewell: (reason) => [errorMessage(ALL_CHANNELS, reason)],
};

/** The channel that a message is about: the temporary id as long as there is no other. */
function channelIdOf({ fields }: KnownBoltMessage): Uint8Array | undefined {
  if ('temporary_channel_id' in fields) return fields.temporary_channel_id;
  return 'channel_id' in fields ? fields.channel_id : undefined;
}

function errorMessage(channelId: Uint8Array, text: string): Uint8Array {
  return encodeMessage(bolts, 'error', {
    channel_id: channelId,
    data: Buffer.from(text.slice(0, 500), 'latin1'),
  });
}
