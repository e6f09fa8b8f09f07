import type { Socket } from 'node:net';
import { withDeadline } from '../core/deadline.ts';
import type { BoltgridError } from '../core/error.ts';
import { isBoltgridError } from '../core/error.ts';
import type { Crypto } from '../crypto/crypto.ts';
import { ACT_ONE_LENGTH, ACT_THREE_LENGTH, ACT_TWO_LENGTH, actReadFailed } from './acts.ts';
import type { ActName } from './acts.ts';
import { encryptFrame } from './cipher.ts';
import type { TransportCiphers } from './cipher.ts';
import { FrameDecoder } from './frame-decoder.ts';
import { initiator, responder } from './handshake.ts';
import type { HandshakeDone } from './handshake.ts';
import { Inbox } from './inbox.ts';
import type { ReceiveOptions } from './inbox.ts';
import { closedError, endingOf, openSocket, prepare, readExactly, reasonOf, writeChunks } from './socket.ts';
import type { Address, Limits } from './socket.ts';
import type { CloseReason, MessageTransport } from './transport.ts';

export interface AcceptNoiseOptions extends Limits {
  readonly localPrivateKey: Uint8Array;
  /** Random when not given. */
  readonly ephemeralPrivateKey?: Uint8Array | undefined;
  readonly crypto?: Crypto | undefined;
  readonly connection?: ConnectionOptions | undefined;
}

export interface ConnectNoiseOptions extends AcceptNoiseOptions, Address {
  readonly remotePublicKey: Uint8Array;
}

export interface ConnectionOptions {
  /** Received and not yet asked for: from here on the socket is no longer read. 1 MiB. */
  readonly inboxBytes?: number;
  /** How long the system may take to accept what is sent, before the connection is given up. 30 s. */
  readonly sendDeadlineMs?: number;
  /** How long a close waits for the other side to close as well. 1 s. */
  readonly lingerMs?: number;
}

/**
 * Connects and speaks the acts as initiator, all within `deadlineMs`. Rejects with `noise.connect-failed`, `noise.act2.*`,
 * `core.deadline` or the signal's reason; the socket is then gone.
 */
export async function connectNoise(options: ConnectNoiseOptions): Promise<NoiseConnection> {
  const remaining = countdown(options);
  const socket = await openSocket(options, remaining());
  return handshake(socket, options.connection, async () => {
    const { bytes: act1, next: actOneSent } = initiator(options).writeAct1();
    await writeChunks(socket, [act1]);
    const act2 = await readAct(socket, 'act2', ACT_TWO_LENGTH, remaining());
    const { bytes: act3, next } = actOneSent.readAct2(act2).writeAct3();
    await writeChunks(socket, [act3]);
    return next;
  });
}

/** Speaks the acts as responder. Rejects with `noise.act1.*`, `noise.act3.*`, `core.deadline` or the signal's reason. */
export function acceptNoise(socket: Socket, options: AcceptNoiseOptions): Promise<NoiseConnection> {
  const remaining = countdown(options);
  return handshake(prepare(socket), options.connection, async () => {
    const act1 = await readAct(socket, 'act1', ACT_ONE_LENGTH, remaining());
    const { bytes: act2, next: actTwoSent } = responder(options).readAct1(act1).writeAct2();
    await writeChunks(socket, [act2]);
    return actTwoSent.readAct3(await readAct(socket, 'act3', ACT_THREE_LENGTH, remaining()));
  });
}

/** The rest of a connection whose acts have been spoken by hand. Bytes that the socket already holds are read as frames. */
export function noiseOverSocket(
  socket: Socket,
  done: HandshakeDone,
  options: ConnectionOptions = {},
): NoiseConnection {
  return new NoiseConnection(prepare(socket), done, options);
}

async function handshake(
  socket: Socket,
  options: ConnectionOptions | undefined,
  speak: () => Promise<HandshakeDone>,
): Promise<NoiseConnection> {
  try {
    return new NoiseConnection(socket, await speak(), options ?? {});
  } catch (error) {
    // BOLT 8: on a bad act the connection is terminated without any further messages.
    socket.destroy();
    throw isBoltgridError(error) || !socket.errored ? error : closedError(reasonOf(socket.errored));
  }
}

async function readAct(socket: Socket, act: ActName, length: number, limits: Limits): Promise<Uint8Array> {
  try {
    return await readExactly(socket, length, limits, `BOLT 8 ${act}`);
  } catch (error) {
    throw isBoltgridError(error) && error.code === 'noise.closed' ? actReadFailed(act, error) : error;
  }
}

/** What is left of one deadline for several steps. */
function countdown({ deadlineMs, signal }: Limits): () => Limits {
  const endsAt = performance.now() + deadlineMs;
  return () => ({ deadlineMs: Math.max(0, endsAt - performance.now()), signal });
}

/** A framed connection after the handshake. See `MessageTransport` for the contract and its errors. */
export class NoiseConnection implements MessageTransport {
  readonly localPublicKey: Uint8Array;
  readonly remotePublicKey: Uint8Array;
  readonly closed: Promise<CloseReason>;
  readonly #socket: Socket;
  readonly #ciphers: TransportCiphers;
  readonly #decoder: FrameDecoder;
  readonly #inbox: Inbox;
  readonly #sendDeadlineMs: number;
  readonly #lingerMs: number;
  readonly #resolveClosed: (reason: CloseReason) => void;
  #writing: Promise<void> = Promise.resolve();
  #end: BoltgridError | undefined;
  #released: Promise<void> | undefined;

  /** From `connectNoise`, `acceptNoise` and `noiseOverSocket`. */
  constructor(socket: Socket, done: HandshakeDone, options: ConnectionOptions) {
    this.localPublicKey = done.localPublicKey;
    this.remotePublicKey = done.remotePublicKey;
    this.#socket = socket;
    this.#ciphers = done.ciphers;
    this.#decoder = new FrameDecoder(done.ciphers.receive);
    this.#inbox = new Inbox(options.inboxBytes ?? 1 << 20);
    this.#sendDeadlineMs = options.sendDeadlineMs ?? 30_000;
    this.#lingerMs = options.lingerMs ?? 1_000;
    let resolveClosed: (reason: CloseReason) => void = () => undefined;
    this.closed = new Promise((resolve) => {
      resolveClosed = resolve;
    });
    this.#resolveClosed = resolveClosed;
    this.#listen();
  }

  /** Rejects with `noise.closed`, `noise.message-too-long`, or `core.deadline` when the other side does not read. */
  async send(message: Uint8Array): Promise<void> {
    if (this.#end) throw this.#end;
    await this.writeRaw(this.encrypt(message));
  }

  async receive(options: ReceiveOptions): Promise<Uint8Array> {
    const message = await this.#inbox.receive(options);
    if (this.#socket.isPaused() && !this.#end) this.#pump();
    return message;
  }

  /**
   * The frame of a message, to be spoiled and written by `writeRaw`: 2 bytes of length, its 16-byte MAC, the message, its 16-byte
   * MAC. The sending nonce moves on by two, so the other side expects this frame next. Throws `noise.message-too-long`.
   */
  encrypt(message: Uint8Array): Uint8Array {
    return encryptFrame(this.#ciphers.send, message);
  }

  /** One piece of a frame with its MAC, for frames whose length does not fit their body. The sending nonce moves on by one. */
  encryptPiece(plaintext: Uint8Array): Uint8Array {
    return this.#ciphers.send.encrypt(plaintext);
  }

  /** Bytes as they are, in the order of calls; each chunk is flushed before the next, a TCP segment of its own where the system allows. */
  async writeRaw(...chunks: readonly Uint8Array[]): Promise<void> {
    if (this.#end) throw this.#end;
    const written = this.#writing.then(() => writeChunks(this.#socket, chunks));
    this.#writing = written.catch(() => undefined);
    try {
      await withDeadline('the other side to take what was sent', this.#sendDeadlineMs, () => written);
    } catch (error) {
      if (!isBoltgridError(error)) throw this.#finish(reasonOf(error as Error));
      this.#finish({ by: 'local', how: 'error', error });
      this.#socket.destroy();
      throw error;
    }
  }

  async close(): Promise<void> {
    this.#finish({ by: 'local', how: 'fin' });
    await this.#release();
  }

  #listen(): void {
    const socket = this.#socket;
    socket.on('data', (chunk: Uint8Array) => {
      if (this.#end) return;
      this.#decoder.push(chunk);
      this.#pump();
    });
    for (const event of ['end', 'error', 'close'] as const) {
      socket.on(event, () => {
        this.#finish(endingOf(socket) ?? { by: 'remote', how: 'fin' });
        void this.#release();
      });
    }
    const ending = endingOf(socket);
    if (ending) this.#finish(ending);
    socket.resume();
  }

  /** Decodes until the inbox is full, then lets the socket fill up: TCP passes that on to the sender. */
  #pump(): void {
    try {
      while (!this.#inbox.full) {
        const message = this.#decoder.next();
        if (!message) {
          this.#socket.resume();
          return;
        }
        this.#inbox.deliver(message);
      }
      this.#socket.pause();
    } catch (error) {
      this.#finish({ by: 'local', how: 'error', error: error as Error });
      this.#socket.destroy();
    }
  }

  /** The first end counts. Messages received before it stay to be read, also those that the full inbox had kept waiting. */
  #finish(reason: CloseReason): BoltgridError {
    if (this.#end) return this.#end;
    if (reason.by === 'remote') {
      try {
        for (let message = this.#decoder.next(); message; message = this.#decoder.next())
          this.#inbox.deliver(message);
      } catch (error) {
        return this.#conclude({ by: 'local', how: 'error', error: error as Error });
      }
    }
    return this.#conclude(reason);
  }

  #conclude(reason: CloseReason): BoltgridError {
    const { error } = reason;
    this.#end = isBoltgridError(error) ? error : closedError(reason, { midFrame: this.#decoder.midFrame });
    this.#inbox.end(this.#end);
    this.#resolveClosed(reason);
    return this.#end;
  }

  /** Flushes, sends FIN, reads on until the other side's FIN, and gives up waiting for it after a moment. */
  #release(): Promise<void> {
    this.#released ??= new Promise((resolve) => {
      const socket = this.#socket;
      if (socket.closed) {
        resolve();
        return;
      }
      const timer = setTimeout(() => {
        socket.destroy();
      }, this.#lingerMs);
      socket.once('close', () => {
        clearTimeout(timer);
        resolve();
      });
      socket.resume();
      void this.#writing.then(() => socket.end());
    });
    return this.#released;
  }
}
