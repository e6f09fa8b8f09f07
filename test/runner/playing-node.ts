import { once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { fromHex, toHex } from '../../src/core/bytes.ts';
import { defaultCrypto } from '../../src/crypto/crypto.ts';
import { acceptNoise, type NoiseConnection } from '../../src/noise/connection.ts';
import { prepare } from '../../src/noise/socket.ts';
import type { RunningNode } from '../../src/nodes/node.ts';
import type { RecordedCase, RecordedEntry, RecordedNode } from './recorded.ts';

const HOST = '127.0.0.1';
const KEY = new Uint8Array(32).fill(0x52);
/** Only for what goes wrong: nothing of a replay waits for this to pass. */
const DEADLINE_MS = 10_000;

const CLOSED = 'the other side closed the connection';
const RESET = 'the other side reset the connection';
/** What else is told of a connection, and is not for the node to do. */
const PASSED_OVER =
  /^(connected; (no handshake yet|handshake done as initiator)|handshake done by hand|(wrote|read) \d+ bytes: |not sent, the connection has ended: |sending failed: )/;

/**
 * A node in this process that says on each connection what a recorded one said, behind our own Noise engine: before each of its
 * messages it awaits what we had sent by then. What we send must be, byte for byte, what was sent then.
 */
export class PlayingNode {
  readonly running: RunningNode;
  /** Where the conversation was not the recorded one. */
  readonly departures: string[] = [];
  readonly #recorded: RecordedCase;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #conversations: Promise<void>[] = [];

  private constructor(server: Server, node: RecordedNode, recorded: RecordedCase) {
    this.#server = server;
    this.#recorded = recorded;
    this.running = runningNode(node, (server.address() as AddressInfo).port);
    let link = 0;
    server.on('connection', (socket) => {
      prepare(socket);
      this.#sockets.add(socket);
      this.#conversations.push(this.#converse(socket, link++));
    });
  }

  static async start(node: RecordedNode, recorded: RecordedCase): Promise<PlayingNode> {
    const server = createServer();
    server.listen(0, HOST);
    await once(server, 'listening');
    return new PlayingNode(server, node, recorded);
  }

  /** Ends it, when every conversation has come to its end. */
  async stop(): Promise<void> {
    this.#server.close();
    await Promise.all(this.#conversations);
    const links = new Set(this.#recorded.transcript.map(({ link }) => link));
    if (this.#conversations.length < links.size)
      this.departures.push(`${this.#conversations.length} connections instead of ${links.size}`);
    for (const socket of this.#sockets) socket.destroy();
  }

  async #converse(socket: Socket, link: number): Promise<void> {
    const of = (wanted: number): RecordedEntry[] =>
      this.#recorded.transcript.filter((entry) => entry.link === wanted);
    const entries = of(link);
    try {
      const transport = await acceptNoise(socket, { localPrivateKey: KEY, deadlineMs: DEADLINE_MS });
      // One connection more than the case had: a fresh peer, by which the runner sees whether the node is alive.
      if (entries.length === 0) await greet(transport, of(0));
      else await play(transport, socket, entries);
    } catch (error) {
      this.departures.push(`connection ${link}: ${String(error)}`);
      socket.destroy();
    }
  }
}

async function play(transport: NoiseConnection, socket: Socket, entries: RecordedEntry[]): Promise<void> {
  const early: string[] = [];
  for (const { dir, hex = '', text = '' } of entries) {
    if (dir === 'in') await transport.send(fromHex(hex));
    else if (dir === 'out') await hear(transport, early, hex);
    else if (text === RESET) {
      socket.resetAndDestroy();
      return;
    } else if (text === CLOSED) {
      await transport.close();
      return;
    } else if (!PASSED_OVER.test(text)) throw new TypeError(`cannot play: ${text}`);
  }
  if (early.length > 0) throw new TypeError(`heard besides: ${early.join(', ')}`);
  const { by } = await transport.closed;
  if (by !== 'remote') throw new TypeError('the connection was not closed by the case');
}

/** Our pongs go out when the node's pings come in, so between them and what a case sends there is no order. `early` came before its turn. */
async function hear(transport: NoiseConnection, early: string[], hex: string): Promise<void> {
  const isPong = (message: string): boolean => message.startsWith('0013');
  for (;;) {
    const at = early.findIndex((message) => isPong(message) === isPong(hex));
    const [held] = at < 0 ? [] : early.splice(at, 1);
    const heard = held ?? toHex(await transport.receive({ deadlineMs: DEADLINE_MS }));
    if (heard === hex) return;
    if (isPong(heard) === isPong(hex)) throw new TypeError(`heard ${heard} instead of ${hex}`);
    early.push(heard);
  }
}

async function greet(transport: NoiseConnection, entries: RecordedEntry[]): Promise<void> {
  const init = entries.find(({ dir }) => dir === 'in');
  await transport.send(fromHex(init?.hex ?? ''));
}

function runningNode({ node, reported, image }: RecordedNode, port: number): RunningNode {
  const publicKey = defaultCrypto.curve.publicKey(KEY);
  const [implementation = '', rest = ''] = node.split('@');
  const [version = '', profile = 'default'] = rest.split('+');
  return {
    id: node,
    identity: {
      id: node,
      implementation,
      version,
      profile,
      build: image.digest,
      reported,
      publicKey: toHex(publicKey),
    },
    publicKey,
    host: HOST,
    port,
    announced: { host: HOST, port },
    runsIn: 'process',
    back: { listen: HOST, dial: HOST },
    // The second half of a barrier asks for it; nobody looks at the answer.
    operations: new Set(['info']),
    missing: new Map(),
    lacks: new Map(),
    call: () => Promise.resolve({} as never),
    onChange: () => () => undefined,
    exited: new Promise(() => undefined),
    logTail: () => Promise.resolve([]),
    usage: () => Promise.resolve({ memoryBytes: 0 }),
    stop: () => Promise.resolve(),
  };
}
