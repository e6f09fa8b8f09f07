import { concat, EMPTY, toHex } from '../core/bytes.ts';
import { BoltgridError, isBoltgridError } from '../core/error.ts';
import { LENGTH_PREFIX_LENGTH, MAC_LENGTH } from './cipher.ts';
import type { CipherState } from './cipher.ts';

const RAW_BYTES_KEPT = 512;

/**
 * Frames to messages, however the stream is cut up. Holds at most one unfinished frame and what was pushed but not yet asked
 * for, so a caller that drains it after each push bounds its memory by its own chunks and 64 KiB.
 */
export class FrameDecoder {
  readonly #cipher: CipherState;
  /** Pushed and not looked at yet. */
  #rest: Uint8Array = EMPTY;
  /** The piece (length prefix or body) that is being gathered, and how much of it is there. */
  #piece: Uint8Array | undefined;
  #filled = 0;
  /** Of the current frame's message, once its prefix is decrypted: a prefix is decrypted once and its result kept. */
  #messageLength: number | undefined;
  #frames = 0;
  #failure: BoltgridError | undefined;

  constructor(cipher: CipherState) {
    this.#cipher = cipher;
  }

  /** Whether a stream that ends here is cut off within a frame. */
  get midFrame(): boolean {
    return this.#rest.length > 0 || this.#filled > 0 || this.#messageLength !== undefined;
  }

  /** Takes over `chunk`: it must not be changed afterwards. */
  push(chunk: Uint8Array): void {
    this.#rest = this.#rest.length === 0 ? chunk : concat(this.#rest, chunk);
  }

  /**
   * The next message, or `undefined` until more is pushed. Throws `noise.frame.bad-tag` for a piece that cannot be decrypted, and
   * from then on always: nothing after it can be read.
   */
  next(): Uint8Array | undefined {
    if (this.#failure) throw this.#failure;
    if (this.#messageLength === undefined) {
      const prefix = this.#take(LENGTH_PREFIX_LENGTH);
      if (!prefix) return undefined;
      const [high = 0, low = 0] = this.#decrypt('length', prefix);
      this.#messageLength = (high << 8) | low;
    }
    const body = this.#take(this.#messageLength + MAC_LENGTH);
    if (!body) return undefined;
    const message = this.#decrypt('body', body);
    this.#messageLength = undefined;
    this.#frames += 1;
    return message;
  }

  /** Exactly `length` bytes: a view where one chunk holds them all, gathered in a buffer of their size otherwise. */
  #take(length: number): Uint8Array | undefined {
    if (!this.#piece && this.#rest.length >= length) return this.#shift(length);
    this.#piece ??= new Uint8Array(length);
    const part = this.#shift(Math.min(length - this.#filled, this.#rest.length));
    this.#piece.set(part, this.#filled);
    this.#filled += part.length;
    if (this.#filled < length) return undefined;
    const piece = this.#piece;
    this.#piece = undefined;
    this.#filled = 0;
    return piece;
  }

  #shift(length: number): Uint8Array {
    const part = this.#rest.subarray(0, length);
    this.#rest = length === this.#rest.length ? EMPTY : this.#rest.subarray(length);
    return part;
  }

  #decrypt(part: 'length' | 'body', sealed: Uint8Array): Uint8Array {
    try {
      return this.#cipher.decrypt(sealed);
    } catch (error) {
      if (!isBoltgridError(error) || error.code !== 'crypto.bad-tag') throw error;
      this.#failure = new BoltgridError(
        'noise.frame.bad-tag',
        'node',
        `frame ${this.#frames} cannot be decrypted: the MAC of its ${part} does not match`,
        {
          details: {
            part,
            frame: this.#frames,
            nonce: this.#cipher.nonce,
            length: sealed.length,
            raw: toHex(sealed.subarray(0, RAW_BYTES_KEPT)),
          },
          cause: error,
        },
      );
      throw this.#failure;
    }
  }
}
