import { BoltgridError } from '../core/error.ts';
import { nearest } from '../core/text.ts';
import { codecOf, type MessageCodec } from './compile.ts';
import { MAX_MESSAGE_BYTES } from './errors.ts';
import type { Codec } from './fundamental.ts';
import { Reader } from './reader.ts';
import type {
  DecodedMessage,
  MessageFields,
  MessageName,
  MessageTable,
  StreamName,
  TlvStream,
} from './types.ts';
import { Writer } from './writer.ts';

/**
 * Type and payload of a message.
 *
 * There are no defaults: every field is given, length fields are derived. What it gives is what `decodeMessage` accepts; wrong
 * forms are built with `malformed`. Values are not judged: a point off the curve is sent as it is.
 *
 * Throws, charged to the harness: `wire.unknown-message`, `wire.missing-field`, `wire.unknown-field`, `wire.bad-value`,
 * `wire.too-long` (over 65535 bytes).
 */
export function encodeMessage<M extends MessageTable, N extends MessageName<M>>(
  table: M,
  name: N,
  fields: MessageFields<M, N>,
): Uint8Array {
  const codec = messageCodec(table, name);
  const writer = new Writer([name]);
  writer.uint(2, codec.type);
  codec.fields.write(writer, fields);
  const message = writer.finish();
  if (message.length > MAX_MESSAGE_BYTES) {
    writer.fail('wire.too-long', `${message.length} bytes, a message has at most ${MAX_MESSAGE_BYTES}`);
  }
  return message;
}

/**
 * A received message: all of it, so that encoding its fields gives the same bytes again. An unknown type is no error.
 *
 * Throws, charged to the node, with `details` { path, offset, rule }: the codes of `WIRE_RULES`.
 */
export function decodeMessage<M extends MessageTable>(table: M, message: Uint8Array): DecodedMessage<M> {
  const raw = new Uint8Array(message);
  const header = Reader.of(raw, 'message');
  const type = header.uint(2);
  const codec = codecOf(table).byType.get(type);
  if (codec === undefined) return { name: undefined, type, payload: raw.slice(2), raw };
  const reader = Reader.of(raw, codec.name);
  reader.uint(2);
  const fields = codec.fields.read(reader);
  // The interpreter of the definitions gives what the type of the definitions says: test/wire shows it for every message.
  return { name: codec.name, type, fields, raw } as unknown as DecodedMessage<M>;
}

/** The records of a stream alone, as in an onion's payload. Throws as `encodeMessage` does. */
export function encodeTlvStream<M extends MessageTable, S extends StreamName<M>>(
  table: M,
  name: S,
  records: TlvStream<M, S>,
): Uint8Array {
  const writer = new Writer([name]);
  tlvCodec(table, name).write(writer, records);
  return writer.finish();
}

/** The reverse, of exactly these bytes. Throws as `decodeMessage` does. */
export function decodeTlvStream<M extends MessageTable, S extends StreamName<M>>(
  table: M,
  name: S,
  bytes: Uint8Array,
): TlvStream<M, S> {
  return tlvCodec(table, name).read(Reader.of(bytes, name)) as TlvStream<M, S>;
}

/** The name of a message type, for a transcript. */
export function messageName(table: MessageTable, type: number): string | undefined {
  return codecOf(table).byType.get(type)?.name;
}

export function messageCodec(table: MessageTable, name: string): MessageCodec {
  return found('message', name, codecOf(table).byName);
}

function tlvCodec(table: MessageTable, name: string): Codec {
  return found('tlv stream', name, codecOf(table).streams);
}

function found<T>(what: 'message' | 'tlv stream', name: string, known: ReadonlyMap<string, T>): T {
  const value = known.get(name);
  if (value !== undefined) return value;
  const meant = nearest(name, known.keys());
  throw new BoltgridError(
    `wire.unknown-${what.replace(' ', '-')}`,
    'harness',
    `no ${what} is called ${name}`,
    {
      hint: meant === undefined ? 'Define it with defineMessages().' : `Is ${meant} meant?`,
    },
  );
}
