import { EMPTY } from '../core/bytes.ts';
import { BoltgridError, isBoltgridError, messageOf } from '../core/error.ts';
import type { NoiseConnection } from '../noise/connection.ts';
import { bolts, type Bolts } from '../wire/bolts.ts';
import { encodeMessage } from '../wire/codec.ts';
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
import type { AnyMessage } from './arrivals.ts';
import { named, Reception } from './reception.ts';
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

/** BOLT 1: a ping that asks for more than this is not answered. */
const LARGEST_PONG = 65_531;

export class ScriptedPeer<M extends MessageTable = Bolts> implements Peer<M>, OpenLink {
  readonly key: Uint8Array;
  readonly link: number;
  readonly transport: NoiseConnection;
  readonly #table: M;
  readonly #links: CaseLinks;
  readonly #reception: Reception;
  readonly #steps: Steps;
  readonly #redial: Parts<M>['redial'];
  #desk: ChannelDesk | undefined;
  /** Feature bits of our own init. */
  #offered: ReadonlySet<number> = new Set();
  #init: KnownMessage<Bolts, 'init'> | undefined;

  constructor({ transport, key, table, link, links, answerPings, redial }: Parts<M>) {
    this.transport = transport;
    this.key = key;
    this.link = link;
    this.#table = table;
    this.#links = links;
    this.#redial = redial;
    const pinged = (ping: AnyMessage): Promise<void> => (answerPings ? this.#pong(ping) : Promise.resolve());
    this.#reception = new Reception({ transport, table, link, links, pinged });
    this.#steps = new Steps(link, links, (ms, wanted) => this.#reception.next(ms, wanted));
    links.opened(this);
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
    return this.#reception.aside as unknown as readonly DecodedMessage<M>[];
  }

  get received(): readonly ReceivedMessage[] {
    return this.#reception.received;
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
    if (this.#reception.hasEnded) {
      this.#links.transcript.note(this.link, `not sent, the connection has ended: ${message.length} bytes`);
      return;
    }
    this.#links.transcript.message(this.link, 'out', message, named(this.#table, message));
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
    if (!this.#reception.hasEnded) await this.disconnect();
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
      refused: async (ids, options) => {
        const { came, ...refused } = await this.#steps.refused(ids, options);
        return came ? { ...refused, came: came as unknown as Message } : refused;
      },
    };
  }

  /** For the examination after a failure: whether this connection still answers. */
  ping(signal: AbortSignal): Promise<void> | undefined {
    if (this.#reception.hasEnded || !this.#init) return undefined;
    return this.#steps.answersPing((length) => this.#sendPing(length), signal);
  }

  async close(): Promise<void> {
    await this.transport.close();
  }

  async #sendPing(length: number): Promise<void> {
    await this.sendRaw(encodeMessage(bolts, 'ping', { num_pong_bytes: length, ignored: EMPTY }));
  }

  async #pong({ fields }: AnyMessage): Promise<void> {
    const length = fields.num_pong_bytes as number;
    if (length <= LARGEST_PONG)
      await this.sendRaw(encodeMessage(bolts, 'pong', { ignored: new Uint8Array(length) }));
  }
}
