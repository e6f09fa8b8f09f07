import { isBoltgridError, messageOf } from '../core/error.ts';
import { cleanText } from '../core/text.ts';
import type { CloseReason } from '../noise/transport.ts';
import { toJson } from './transcript.ts';

/** A decoded message of any table; the peer's verbs give it its type. */
export interface AnyMessage {
  readonly name: string | undefined;
  readonly type: number;
  readonly fields: Readonly<Record<string, unknown>>;
  readonly raw: Uint8Array;
}

/** What a peer can meet while it waits. */
export type Arrival =
  | { readonly kind: 'message'; readonly message: AnyMessage }
  | { readonly kind: 'undecodable'; readonly error: Error; readonly raw: Uint8Array }
  | { readonly kind: 'ended'; readonly reason: CloseReason; readonly error: Error };

/**
 * Gossip and our part in it, queries, a backup for us to keep and unknown odd messages come at any time and mean nothing to most cases: they are set
 * aside, unless the step asks for just them.
 */
const SET_ASIDE = new Set([
  'channel_announcement',
  'node_announcement',
  'channel_update',
  'announcement_signatures',
  'query_short_channel_ids',
  'reply_short_channel_ids_end',
  'query_channel_range',
  'reply_channel_range',
  'gossip_timestamp_filter',
  'peer_storage',
]);

export function isSetAside(message: AnyMessage): boolean {
  return message.name === undefined ? message.type % 2 === 1 : SET_ASIDE.has(message.name);
}

/** What came, for the reader of a failure. */
export function describe(arrival: Arrival): unknown {
  switch (arrival.kind) {
    case 'message':
      return describeMessage(arrival.message);
    case 'undecodable':
      return `a message that breaks the wire format: ${cleanText(arrival.error.message, 300)}`;
    case 'ended':
      return describeEnd(arrival.reason, arrival.error);
  }
}

function describeMessage({ name, type, fields, raw }: AnyMessage): unknown {
  if (name === undefined) return `unknown message type ${type}, ${raw.length} bytes`;
  const { data } = fields;
  if ((name === 'error' || name === 'warning') && data instanceof Uint8Array) {
    return `${name}: ${JSON.stringify(cleanText(Buffer.from(data).toString('latin1'), 300))}`;
  }
  return { message: name, ...(toJson(fields) as object) };
}

function describeEnd(reason: CloseReason, error: Error): string {
  if (isBoltgridError(error) && error.code.startsWith('noise.frame'))
    return `an undecryptable frame: ${error.message}`;
  if (reason.by === 'local') return `our side ended the connection: ${messageOf(error)}`;
  return reason.how === 'fin' ? 'the connection was closed' : 'the connection was reset';
}
