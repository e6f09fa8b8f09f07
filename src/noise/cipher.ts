import { EMPTY } from '../core/bytes.ts';
import { BoltgridError } from '../core/error.ts';
import type { Crypto } from '../crypto/crypto.ts';

export const MAC_LENGTH = 16;
/** The encrypted two-byte length and its MAC. */
export const LENGTH_PREFIX_LENGTH = 2 + MAC_LENGTH;
/** BOLT 8, "Lightning Message Specification": the length is two bytes. */
const MAX_MESSAGE_LENGTH = 65535;
/** BOLT 8, "Lightning Message Key Rotation". */
const ROTATION_NONCE = 1000;

/** `n` as 32 zero bits followed by a little-endian 64-bit value; no nonce of BOLT 8 exceeds 32 bits. */
export function encodeNonce(n: number): Uint8Array {
  const nonce = new Uint8Array(12);
  new DataView(nonce.buffer).setUint32(4, n, true);
  return nonce;
}

/**
 * One direction of an established connection: `k`, its nonce `n` and chaining key `ck` in the words of BOLT 8. Each operation
 * moves the nonce on, and the key at nonce 1000.
 */
export class CipherState {
  readonly #crypto: Crypto;
  #ck: Uint8Array;
  #k: Uint8Array;
  #n = 0;

  constructor(ck: Uint8Array, k: Uint8Array, crypto: Crypto) {
    this.#ck = ck;
    this.#k = k;
    this.#crypto = crypto;
  }

  get key(): Uint8Array {
    return this.#k;
  }

  get chainingKey(): Uint8Array {
    return this.#ck;
  }

  get nonce(): number {
    return this.#n;
  }

  /** `encryptWithAD` with a zero-length AD: the ciphertext and its MAC, in `out` where it is given. */
  encrypt(plaintext: Uint8Array, out?: Uint8Array): Uint8Array {
    const sealed = this.#crypto.aead.seal(this.#k, encodeNonce(this.#n), EMPTY, plaintext, out);
    this.#advance();
    return sealed;
  }

  /** `decryptWithAD` with a zero-length AD. Throws `crypto.bad-tag`; the nonce then stays where it was. */
  decrypt(sealed: Uint8Array): Uint8Array {
    const plaintext = this.#crypto.aead.open(this.#k, encodeNonce(this.#n), EMPTY, sealed);
    this.#advance();
    return plaintext;
  }

  #advance(): void {
    this.#n += 1;
    if (this.#n < ROTATION_NONCE) return;
    const rotated = this.#crypto.hashes.hkdf(this.#ck, this.#k, EMPTY, 64);
    this.#ck = rotated.slice(0, 32);
    this.#k = rotated.slice(32);
    this.#n = 0;
  }
}

/** What a finished handshake leaves: `sk` and `rk` with their nonces and chaining keys. */
export interface TransportCiphers {
  readonly send: CipherState;
  readonly receive: CipherState;
}

/**
 * A whole frame: encrypted length and encrypted message. Takes anything that encrypts, so that a rule can stand in for a
 * cipher; one that returns an array of its own instead of filling `out` costs a copy. Throws `noise.message-too-long`.
 */
export function encryptFrame(cipher: Pick<CipherState, 'encrypt'>, message: Uint8Array): Uint8Array {
  if (message.length > MAX_MESSAGE_LENGTH) {
    throw new BoltgridError(
      'noise.message-too-long',
      'harness',
      `a message of ${message.length} bytes: a frame holds at most ${MAX_MESSAGE_LENGTH}`,
      { details: { length: message.length } },
    );
  }
  const length = Uint8Array.of(message.length >> 8, message.length & 0xff);
  const frame = new Uint8Array(LENGTH_PREFIX_LENGTH + message.length + MAC_LENGTH);
  const put = (plaintext: Uint8Array, out: Uint8Array): void => {
    const sealed = cipher.encrypt(plaintext, out);
    if (sealed !== out) out.set(sealed);
  };
  put(length, frame.subarray(0, LENGTH_PREFIX_LENGTH));
  put(message, frame.subarray(LENGTH_PREFIX_LENGTH));
  return frame;
}
