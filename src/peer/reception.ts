import type { NoiseConnection } from '../noise/connection.ts';
import { BoltgridError, isBoltgridError, messageOf } from '../core/error.ts';
import { decodeMessage, messageName } from '../wire/codec.ts';
import type { MessageTable } from '../wire/types.ts';
import { isSetAside, type AnyMessage, type Arrival } from './arrivals.ts';
import { Inbox, type Deadline } from './inbox.ts';
import type { CaseLinks } from './shared.ts';
import type { ReceivedMessage } from './types.ts';

interface ReceptionParts {
  readonly transport: NoiseConnection;
  readonly table: MessageTable;
  readonly link: number;
  readonly links: CaseLinks;
  /** Awaited before more is read, so that pongs never pile up for a node that does not take them. */
  readonly pinged: (ping: AnyMessage) => Promise<void>;
}

/** Longer than any case: a peer reads for as long as its connection lasts. */
const FOREVER_MS = 2 ** 31 - 1;
/** What may lie here unread or set aside: more than any case needs. A node that floods us is cut off. */
const MOST_KEPT = { messages: 20_000, bytes: 128 << 20 };

/** All that arrives on one connection: decoded, written to the transcript, and kept until a step asks for it. */
export class Reception {
  readonly aside: AnyMessage[] = [];
  readonly received: ReceivedMessage[] = [];
  readonly #parts: ReceptionParts;
  readonly #inbox = new Inbox<Arrival>();
  readonly #kept = { messages: 0, bytes: 0 };
  #end: (Arrival & { kind: 'ended' }) | undefined;

  constructor(parts: ReceptionParts) {
    this.#parts = parts;
    void this.#read();
  }

  get hasEnded(): boolean {
    return this.#end !== undefined;
  }

  /** What comes next, aside from what is set aside; the end of the connection again and again, once it has come. */
  async next(deadline: Deadline, wanted: readonly string[]): Promise<Arrival | undefined> {
    for (;;) {
      const arrival = await this.#inbox.take(deadline, this.#parts.links.signal);
      if (arrival === undefined || arrival.kind === 'ended') return arrival;
      if (arrival.kind === 'message' && !isAskedFor(arrival.message, wanted)) {
        this.aside.push(arrival.message);
        continue;
      }
      const { raw } = arrival.kind === 'message' ? arrival.message : arrival;
      this.#kept.messages -= 1;
      this.#kept.bytes -= raw.length;
      return arrival;
    }
  }

  async #read(): Promise<void> {
    const { transport, links, link } = this.#parts;
    try {
      for (;;) await this.#arrived(await transport.receive({ deadlineMs: FOREVER_MS }));
    } catch (error) {
      const flood = isBoltgridError(error) && error.code === 'peer.flood' ? error : undefined;
      // The rest of a flood is not waited for: closing reads until the other side has closed too.
      if (flood) void transport.close();
      const reason = flood ? ({ by: 'local', how: 'error', error: flood } as const) : await transport.closed;
      this.#end = { kind: 'ended', reason, error: error as Error };
      if (reason.by === 'remote' || reason.error) links.transcript.note(link, messageOf(error));
      this.#inbox.end(this.#end);
    }
  }

  async #arrived(bytes: Uint8Array): Promise<void> {
    const arrival = this.#understood(bytes);
    if (arrival.kind === 'message' && arrival.message.name === 'ping') {
      await this.#parts.pinged(arrival.message);
      return;
    }
    this.#kept.messages += 1;
    this.#kept.bytes += bytes.length;
    if (this.#kept.messages > MOST_KEPT.messages || this.#kept.bytes > MOST_KEPT.bytes) {
      const { messages, bytes: size } = this.#kept;
      const told = `the node sent ${messages} messages (${size} bytes) that nobody asked for`;
      throw new BoltgridError('peer.flood', 'node', told);
    }
    this.#inbox.put(arrival);
  }

  #understood(bytes: Uint8Array): Exclude<Arrival, { kind: 'ended' }> {
    const { links, link, table } = this.#parts;
    const { transcript } = links;
    try {
      const message = decoded(table, bytes);
      transcript.message(link, 'in', bytes, message);
      this.received.push({ name: message.name, type: message.type, length: bytes.length });
      return { kind: 'message', message };
    } catch (error) {
      transcript.message(link, 'in', bytes, { ...named(table, bytes), fields: messageOf(error) });
      return { kind: 'undecodable', error: error as Error, raw: bytes };
    }
  }
}

/** As much of a message as can be told, for the transcript. */
export function named(
  table: MessageTable,
  message: Uint8Array,
): { name?: string | undefined; fields?: unknown } {
  const type = ((message[0] ?? 0) << 8) | (message[1] ?? 0);
  try {
    return decoded(table, message);
  } catch {
    return message.length < 2 ? {} : { name: messageName(table, type) };
  }
}

const isAskedFor = (message: AnyMessage, wanted: readonly string[]): boolean =>
  !isSetAside(message) || (message.name !== undefined && wanted.includes(message.name));

function decoded(table: MessageTable, bytes: Uint8Array): AnyMessage {
  const message = decodeMessage(table, bytes) as Omit<AnyMessage, 'fields'> & {
    readonly fields?: AnyMessage['fields'];
  };
  return { ...message, fields: message.fields ?? {} };
}
