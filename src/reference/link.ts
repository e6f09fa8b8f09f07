import type { Socket } from 'node:net';
import { BoltgridError, isBoltgridError } from '../core/error.ts';
import type { HandshakeDone } from '../noise/handshake.ts';
import { closedError, endingOf, writeChunks } from '../noise/socket.ts';
import type { CloseReason, MessageTransport } from '../noise/transport.ts';
import type { Decrypter, Encrypter, TransportRules } from './rules/transport.ts';

/** How long the other side may take to close after we did, while what it still sends is read and dropped. */
const LINGER_MS = 1_000;

interface ReceiveOptions {
  readonly deadlineMs: number;
  readonly signal?: AbortSignal;
}

/** A connection whose frames are read and written by the rule table. It reads a frame only when asked for one. */
export class RuledLink implements MessageTransport {
  readonly localPublicKey: Uint8Array;
  readonly remotePublicKey: Uint8Array;
  readonly closed: Promise<CloseReason>;
  readonly #socket: Socket;
  readonly #rules: TransportRules;
  readonly #send: Encrypter;
  readonly #receive: Decrypter;
  #writing: Promise<void> = Promise.resolve();
  #closing: Promise<void> | undefined;
  /** Set when we close: who ended the connection first. */
  #reason: CloseReason | undefined;

  constructor(socket: Socket, done: HandshakeDone, rules: TransportRules) {
    this.localPublicKey = done.localPublicKey;
    this.remotePublicKey = done.remotePublicKey;
    this.#socket = socket;
    this.#rules = rules;
    const { send, receive } = rules.ciphers(done);
    this.#send = send;
    this.#receive = receive;
    this.closed = new Promise((resolve) => {
      const finish = (): void => {
        resolve(this.#reason ?? endingOf(socket) ?? { by: 'remote', how: 'fin' });
      };
      if (socket.closed) finish();
      else socket.once('close', finish);
    });
  }

  async send(message: Uint8Array): Promise<void> {
    if (this.#closing) throw closedError({ by: 'local', how: 'fin' });
    const frame = this.#rules.writeFrame(this.#send, message);
    const written = this.#writing.then(() => writeChunks(this.#socket, [frame]));
    this.#writing = written.catch(() => undefined);
    await written;
  }

  async receive(options: ReceiveOptions): Promise<Uint8Array> {
    for (;;) {
      const prefix = await this.#rules.read(this.#socket, this.#rules.prefixLength, options);
      const length = this.#open(prefix, () => this.#rules.readPrefix(this.#receive, prefix));
      if (length === undefined) continue;
      const body = await this.#rules.read(this.#socket, this.#rules.bodyLength(length), options);
      const message = this.#open(body, () => this.#rules.readBody(this.#receive, body));
      if (message !== undefined) return message;
    }
  }

  /** Sends FIN after what was written. What still comes is drained: unread bytes would turn the FIN into a reset. */
  async close(): Promise<void> {
    this.#reason ??= endingOf(this.#socket) ?? { by: 'local', how: 'fin' };
    this.#closing ??= closeGently(this.#socket);
    await this.#closing;
  }

  #open<T>(sealed: Uint8Array, decrypt: () => T): T | undefined {
    try {
      return decrypt();
    } catch (error) {
      if (!isBoltgridError(error) || error.code !== 'crypto.bad-tag') throw error;
      if (this.#rules.badFrame(error) === 'skip') return undefined;
      throw new BoltgridError('noise.frame.bad-tag', 'node', 'a frame cannot be decrypted', {
        details: { length: sealed.length },
        cause: error,
      });
    }
  }
}

/** Flushes, sends FIN, drains until the other side closes as well, and gives up waiting for it after a moment. */
export function closeGently(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    if (socket.closed) {
      resolve();
      return;
    }
    const linger = setTimeout(() => {
      socket.destroy();
    }, LINGER_MS);
    socket.once('close', () => {
      clearTimeout(linger);
      resolve();
    });
    socket.resume();
    socket.end();
  });
}
