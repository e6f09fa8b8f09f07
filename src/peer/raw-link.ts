import type { Socket } from 'node:net';
import { toHex } from '../core/bytes.ts';
import { isBoltgridError, messageOf } from '../core/error.ts';
import { noiseOverSocket } from '../noise/connection.ts';
import type { HandshakeDone } from '../noise/handshake.ts';
import { readExactly, readUntilClosed, writeChunks } from '../noise/socket.ts';
import { greet } from './greet.ts';
import type { CaseLinks, OpenLink } from './shared.ts';
import { silent, unexpected, type Awaited } from './step.ts';
import type { Peer, PeerOptions, RawLink, StepOptions } from './types.ts';

export class ScriptedLink implements RawLink, OpenLink {
  readonly link: number;
  readonly #socket: Socket;
  readonly #links: CaseLinks;
  /** The key of our side, for when the link becomes a peer. */
  readonly #key: Uint8Array;
  #isPeer = false;

  constructor(socket: Socket, link: number, links: CaseLinks, key: Uint8Array = new Uint8Array(32)) {
    this.#socket = socket;
    this.link = link;
    this.#links = links;
    this.#key = key;
    links.opened(this);
  }

  async write(...chunks: readonly Uint8Array[]): Promise<void> {
    for (const chunk of chunks) this.#note(`wrote ${chunk.length} bytes: ${toHex(chunk.subarray(0, 100))}`);
    try {
      await writeChunks(this.#socket, chunks);
    } catch (error) {
      // The close itself is met by the step that waits next.
      this.#note(`writing failed: ${messageOf(error)}`);
    }
  }

  async read(length: number, options: StepOptions = {}): Promise<Uint8Array> {
    const step = `expect ${length} bytes`;
    const bytes = await this.#step(step, `${length} bytes`, 'bytes', options, (limits) =>
      readExactly(this.#socket, length, limits),
    );
    this.#note(`read ${bytes.length} bytes: ${toHex(bytes.subarray(0, 100))}`);
    this.#links.held(options.requirement, step);
    return bytes;
  }

  async expectClosedSilently(options: StepOptions = {}): Promise<void> {
    const step = 'expect the connection closed without a byte';
    const bytes = await this.#untilClosed(step, options);
    if (bytes.length > 0) {
      const got = `${bytes.length} bytes: ${toHex(bytes.subarray(0, 100))}`;
      throw unexpected({
        requirement: options.requirement,
        step,
        expected: 'no bytes',
        got,
        awaited: 'close',
        link: this.link,
      });
    }
    this.#links.held(options.requirement, step);
  }

  async expectClosed(options: StepOptions = {}): Promise<Uint8Array> {
    const step = 'expect the connection closed';
    const bytes = await this.#untilClosed(step, options);
    this.#links.held(options.requirement, step);
    return bytes;
  }

  async peer(
    done: HandshakeDone,
    options: Pick<PeerOptions, 'features' | 'init' | 'awaitInit' | 'answerPings'> = {},
  ): Promise<Peer> {
    this.#isPeer = true;
    this.#note('handshake done by hand');
    return greet(noiseOverSocket(this.#socket, done), this.#key, this.link, options, this.#links);
  }

  ping(): undefined {
    return undefined;
  }

  close(): Promise<void> {
    // A link that became a peer is closed as one.
    if (!this.#isPeer) this.#socket.destroy();
    return Promise.resolve();
  }

  async #untilClosed(step: string, options: StepOptions): Promise<Uint8Array> {
    const { bytes, reason } = await this.#step(step, 'the node closes', 'close', options, (limits) =>
      readUntilClosed(this.#socket, limits),
    );
    this.#note(`the node ended the connection (${reason.how}) after ${bytes.length} bytes`);
    return bytes;
  }

  async #step<T>(
    step: string,
    expected: string,
    awaited: Awaited,
    { requirement, withinMs = this.#links.answerMs }: StepOptions,
    work: (limits: { deadlineMs: number; signal: AbortSignal }) => Promise<T>,
  ): Promise<T> {
    const { signal } = this.#links;
    try {
      return await work({ deadlineMs: withinMs, signal });
    } catch (error) {
      this.#note(messageOf(error));
      if (!isBoltgridError(error) || signal.aborted) throw error;
      const failure = { requirement, step, expected, awaited, link: this.link } as const;
      throw error.code === 'core.deadline'
        ? silent(failure, withinMs)
        : unexpected({ ...failure, got: error.message });
    }
  }

  #note(text: string): void {
    this.#links.transcript.note(this.link, text);
  }
}
