import { isBoltgridError } from '../../core/error.ts';
import { bolts, type Bolts } from '../../wire/bolts.ts';
import { decodeTlvStream, encodeTlvStream } from '../../wire/codec.ts';
import type { MessageFields, TlvStream } from '../../wire/types.ts';
import {
  hasUnknownFeature,
  unblindHop,
  type BlindedPath,
  type EncryptedData,
  type UnblindedHop,
} from './blinded-path.ts';
import { makeOnion } from './make.ts';
import { PACKET_OVERHEAD, PAYMENT_PAYLOADS_LENGTH } from './packet.ts';
import { peelOnion } from './peel.ts';

/** The records of BOLT 4's `onionmsg_tlv`, by name. */
type OnionMessagePayload = TlvStream<Bolts, 'onionmsg_tlv'>;

export type OnionMessage = Pick<MessageFields<Bolts, 'onion_message'>, 'path_key' | 'onion_message_packet'>;

/** BOLT 4, Onion Messages: lengths that `onion_message_packet` should have. */
const PAYLOADS_LENGTHS = [PAYMENT_PAYLOADS_LENGTH, 32834 - PACKET_OVERHEAD] as const;

export interface OnionMessageOptions {
  readonly sessionKey: Uint8Array;
  readonly path: BlindedPath;
  /** Of the last hop; its `encrypted_recipient_data` is added. */
  readonly payload: Omit<OnionMessagePayload, 'encrypted_recipient_data'>;
  /** Length of the packet without its 66 bytes around; the least of 1300 and 32768 that fits unless given. */
  readonly payloadsLength?: number;
}

/** A message to the end of a blinded path, for the path's first node. Throws as `makeOnion` and `encodeTlvStream`. */
export function makeOnionMessage(options: OnionMessageOptions): OnionMessage {
  const { sessionKey, path, payload } = options;
  const hops = path.path.map(({ blinded_node_id, encrypted_recipient_data }, i) => {
    const records = { encrypted_recipient_data: { encrypted_recipient_data } };
    const all = i === path.path.length - 1 ? { ...payload, ...records } : records;
    return { nodeId: blinded_node_id, payload: encodeTlvStream(bolts, 'onionmsg_tlv', all) };
  });
  const framed = hops.reduce(
    (sum, hop) => sum + hop.payload.length + (hop.payload.length < 253 ? 33 : 35),
    0,
  );
  const fitting = PAYLOADS_LENGTHS.find((length) => framed <= length) ?? PAYLOADS_LENGTHS[1];
  const { packet } = makeOnion({ sessionKey, hops, payloadsLength: options.payloadsLength ?? fitting });
  return { path_key: path.first_path_key, onion_message_packet: packet };
}

export type PeeledOnionMessage =
  | {
      readonly kind: 'forward';
      /** `next_node_id` or `short_channel_id` of it says where to. */
      readonly data: EncryptedData;
      readonly message: OnionMessage;
    }
  | {
      readonly kind: 'final';
      readonly payload: OnionMessagePayload;
      readonly data: EncryptedData;
    }
  /** Onion messages have no failures: `rule` says what the sender did not keep to. */
  | { readonly kind: 'ignored'; readonly rule: string };

/** What a node does with an `onion_message` (BOLT 4, Onion Messages, The reader). Throws `crypto.bad-private-key`. */
export function peelOnionMessage(
  privateKey: Uint8Array,
  { path_key, onion_message_packet }: OnionMessage,
): PeeledOnionMessage {
  if (onion_message_packet.length < PACKET_OVERHEAD) return ignored('the packet has its 66 bytes');
  const peeled = peelOnion({ packet: onion_message_packet, privateKey, pathKey: path_key });
  if (peeled.kind === 'malformed' || peeled.kind === 'failed') return ignored('the packet decrypts');
  const payload = decoded(peeled.payload);
  if (payload === undefined) return ignored('the payload is a valid onionmsg_tlv');
  const encrypted = payload.encrypted_recipient_data;
  if (encrypted === undefined) return ignored('encrypted_recipient_data is present');
  const hop = unblindHop(privateKey, path_key, encrypted.encrypted_recipient_data);
  if (hop === undefined) return ignored('encrypted_recipient_data decrypts');
  if (hasUnknownFeature(hop.data)) return ignored('allowed_features are known');
  if (peeled.kind === 'forward') return forwarded(hop, payload, peeled.nextPacket);
  const contents = Object.keys(payload).filter((name) => !NO_CONTENT.includes(name));
  if (contents.length > 1) return ignored('there is one payload field');
  return { kind: 'final', payload, data: hop.data };
}

/** Records that say where a message or its reply goes; others, unknown ones together, are payload fields. */
const NO_CONTENT: readonly string[] = ['encrypted_recipient_data', 'reply_path'];

function forwarded(
  { data, nextPathKey }: UnblindedHop,
  payload: OnionMessagePayload,
  onion_message_packet: Uint8Array,
): PeeledOnionMessage {
  if (Object.keys(payload).length > 1)
    return ignored('a node on the way finds encrypted_recipient_data alone');
  if (data.path_id !== undefined) return ignored('a node on the way finds no path_id');
  if (data.next_node_id === undefined && data.short_channel_id === undefined) {
    return ignored('next_node_id or short_channel_id is present');
  }
  return { kind: 'forward', data, message: { path_key: nextPathKey, onion_message_packet } };
}

function decoded(payload: Uint8Array): OnionMessagePayload | undefined {
  try {
    return decodeTlvStream(bolts, 'onionmsg_tlv', payload);
  } catch (error) {
    if (isBoltgridError(error)) return undefined;
    throw error;
  }
}

const ignored = (rule: string): PeeledOnionMessage => ({ kind: 'ignored', rule });
