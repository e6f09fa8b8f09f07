import type { AcceptOptions, EstablishOptions, OpenOptions, PeerChannel } from './channel/types.ts';
import type { NoiseConnection } from '../noise/connection.ts';
import type { HandshakeDone } from '../noise/handshake.ts';
import type { CloseReason } from '../noise/transport.ts';
import type { RequirementId } from '../spec/requirement.ts';
import type { Bolts } from '../wire/bolts.ts';
import type { Malformation } from '../wire/malformed.ts';
import type {
  DecodedMessage,
  KnownMessage,
  MessageFields,
  MessageName,
  MessageTable,
} from '../wire/types.ts';

export interface PeerOptions<M extends MessageTable = Bolts> {
  /**
   * What our init offers: `default` (what a usual peer offers, without v2 opens, splicing and quiescence), `minimal` (only what
   * BOLT 9 calls ASSUMED), or the default with bits added and dropped.
   */
  readonly features?: 'default' | 'minimal' | FeatureChange;
  /** Fields of our init that differ from what the features give; `false` sends no init at all. */
  readonly init?: Partial<MessageFields<Bolts, 'init'>> | false;
  /** Connect with this key again instead of a fresh one (`peer.key` of another peer). */
  readonly key?: Uint8Array;
  /** More messages than the BOLTs define, for suites out of tree. */
  readonly messages?: M;
  /**
   * Whether pings of the node are answered (the default). Not for cases that write frames by hand: a pong in the middle of a frame, or
   * between frames that are counted, would spoil what they say.
   */
  readonly answerPings?: boolean;
  /** Whether to wait for the node's init (the default). */
  readonly awaitInit?: boolean;
}

export interface FeatureChange {
  readonly add?: readonly number[];
  readonly drop?: readonly number[];
}

export interface StepOptions {
  /** Charged when the step fails; the case's own requirement when not given. */
  readonly requirement?: RequirementId;
  /** How long the node may take; its manifest's `timing.answerMs` when not given. */
  readonly withinMs?: number;
}

export type Partially<T> = { readonly [K in keyof T]?: T[K] };

/**
 * The scripted peer. Answers pings by itself; sets gossip, queries, `peer_storage` and unknown odd messages aside
 * (they stay in the transcript and in `aside`). `error`, `warning` and a close end a waiting step at once, as what was got.
 */
export interface Peer<M extends MessageTable = Bolts> {
  /** Our static private key on this connection. */
  readonly key: Uint8Array;
  readonly publicKey: Uint8Array;
  /** Below the messages: `encrypt` makes the frames that `writeFrames` takes. */
  readonly transport: NoiseConnection;
  /** The node's init on this connection. Throws `peer.no-init` before it came. */
  readonly init: KnownMessage<Bolts, 'init'>;
  /** Feature bits of `init`, both bitmaps combined (BOLT 1). */
  readonly features: ReadonlySet<number>;
  readonly aside: readonly DecodedMessage<M>[];
  /** Every message that came, in order, in brief: pings and what is set aside too. */
  readonly received: readonly ReceivedMessage[];

  /** To a connection that the node has closed nothing is sent, and the next step sees the close. */
  send<N extends MessageName<M>>(name: N, fields: MessageFields<M, N>): Promise<void>;
  /** A message that breaks the wire format on purpose. */
  sendMalformed<N extends MessageName<M>>(
    name: N,
    fields: MessageFields<M, N>,
    change: Malformation<M, N>,
  ): Promise<void>;
  /** Bytes as they are: type and payload, or anything else. */
  sendRaw(message: Uint8Array): Promise<void>;
  /**
   * Below the messages: frames of `transport.encrypt`, whole, cut or spoiled. Each chunk is written apart. As with `send`, a
   * connection that the node has closed is met by the next step.
   */
  writeFrames(...chunks: readonly Uint8Array[]): Promise<void>;

  expect<N extends MessageName<M>>(
    name: N,
    partial?: Partially<MessageFields<M, N>>,
    options?: StepOptions,
  ): Promise<MessageFields<M, N>>;
  expectOneOf<N extends MessageName<M>>(
    names: readonly N[],
    options?: StepOptions,
  ): Promise<KnownMessage<M, N>>;
  /** All of them, in any order. */
  expectAllOf<N extends MessageName<M>>(
    names: readonly N[],
    options?: StepOptions,
  ): Promise<{ readonly [K in N]: MessageFields<M, K> }>;
  /** Ping and pong; what came before the pong is returned (aside from what is set aside). Shows that the node still serves us. */
  barrier(options?: StepOptions): Promise<readonly DecodedMessage<M>[]>;
  /** What was just sent must have no visible effect: a barrier, and nothing but the pong may come. */
  expectIgnored(options?: StepOptions): Promise<void>;
  /** The node may send `error` or `warning` first; then it must close. Returns what it said. */
  expectConnectionClosed(options?: StepOptions): Promise<ClosedWith>;
  /** A warning, or a close (with or without `error`). */
  expectWarningOrClose(options?: StepOptions): Promise<ClosedWith>;
  /**
   * For what a node may refuse: it closes, or goes on and answers a later ping. Returns how it closed, `undefined` when it went
   * on. What else it says (see `received`) is not judged.
   */
  expectPongOrClose(options?: StepOptions): Promise<ClosedWith | undefined>;
  /** Closes our side in order and waits for the node's. */
  disconnect(): Promise<void>;
  /**
   * Disconnects, if that is still to be done, and connects again with the same key and init. Channels of ours go on over the new
   * connection, beginning with `reestablish`; those without first commitments are forgotten. Not for a peer to which the node has connected.
   */
  reconnect(options?: Pick<PeerOptions, 'features' | 'init'>): Promise<Peer<M>>;

  /** A channel of which nothing has been said yet: for its steps one at a time. As accepter, it first expects `open_channel`. */
  channel(): PeerChannel;
  /** Opens a channel and waits until it is ready on both sides. */
  openChannel(options?: OpenOptions & EstablishOptions): Promise<PeerChannel>;
  /** Waits for the node's `open_channel`, accepts it, and waits until the channel is ready on both sides. */
  acceptChannel(options?: AcceptOptions & EstablishOptions & StepOptions): Promise<PeerChannel>;
}

export interface ReceivedMessage {
  /** `undefined` for a type that the table does not define. */
  readonly name: string | undefined;
  readonly type: number;
  /** In bytes, the type included. */
  readonly length: number;
}

export interface ClosedWith {
  /** What it said before: `error` and `warning`, in order. */
  readonly messages: readonly DecodedMessage[];
  /** Absent when it only warned. */
  readonly reason?: CloseReason;
}

/** A TCP connection without anything on it. */
export interface RawLink {
  /** Resolves when flushed. `chunks` are written apart, each in a TCP segment of its own as far as the system allows. */
  write(...chunks: readonly Uint8Array[]): Promise<void>;
  /** Exactly `length` bytes. */
  read(length: number, options?: StepOptions): Promise<Uint8Array>;
  /** The node must end the connection without sending a byte more. */
  expectClosedSilently(options?: StepOptions): Promise<void>;
  /** Only that it ends. Returns the bytes that came first. */
  expectClosed(options?: StepOptions): Promise<Uint8Array>;
  /** The rest of the connection as a peer, when the acts have been spoken by hand. */
  peer(
    done: HandshakeDone,
    options?: Pick<PeerOptions, 'features' | 'init' | 'awaitInit' | 'answerPings'>,
  ): Promise<Peer>;
  close(): Promise<void>;
}

export interface Listener {
  readonly host: string;
  readonly port: number;
  /** Our static key, to which the node is told to connect. */
  readonly key: Uint8Array;
  readonly publicKey: Uint8Array;
  /** The next connection of the node, nothing spoken yet. */
  accept(options?: StepOptions): Promise<RawLink>;
  /** The next connection, with the handshake done as responder and init exchanged. */
  acceptPeer(options?: StepOptions & { readonly init?: PeerOptions['init'] }): Promise<Peer>;
}
