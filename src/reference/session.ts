import { toHex } from '../core/bytes.ts';
import { BoltgridError, messageOf } from '../core/error.ts';
import type { MessageTransport } from '../noise/transport.ts';
import { bolts } from '../wire/bolts.ts';
import { encodeMessage } from '../wire/codec.ts';
import type { Bolts } from '../wire/bolts.ts';
import type { MessageFields } from '../wire/types.ts';
import type { ChannelMessages } from './dispatch.ts';
import { reactTo } from './dispatch.ts';
import type { KnownBoltMessage } from './rules/messages.ts';
import { greeting, readFirstMessage } from './init-exchange.ts';
import type { Rules } from './rules.ts';
import type { InitFields } from './rules/init.ts';
import type { Action, NodeFacts, PeerAddress, Situation } from './situation.ts';

/** The longest wait that a timer takes: a peer may be silent for as long as it likes. */
const FOREVER_MS = 2_147_483_647;

/** What a session needs of its node. */
export interface SessionHost {
  readonly rules: Rules;
  readonly keepAliveMs: number | undefined;
  facts(): NodeFacts;
  blobOf(publicKey: Uint8Array): Uint8Array | undefined;
  store(publicKey: Uint8Array, blob: Uint8Array): void;
  log(line: string): void;
  readonly channels: {
    receive(session: Session, message: KnownBoltMessage): boolean;
    errorCame(session: Session, fields: MessageFields<Bolts, 'error'>): void;
  };
  /** Init has gone both ways. */
  isReady(session: Session): void;
  /** Nothing more is exchanged; the connection may still be closing. */
  hasEnded(session: Session): void;
}

export interface SessionOrigin {
  readonly inbound: boolean;
  readonly address?: PeerAddress | undefined;
}

/** One authenticated connection from init to its end: what arrives goes to the rules, what they say is done. */
export class Session {
  readonly publicKey: Uint8Array;
  readonly inbound: boolean;
  readonly address: PeerAddress | undefined;
  /** Resolves when init has gone both ways; rejects with `reference.ended` when the connection ends before. */
  readonly ready: Promise<void>;
  readonly #transport: MessageTransport;
  readonly #host: SessionHost;
  readonly #channelMessages: ChannelMessages;
  #init: InitFields | undefined;
  #features: ReadonlySet<number> = new Set();
  #keepAlive: NodeJS.Timeout | undefined;
  #markReady: () => void = () => undefined;
  #markEnded: (error: Error) => void = () => undefined;

  constructor(transport: MessageTransport, { inbound, address }: SessionOrigin, host: SessionHost) {
    this.publicKey = transport.remotePublicKey;
    this.inbound = inbound;
    this.address = address;
    this.#transport = transport;
    this.#host = host;
    this.#channelMessages = {
      receive: (message) => host.channels.receive(this, message),
      errorCame: (fields) => {
        host.channels.errorCame(this, fields);
      },
    };
    this.ready = new Promise((resolve, reject) => {
      this.#markReady = resolve;
      this.#markEnded = reject;
    });
    // Only who dialled waits for it.
    this.ready.catch(() => undefined);
  }

  get isReady(): boolean {
    return this.#init !== undefined;
  }

  /** Of the peer's init, both bitmaps combined. */
  get features(): ReadonlySet<number> {
    return this.#features;
  }

  /** Speaks with the peer until the connection has ended. Never rejects: what a peer does stays with this peer. */
  async run(): Promise<void> {
    let reason = 'closed';
    try {
      for (const message of greeting(this.#host.rules, this.situation())) await this.#transport.send(message);
      let going = await this.#exchangeInit();
      while (going)
        going = await this.#perform(
          reactTo(this.#host.rules, await this.#next(), this.situation(), this.#channelMessages),
        );
    } catch (error) {
      reason = messageOf(error);
    }
    clearInterval(this.#keepAlive);
    this.#init = undefined;
    this.#markEnded(
      new BoltgridError('reference.ended', 'node', `the connection ended before init: ${reason}`),
    );
    this.#log(`connection ended: ${reason}`);
    this.#host.hasEnded(this);
    await this.#transport.close().catch(() => undefined);
  }

  /** Rejects with `noise.closed` when the connection has ended. */
  send(message: Uint8Array): Promise<void> {
    return this.#transport.send(message);
  }

  /** Queues a message after those that were sent before. One that cannot be sent is lost, as the connection is. */
  post(message: Uint8Array): void {
    this.#transport.send(message).catch(() => undefined);
  }

  close(): Promise<void> {
    return this.#transport.close();
  }

  async #exchangeInit(): Promise<boolean> {
    for (;;) {
      const first = readFirstMessage(this.#host.rules, await this.#next(), this.situation());
      if (first.accepted) {
        this.#init = first.accepted;
        this.#features = first.features;
        break;
      }
      if (!(await this.#perform(first.actions))) return false;
    }
    const going = await this.#perform(this.#host.rules.storage.reconnected(this.situation()));
    this.#startKeepAlive();
    this.#markReady();
    this.#host.isReady(this);
    return going;
  }

  #next(): Promise<Uint8Array> {
    return this.#transport.receive({ deadlineMs: FOREVER_MS });
  }

  /** `false` when the connection is to end. */
  async #perform(actions: readonly Action[]): Promise<boolean> {
    for (const action of actions) {
      switch (action.do) {
        case 'send':
          await this.#transport.send(action.message);
          break;
        case 'store':
          this.#host.store(this.publicKey, action.blob);
          break;
        case 'log':
          this.#log(action.text);
          break;
        case 'close':
          this.#log(`closing: ${action.reason}`);
          if (!action.silently) await this.#sayFarewell(action.reason);
          return false;
      }
    }
    return true;
  }

  async #sayFarewell(reason: string): Promise<void> {
    for (const message of this.#host.rules.messages.farewell(reason, this.situation())) {
      await this.#transport.send(message);
    }
  }

  #startKeepAlive(): void {
    const { keepAliveMs, rules } = this.#host;
    if (keepAliveMs === undefined) return;
    this.#keepAlive = setInterval(() => {
      const ping = encodeMessage(bolts, 'ping', rules.control.ownPing(this.situation()));
      this.#transport.send(ping).catch(() => undefined);
    }, keepAliveMs);
  }

  /** What the rules may look at. */
  situation(): Situation {
    const { publicKey, inbound, address } = this;
    const blob = this.#host.blobOf(publicKey);
    return {
      node: this.#host.facts(),
      peer: { publicKey, inbound, address, init: this.#init, features: this.#features, blob },
    };
  }

  #log(text: string): void {
    this.#host.log(`${toHex(this.publicKey)}: ${text}`);
  }
}
