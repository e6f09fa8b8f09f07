import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { onTestFinished } from 'vitest';
import { concat, EMPTY } from '../../src/core/bytes.ts';
import { acceptNoise } from '../../src/noise/connection.ts';
import type { NoiseConnection } from '../../src/noise/connection.ts';
import { connectPeer } from '../../src/peer/connect.ts';
import type { ScriptedPeer } from '../../src/peer/scripted-peer.ts';
import type { CaseLinks, OpenLink, Remote } from '../../src/peer/shared.ts';
import { stepFailureOf, type StepFailure } from '../../src/peer/step.ts';
import { Transcript } from '../../src/peer/transcript.ts';
import type { PeerOptions } from '../../src/peer/types.ts';
import { bolts, type Bolts } from '../../src/wire/bolts.ts';
import { decodeMessage, encodeMessage } from '../../src/wire/codec.ts';
import { encodeFeatures } from '../../src/wire/features.ts';
import type { DecodedMessage, MessageFields, MessageName, MessageTable } from '../../src/wire/types.ts';
import { deadlineMs, HOST, publicKey, rejection, serverKey, soon } from '../noise/loopback.ts';

export const peerKey = new Uint8Array(32).fill(0x31);
/** For what never comes: the steps that wait for it end then. */
export const SHORT = { withinMs: 60 } as const;

/** A case's connections, with what they told it. All are closed when the test ends. */
export class TestLinks implements CaseLinks {
  readonly transcript = new Transcript();
  readonly answerMs = deadlineMs;
  readonly heldSteps: (readonly [requirement: string | undefined, step: string])[] = [];
  readonly links: OpenLink[] = [];
  readonly #ended = new AbortController();
  readonly signal = this.#ended.signal;
  nodeSpeaks?: () => Promise<unknown>;

  constructor() {
    onTestFinished(async () => {
      await Promise.all(this.links.map((link) => link.close()));
    });
  }

  readonly held = (requirement: string | undefined, step: string): void => {
    this.heldSteps.push([requirement, step]);
  };

  readonly opened = (link: OpenLink): void => {
    this.links.push(link);
  };

  end(reason: Error): void {
    this.#ended.abort(reason);
  }

  notes(): (string | undefined)[] {
    return this.transcript
      .entries()
      .filter(({ dir }) => dir === 'note')
      .map(({ text }) => text);
  }
}

/** A program on loopback that takes connections and does with each what its test says. */
export class Counterpart {
  readonly remote: Remote;
  readonly #sockets: Socket[] = [];
  #waiting: ((socket: Socket) => void)[] = [];

  private constructor(port: number) {
    this.remote = { host: HOST, port, publicKey: publicKey(serverKey) };
  }

  static async start(): Promise<Counterpart> {
    const server = createServer();
    server.listen(0, HOST);
    await once(server, 'listening');
    const counterpart = new Counterpart((server.address() as AddressInfo).port);
    server.on('connection', (socket) => {
      counterpart.#take(socket);
    });
    onTestFinished(() => {
      server.close();
    });
    return counterpart;
  }

  socket(): Promise<Socket> {
    const [socket] = this.#sockets.splice(0, 1);
    return socket ? Promise.resolve(socket) : new Promise((resolve) => this.#waiting.push(resolve));
  }

  /** The next connection, with the handshake done as responder. */
  async accept(): Promise<NodeSide> {
    const socket = await this.socket();
    return new NodeSide(await acceptNoise(socket, { localPrivateKey: serverKey, deadlineMs }), socket);
  }

  #take(socket: Socket): void {
    socket.on('error', () => undefined);
    onTestFinished(() => {
      socket.destroy();
    });
    const [waiting] = this.#waiting.splice(0, 1);
    if (waiting) waiting(socket);
    else this.#sockets.push(socket);
  }
}

/** The node's end of a connection, scripted by the test. */
export class NodeSide {
  readonly transport: NoiseConnection;
  readonly socket: Socket;

  constructor(transport: NoiseConnection, socket: Socket) {
    this.transport = transport;
    this.socket = socket;
  }

  async say<N extends MessageName<Bolts>>(name: N, fields: MessageFields<Bolts, N>): Promise<void> {
    await this.transport.send(encodeMessage(bolts, name, fields));
  }

  async sayInit(...features: number[]): Promise<void> {
    await this.say('init', { globalfeatures: EMPTY, features: encodeFeatures(features), tlvs: {} });
  }

  async hear(): Promise<DecodedMessage> {
    return decodeMessage(bolts, await this.transport.receive(soon));
  }

  /** The next message, which is a ping; answered after `first`. */
  async answerPing(first: () => Promise<void> = () => Promise.resolve()): Promise<void> {
    const ping = await this.hear();
    if (ping.name !== 'ping') throw new TypeError(`a ping was awaited, not ${String(ping.name)}`);
    await first();
    await this.say('pong', { ignored: new Uint8Array(ping.fields.num_pong_bytes) });
  }
}

export interface Greeted<M extends MessageTable = Bolts> {
  readonly peer: ScriptedPeer<M>;
  readonly node: NodeSide;
  readonly links: TestLinks;
}

/** A peer and its counterpart, init exchanged. */
export async function greeted<M extends MessageTable = Bolts>(
  options: PeerOptions<M> = {},
  links = new TestLinks(),
): Promise<Greeted<M>> {
  const counterpart = await Counterpart.start();
  const [peer, node] = await Promise.all([
    connectPeer(counterpart.remote, options.key ?? peerKey, options, links),
    counterpart.accept().then(async (side) => {
      await side.sayInit(1);
      await side.hear();
      return side;
    }),
  ]);
  links.heldSteps.length = 0;
  return { peer, node, links };
}

/** How a step failed; any other outcome fails the test. */
export async function stepFailure(step: Promise<unknown>): Promise<StepFailure & { readonly code: string }> {
  const error = await rejection(step);
  const failure = stepFailureOf(error);
  if (!failure) throw new TypeError('not the failure of a step', { cause: error });
  return { ...failure, code: error.code };
}

/** An unknown message type, even or odd, with some bytes. */
export const unknownMessage = (type: number, length = 3): Uint8Array =>
  concat(Uint8Array.of(type >> 8, type & 0xff), new Uint8Array(length).fill(7));

export const text = (words: string): { channel_id: Uint8Array; data: Uint8Array } => ({
  channel_id: new Uint8Array(32),
  data: Buffer.from(words),
});

/** A ping cut within its fields. */
export const UNDECODABLE = Uint8Array.of(0, 19, 0);

export const FILTER = {
  chain_hash: new Uint8Array(32).fill(6),
  first_timestamp: 0,
  timestamp_range: 0xffffffff,
} as const;
