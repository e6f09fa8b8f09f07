import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { once } from 'node:events';
import { defaultCrypto } from '../crypto/crypto.ts';
import { acceptNoise } from '../noise/connection.ts';
import { prepare } from '../noise/socket.ts';
import { connecting, greet } from './greet.ts';
import { Inbox } from './inbox.ts';
import { ScriptedLink } from './raw-link.ts';
import type { CaseLinks, OpenLink } from './shared.ts';
import { silent } from './step.ts';
import type { Listener, Peer, PeerOptions, StepOptions } from './types.ts';

/** A node that keeps on connecting is not let in beyond this: no case awaits nearly as many. */
const MOST_WAITING = 100;

/** Where to listen so that a node reaches it, and the host by which the node finds it: they differ for containers. */
export interface ListenAddress {
  readonly listen: string;
  readonly dial: string;
}

const LOOPBACK: ListenAddress = { listen: '127.0.0.1', dial: '127.0.0.1' };

/** Opens a port to which the node can be told to connect. */
export async function listenForNode(
  key: Uint8Array,
  links: CaseLinks,
  address: ListenAddress = LOOPBACK,
): Promise<Listener> {
  const server = createServer();
  server.listen(0, address.listen);
  await once(server, 'listening');
  return new ScriptedListener(server, address.dial, key, links);
}

class ScriptedListener implements Listener, OpenLink {
  readonly host: string;
  readonly port: number;
  readonly key: Uint8Array;
  readonly publicKey: Uint8Array;
  readonly link: number;
  readonly #server: Server;
  readonly #links: CaseLinks;
  readonly #sockets = new Inbox<Socket>();
  readonly #waiting = new Set<Socket>();

  constructor(server: Server, host: string, key: Uint8Array, links: CaseLinks) {
    this.#server = server;
    this.host = host;
    this.#links = links;
    this.key = key;
    this.publicKey = defaultCrypto.curve.publicKey(key);
    this.port = (server.address() as AddressInfo).port;
    this.link = links.transcript.openLink();
    links.transcript.note(this.link, `listening for the node on port ${this.port}`);
    server.on('connection', (socket) => {
      prepare(socket);
      if (this.#waiting.size >= MOST_WAITING) {
        socket.destroy();
        return;
      }
      this.#waiting.add(socket);
      this.#sockets.put(socket);
    });
    links.opened(this);
  }

  async accept(options?: StepOptions): Promise<ScriptedLink> {
    const { socket, link } = await this.#connection(options);
    this.#links.transcript.note(link, 'the node connected; no handshake yet');
    return new ScriptedLink(socket, link, this.#links, this.key);
  }

  async acceptPeer(options: StepOptions & Pick<PeerOptions, 'init' | 'features'> = {}): Promise<Peer> {
    const { socket, link } = await this.#connection(options);
    const { signal, answerMs } = this.#links;
    const deadlineMs = options.withinMs ?? answerMs;
    const transport = await connecting('handshake as responder', link, this.#links, () =>
      acceptNoise(socket, { localPrivateKey: this.key, deadlineMs, signal }),
    );
    this.#links.transcript.note(link, 'the node connected; handshake done as responder');
    return greet(transport, this.key, link, options, this.#links);
  }

  ping(): undefined {
    return undefined;
  }

  close(): Promise<void> {
    for (const socket of this.#waiting) socket.destroy();
    this.#server.close();
    return Promise.resolve();
  }

  async #connection({ requirement, withinMs = this.#links.answerMs }: StepOptions = {}): Promise<{
    socket: Socket;
    link: number;
  }> {
    const socket = await this.#sockets.take({ leftMs: withinMs }, this.#links.signal);
    if (!socket) {
      const expected = 'the node connects';
      throw silent(
        { requirement, step: 'accept a connection', expected, awaited: 'connection', link: undefined },
        withinMs,
      );
    }
    this.#waiting.delete(socket);
    return { socket, link: this.#links.transcript.openLink() };
  }
}
