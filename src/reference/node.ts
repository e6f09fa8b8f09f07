import type { Socket } from 'node:net';
import { toHex } from '../core/bytes.ts';
import { withDeadline } from '../core/deadline.ts';
import { BoltgridError, messageOf } from '../core/error.ts';
import { defaultCrypto } from '../crypto/crypto.ts';
import { openSocket } from '../noise/socket.ts';
import type { MessageTransport } from '../noise/transport.ts';
import type { Chain } from '../chain/chain.ts';
import { BlobStore } from './blob-store.ts';
import { ChannelKeys } from './channels/channel-keys.ts';
import { ChannelDesk } from './channels/desk.ts';
import type { NodeState } from './channels/state.ts';
import type { GossipKeys, NodeLook, OwnGossip } from './gossip.ts';
import { lookAnew, makeGossip } from './gossip.ts';
import { initiate, respond } from './handshake.ts';
import { privateKeyOf } from './identity.ts';
import { RuledLink } from './link.ts';
import type { Listener } from './listener.ts';
import { listen } from './listener.ts';
import { Log } from './log.ts';
import type { ReferenceOptions, Settings } from './options.ts';
import { settingsOf } from './options.ts';
import { absentPeer, type NodeFacts } from './situation.ts';
import type { SessionHost, SessionOrigin } from './session.ts';
import { Session } from './session.ts';

/** For an incoming connection to get through the acts, and for an outgoing one to get as far as init. */
const HANDSHAKE_MS = 60_000;
const CONNECT_MS = 10_000;

export interface ReferencePeer {
  readonly publicKey: Uint8Array;
  readonly inbound: boolean;
  /** Of its init, both bitmaps combined. */
  readonly features: ReadonlySet<number>;
  readonly host: string | undefined;
  readonly port: number | undefined;
}

type LookChange = { readonly [K in keyof NodeLook]?: NodeLook[K] | undefined };

/**
 * A Lightning node of our own engine whose every decision is an entry of a rule table. It listens on TCP; tests may hand it a
 * transport of their own with `attach`.
 */
export class ReferenceNode {
  readonly publicKey: Uint8Array;
  readonly host: string;
  readonly features: ReadonlySet<number>;
  readonly #settings: Settings;
  readonly #keys: GossipKeys;
  readonly #log = new Log();
  readonly #blobs = new BlobStore();
  readonly #sockets = new Set<Socket>();
  readonly #sessions = new Map<Session, Promise<void>>();
  /** By public key, the connection that counts. */
  readonly #peers = new Map<string, Session>();
  readonly #listeners = new Set<() => void>();
  #stopping = new AbortController();
  readonly #snapshots = new Map<string, NodeState>();
  /** Without a chain there are no channels. */
  readonly #desk: ChannelDesk | undefined;
  #gossip: OwnGossip;
  #look: NodeLook;
  #listener: Listener | undefined;
  /** Kept over a stop, so that a node comes back where it was. */
  #port: number;

  constructor(settings: Settings) {
    this.#settings = settings;
    this.#keys = {
      node: privateKeyOf(settings.seed, 'node'),
      funding: privateKeyOf(settings.seed, 'funding'),
      partner: privateKeyOf(settings.seed, 'partner'),
      partnerFunding: privateKeyOf(settings.seed, 'partner funding'),
    };
    this.publicKey = defaultCrypto.curve.publicKey(this.#keys.node);
    this.host = settings.host;
    this.features = new Set(settings.features);
    this.#look = settings.look;
    this.#port = settings.port;
    this.#gossip = makeGossip(this.#keys, settings.look, {
      features: this.features,
      chainHash: settings.chainHash,
      timestamp: settings.now(),
      rules: settings.rules.gossip,
    });
    this.#desk = settings.chain && this.#openDesk(settings.chain);
  }

  /** Its channels, wallet and payments. Throws `reference.no-chain`. */
  get desk(): ChannelDesk {
    if (this.#desk) return this.#desk;
    throw new BoltgridError('reference.no-chain', 'user', 'the node has no chain, and so no channels');
  }

  /** Whether it has a chain. */
  get hasDesk(): boolean {
    return this.#desk !== undefined;
  }

  /** Where it listens, or listened. */
  get port(): number {
    return this.#port;
  }

  get isListening(): boolean {
    return this.#listener !== undefined;
  }

  get gossip(): OwnGossip {
    return this.#gossip;
  }

  get look(): NodeLook {
    return this.#look;
  }

  /** Peers with which init has gone both ways. */
  peers(): readonly ReferencePeer[] {
    return [...this.#peers.values()]
      .filter((session) => session.isReady)
      .map(({ publicKey, inbound, features, address }) => ({
        publicKey,
        inbound,
        features,
        host: address?.host,
        port: address?.port,
      }));
  }

  /** Resolves once it accepts connections; after a `stop` on the same port, its blobs kept. Throws `reference.listen-failed`. */
  async listen(): Promise<void> {
    this.#stopping = new AbortController();
    await this.#desk?.start();
    this.#listener = await listen(this.host, this.#port, (socket) => {
      void this.#accept(socket);
    });
    this.#port = this.#listener.port;
  }

  /**
   * Connects, and resolves when init has gone both ways; at once with a peer that is connected. Rejects, blamed on the other
   * side: `noise.connect-failed`, `noise.act2.*`, `core.deadline`, `reference.ended`.
   */
  async connect(host: string, port: number, publicKey: Uint8Array): Promise<void> {
    await withDeadline(
      `connecting to ${host}:${port}`,
      CONNECT_MS,
      async (signal) => {
        const session =
          this.#peers.get(toHex(publicKey)) ?? (await this.#dial(host, port, publicKey, signal));
        await session.ready;
      },
      this.#stopping.signal,
    );
  }

  /** Takes over a connection whose handshake is done, on any transport. */
  attach(transport: MessageTransport, origin: SessionOrigin): Session {
    const session = new Session(transport, origin, this.#sessionHost());
    const key = toHex(session.publicKey);
    const older = this.#peers.get(key);
    const decision = older && this.#settings.rules.connections.second();
    if (decision !== 'refuse') this.#peers.set(key, session);
    this.#sessions.set(
      session,
      session.run().finally(() => {
        this.#sessions.delete(session);
      }),
    );
    if (decision === 'replace') void older?.close();
    if (decision === 'refuse') void session.close();
    return session;
  }

  /** Resolves when the connection is gone; at once where there is none. */
  async disconnect(publicKey: Uint8Array): Promise<void> {
    const session = this.#peers.get(toHex(publicKey));
    if (!session) return;
    await session.close();
    await this.#sessions.get(session);
  }

  /** Rejects with `reference.not-connected`. */
  async send(publicKey: Uint8Array, message: Uint8Array): Promise<void> {
    const session = this.#peers.get(toHex(publicKey));
    if (!session?.isReady)
      throw new BoltgridError('reference.not-connected', 'user', 'no such peer is connected');
    await session.send(message);
  }

  /** Makes a newer node_announcement. */
  setLook({ alias = this.#look.alias, color = this.#look.color }: LookChange): void {
    this.#look = { alias, color };
    this.#gossip = lookAnew(this.#gossip, this.#keys.node, this.#look, {
      features: this.features,
      now: this.#settings.now(),
      rules: this.#settings.rules.gossip,
    });
  }

  /** Keeps a copy of its channels and payments, in place of an earlier one of this name. */
  snapshot(name: string): void {
    this.#snapshots.set(name, this.desk.snapshot());
  }

  /** Of a node that is stopped. Throws `reference.no-snapshot`. */
  restore(name: string): void {
    const state = this.#snapshots.get(name);
    if (!state) throw new BoltgridError('reference.no-snapshot', 'user', `there is no snapshot ${name}`);
    this.desk.restore(state);
  }

  /** The newest lines of its log, oldest first, as they are. */
  logTail(lines: number): readonly string[] {
    return this.#log.tail(lines);
  }

  /** Calls back when a peer is ready or gone. Returns the unsubscriber. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Resolves when nothing of it is left: no port, no connection, no timer. Idempotent. */
  async stop(): Promise<void> {
    this.#stopping.abort(new BoltgridError('core.cancelled', 'user', 'the reference node was stopped'));
    const closed = this.#listener?.close();
    this.#listener = undefined;
    await Promise.all([...this.#sessions].map(([session, ended]) => Promise.all([session.close(), ended])));
    for (const socket of this.#sockets) socket.destroy();
    await closed;
    await this.#desk?.stop();
  }

  async #accept(socket: Socket): Promise<void> {
    this.#track(socket);
    const { remoteAddress: host, remotePort: port } = socket;
    try {
      const limits = { deadlineMs: HANDSHAKE_MS, signal: this.#stopping.signal };
      const done = await respond(socket, this.#handshakeSide(), limits);
      const address = host === undefined || port === undefined ? undefined : { host, port };
      this.attach(new RuledLink(socket, done, this.#settings.rules.transport), { inbound: true, address });
    } catch (error) {
      this.#log.add(`incoming connection: ${messageOf(error)}`);
    }
  }

  async #dial(host: string, port: number, publicKey: Uint8Array, signal: AbortSignal): Promise<Session> {
    const limits = { deadlineMs: CONNECT_MS, signal };
    const socket = this.#track(await openSocket({ host, port }, limits));
    const done = await initiate(socket, publicKey, this.#handshakeSide(), limits);
    const link = new RuledLink(socket, done, this.#settings.rules.transport);
    const session = this.attach(link, { inbound: false, address: { host, port } });
    signal.addEventListener('abort', () => void session.close(), { once: true });
    return session;
  }

  #track(socket: Socket): Socket {
    this.#sockets.add(socket);
    socket.once('close', () => this.#sockets.delete(socket));
    return socket;
  }

  #handshakeSide() {
    return { localPrivateKey: this.#keys.node, rules: this.#settings.rules.handshake };
  }

  #sessionHost(): SessionHost {
    const { rules, keepAliveMs } = this.#settings;
    return {
      rules,
      keepAliveMs,
      facts: () => this.#facts(),
      blobOf: (publicKey) => this.#blobs.get(publicKey),
      store: (publicKey, blob) => {
        this.#blobs.set(publicKey, blob);
      },
      log: (line) => {
        this.#log.add(line);
      },
      channels: {
        receive: (session, message) => this.#desk?.channels.receive(session, message) ?? false,
        errorCame: (session, fields) => this.#desk?.channels.errorCame(session, fields),
      },
      isReady: (session) => {
        this.#desk?.channels.connected(session);
        this.#changed();
      },
      hasEnded: (session) => {
        const key = toHex(session.publicKey);
        if (this.#peers.get(key) === session) this.#peers.delete(key);
        this.#desk?.channels.disconnected(session);
        this.#changed();
      },
    };
  }

  #facts(): NodeFacts {
    const { chainHash } = this.#settings;
    return { publicKey: this.publicKey, features: this.features, chainHash, gossip: this.#gossip };
  }

  #openDesk(chain: Chain): ChannelDesk {
    const { rules, chainHash, seed, now } = this.#settings;
    return new ChannelDesk({
      rules,
      chain,
      chainHash,
      now,
      keys: new ChannelKeys(seed),
      features: this.features,
      situationOf: (publicKey) => ({ node: this.#facts(), peer: absentPeer(publicKey) }),
      log: (line) => {
        this.#log.add(line);
      },
      changed: () => {
        this.#changed();
      },
    });
  }

  #changed(): void {
    for (const listener of this.#listeners) listener();
  }
}

/** Starts one and resolves when it listens. Throws `reference.listen-failed`. */
export async function startReference(options: ReferenceOptions): Promise<ReferenceNode> {
  const node = new ReferenceNode(settingsOf(options));
  await node.listen();
  return node;
}
