import { EMPTY } from '../core/bytes.ts';
import { BoltgridError, isBoltgridError, messageOf } from '../core/error.ts';
import type { NoiseConnection } from '../noise/connection.ts';
import { bolts, type Bolts } from '../wire/bolts.ts';
import { decodeMessage, encodeMessage, messageName } from '../wire/codec.ts';
import { combineFeatures } from '../wire/features.ts';
import { malformed, type Malformation } from '../wire/malformed.ts';
import type {
  DecodedMessage,
  KnownMessage,
  MessageFields,
  MessageName,
  MessageTable,
} from '../wire/types.ts';
import type { Message } from '../channel/state/step.ts';
import { isSetAside, type AnyMessage, type Arrival } from './arrivals.ts';
import { Inbox, type Deadline } from './inbox.ts';
import type { CaseLinks, OpenLink } from './shared.ts';
import { Steps } from './steps.ts';
import { ChannelDesk } from './channel/desk.ts';
import type { Talk } from './channel/talk.ts';
import type { AcceptOptions, EstablishOptions, OpenOptions, PeerChannel } from './channel/types.ts';
import type { ClosedWith, Partially, Peer, PeerOptions, ReceivedMessage, StepOptions } from './types.ts';

interface Parts<M extends MessageTable> {
  readonly transport: NoiseConnection;
  readonly key: Uint8Array;
  readonly table: M;
  readonly link: number;
  readonly links: CaseLinks;
  readonly answerPings: boolean;
  /** Connects again with the same key; absent where the node has connected to us. */
  readonly redial?: ((options: PeerOptions<M>) => Promise<ScriptedPeer<M>>) | undefined;
}

/** Longer than any case: a peer reads for as long as its connection lasts. */
const FOREVER_MS = 2 ** 31 - 1;
/** BOLT 1: a ping that asks for more than this is not answered. */
const LARGEST_PONG = 65_531;
/** What may lie here unread or set aside: more than any case needs. A node that floods us is cut off. */
const MOST_KEPT = { messages: 20_000, bytes: 128 << 20 };

export class ScriptedPeer<M extends MessageTable = Bolts> implements Peer<M>, OpenLink {
  readonly key: Uint8Array;
  readonly link: number;
  readonly transport: NoiseConnection;
  readonly #table: M;
  readonly #links: CaseLinks;
  readonly #answerPings: boolean;
  readonly #inbox = new Inbox<Arrival>();
  readonly #aside: AnyMessage[] = [];
  readonly #received: ReceivedMessage[] = [];
  readonly #kept = { messages: 0, bytes: 0 };
  readonly #steps: Steps;
  readonly #redial: Parts<M>['redial'];
  #desk: ChannelDesk | undefined;
  /** Feature bits of our own init. */
  #offered: ReadonlySet<number> = new Set();
  #init: KnownMessage<Bolts, 'init'> | undefined;
  #end: (Arrival & { kind: 'ended' }) | undefined;

  constructor({ transport, key, table, link, links, answerPings, redial }: Parts<M>) {
    this.transport = transport;
    this.key = key;
    this.link = link;
    this.#table = table;
    this.#links = links;
    this.#answerPings = answerPings;
    this.#redial = redial;
    this.#steps = new Steps(link, links, (ms, wanted) => this.#next(ms, wanted));
    links.opened(this);
    void this.#read();
  }

  get publicKey(): Uint8Array {
    return this.transport.localPublicKey;
  }

  get init(): KnownMessage<Bolts, 'init'> {
    if (!this.#init)
      throw new BoltgridError(
        'peer.no-init',
        'harness',
        'the node’s init was not awaited on this connection',
      );
    return this.#init;
  }

  get features(): ReadonlySet<number> {
    const { globalfeatures, features } = this.init.fields;
    return combineFeatures(globalfeatures, features);
  }

  get aside(): readonly DecodedMessage<M>[] {
    return this.#aside as unknown as readonly DecodedMessage<M>[];
  }

  get received(): readonly ReceivedMessage[] {
    return this.#received;
  }

  async send<N extends MessageName<M>>(name: N, fields: MessageFields<M, N>): Promise<void> {
    await this.sendRaw(encodeMessage(this.#table, name, fields));
  }

  async sendMalformed<N extends MessageName<M>>(
    name: N,
    fields: MessageFields<M, N>,
    change: Malformation<M, N>,
  ): Promise<void> {
    await this.sendRaw(malformed(this.#table, name, fields, change));
  }

  async sendRaw(message: Uint8Array): Promise<void> {
    if (this.#end) {
      this.#links.transcript.note(this.link, `not sent, the connection has ended: ${message.length} bytes`);
      return;
    }
    this.#links.transcript.message(this.link, 'out', message, this.#named(message));
    try {
      await this.transport.send(message);
    } catch (error) {
      if (isBoltgridError(error) && error.code === 'noise.message-too-long') throw error;
      // The close itself is met by the step that waits next.
      this.#links.transcript.note(this.link, `sending failed: ${messageOf(error)}`);
    }
  }

  async writeFrames(...chunks: readonly Uint8Array[]): Promise<void> {
    const bytes = chunks.reduce((sum, { length }) => sum + length, 0);
    this.#links.transcript.note(this.link, `wrote ${bytes} encrypted bytes in ${chunks.length} chunks`);
    try {
      await this.transport.writeRaw(...chunks);
    } catch (error) {
      this.#links.transcript.note(this.link, `writing failed: ${messageOf(error)}`);
    }
  }

  /** Our first message; apart from `send` because a table of the suite's own need not define it. */
  async sendInit(fields: MessageFields<Bolts, 'init'>): Promise<void> {
    this.#offered = combineFeatures(fields.globalfeatures, fields.features);
    await this.sendRaw(encodeMessage(bolts, 'init', fields));
  }

  async awaitInit(options?: StepOptions): Promise<void> {
    const message = await this.#steps.message(['init'], 'expect init first', options);
    this.#init = message as unknown as KnownMessage<Bolts, 'init'>;
  }

  async expect<N extends MessageName<M>>(
    name: N,
    partial?: Partially<MessageFields<M, N>>,
    options?: StepOptions,
  ): Promise<MessageFields<M, N>> {
    const message = await this.#steps.message([name], `expect ${name}`, options, partial);
    return message.fields as MessageFields<M, N>;
  }

  async expectOneOf<N extends MessageName<M>>(
    names: readonly N[],
    options?: StepOptions,
  ): Promise<KnownMessage<M, N>> {
    const message = await this.#steps.message(names, `expect ${names.join(' or ')}`, options);
    return message as unknown as KnownMessage<M, N>;
  }

  async expectAllOf<N extends MessageName<M>>(
    names: readonly N[],
    options?: StepOptions,
  ): Promise<{ readonly [K in N]: MessageFields<M, K> }> {
    const left = new Set(names);
    const got: Partial<Record<N, unknown>> = {};
    while (left.size > 0) {
      const message = await this.expectOneOf([...left], options);
      left.delete(message.name);
      got[message.name] = message.fields;
    }
    return got as { readonly [K in N]: MessageFields<M, K> };
  }

  async barrier(options?: StepOptions): Promise<readonly DecodedMessage<M>[]> {
    const before = await this.#steps.barrier((length) => this.#sendPing(length), options);
    return before as unknown as readonly DecodedMessage<M>[];
  }

  async expectIgnored(options?: StepOptions): Promise<void> {
    await this.#steps.ignored((length) => this.#sendPing(length), options);
  }

  async expectConnectionClosed(options?: StepOptions): Promise<ClosedWith> {
    return this.#steps.closed(options);
  }

  async expectWarningOrClose(options?: StepOptions): Promise<ClosedWith> {
    return this.#steps.warningOrClosed(options);
  }

  async expectPongOrClose(options?: StepOptions): Promise<ClosedWith | undefined> {
    return this.#steps.pongOrClosed((length) => this.#sendPing(length), options);
  }

  async disconnect(): Promise<void> {
    await this.close();
  }

  async reconnect(options: Pick<PeerOptions<M>, 'features' | 'init'> = {}): Promise<ScriptedPeer<M>> {
    if (!this.#redial)
      throw new BoltgridError('peer.cannot-redial', 'harness', 'the node has connected to this peer');
    if (!this.#end) await this.disconnect();
    const again = await this.#redial(options);
    again.#desk = this.#desk;
    again.#desk?.moveTo(again.#talk());
    return again;
  }

  channel(): PeerChannel {
    return this.#channels.channel();
  }

  openChannel(options?: OpenOptions & EstablishOptions): Promise<PeerChannel> {
    return this.#channels.open(options);
  }

  acceptChannel(options?: AcceptOptions & EstablishOptions & StepOptions): Promise<PeerChannel> {
    return this.#channels.accept(options);
  }

  get #channels(): ChannelDesk {
    this.#desk ??= new ChannelDesk(this.#talk());
    return this.#desk;
  }

  #talk(): Talk {
    return {
      link: this.link,
      links: this.#links,
      key: this.key,
      nodeId: this.transport.remotePublicKey,
      features: { local: this.#offered, remote: this.features },
      post: ({ name, fields }) => this.sendRaw(encodeMessage(bolts, name, fields)),
      hear: async (names, step, options, partial) => {
        const { name, fields } = await this.#steps.message(names, step, options, { ...partial });
        return { name, fields } as unknown as Message;
      },
      refused: (ids, options) => this.#steps.refused(ids, options),
    };
  }

  /** For the examination after a failure: whether this connection still answers. */
  ping(signal: AbortSignal): Promise<void> | undefined {
    if (this.#end || !this.#init) return undefined;
    return this.#steps.answersPing((length) => this.#sendPing(length), signal);
  }

  async close(): Promise<void> {
    await this.transport.close();
  }

  async #sendPing(length: number): Promise<void> {
    await this.sendRaw(encodeMessage(bolts, 'ping', { num_pong_bytes: length, ignored: EMPTY }));
  }

  /** What comes next, aside from what is set aside; the end of the connection again and again, once it has come. */
  async #next(deadline: Deadline, wanted: readonly string[]): Promise<Arrival | undefined> {
    for (;;) {
      const arrival = await this.#inbox.take(deadline, this.#links.signal);
      if (arrival === undefined || arrival.kind === 'ended') return arrival;
      if (arrival.kind === 'message' && !isAskedFor(arrival.message, wanted)) {
        this.#aside.push(arrival.message);
        continue;
      }
      const { raw } = arrival.kind === 'message' ? arrival.message : arrival;
      this.#kept.messages -= 1;
      this.#kept.bytes -= raw.length;
      return arrival;
    }
  }

  async #read(): Promise<void> {
    try {
      for (;;) await this.#arrived(await this.transport.receive({ deadlineMs: FOREVER_MS }));
    } catch (error) {
      const flood = isBoltgridError(error) && error.code === 'peer.flood' ? error : undefined;
      // The rest of a flood is not waited for: closing reads until the other side has closed too.
      if (flood) void this.transport.close();
      const reason = flood
        ? ({ by: 'local', how: 'error', error: flood } as const)
        : await this.transport.closed;
      this.#end = { kind: 'ended', reason, error: error as Error };
      if (reason.by === 'remote' || reason.error) this.#links.transcript.note(this.link, messageOf(error));
      this.#inbox.end(this.#end);
    }
  }

  /** A ping is answered before more is read, so that pongs never pile up for a node that does not take them. */
  async #arrived(bytes: Uint8Array): Promise<void> {
    const arrival = this.#understood(bytes);
    if (arrival.kind === 'message' && arrival.message.name === 'ping') {
      await this.#pong(arrival.message as unknown as KnownMessage<Bolts, 'ping'>);
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
    const { transcript } = this.#links;
    try {
      const message = decoded(this.#table, bytes);
      transcript.message(this.link, 'in', bytes, message);
      this.#received.push({ name: message.name, type: message.type, length: bytes.length });
      return { kind: 'message', message };
    } catch (error) {
      transcript.message(this.link, 'in', bytes, { ...this.#named(bytes), fields: messageOf(error) });
      return { kind: 'undecodable', error: error as Error, raw: bytes };
    }
  }

  async #pong({ fields }: KnownMessage<Bolts, 'ping'>): Promise<void> {
    const length = fields.num_pong_bytes;
    if (this.#answerPings && length <= LARGEST_PONG)
      await this.sendRaw(encodeMessage(bolts, 'pong', { ignored: new Uint8Array(length) }));
  }

  #named(message: Uint8Array): { name?: string | undefined; fields?: unknown } {
    const type = ((message[0] ?? 0) << 8) | (message[1] ?? 0);
    try {
      return decoded(this.#table, message);
    } catch {
      return message.length < 2 ? {} : { name: messageName(this.#table, type) };
    }
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
