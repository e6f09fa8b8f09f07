import { EMPTY } from '../../../src/core/bytes.ts';
import { defaultCrypto } from '../../../src/crypto/crypto.ts';
import { encodeNonce } from '../../../src/noise/cipher.ts';
import type { CipherState } from '../../../src/noise/cipher.ts';
import type { Rules } from '../../../src/reference/rules.ts';
import { TRANSPORT_RULES } from '../../../src/reference/rules/transport.ts';
import { changed } from '../mutant.ts';
import type { Collateral } from './once.ts';

/** What a wrong cipher does otherwise; the rest is as in BOLT 8. */
export interface Faults {
  /** The nonce that is used, by the one that is due, the uses of all keys so far, and the length of the plaintext. */
  readonly nonce?: (due: number, uses: number, length: number) => number;
  /** Associated data, by uses so far and length of the plaintext. */
  readonly ad?: (uses: number, length: number) => Uint8Array;
  /** Uses of a key before it is rotated. */
  readonly rotateAfter?: (rotations: number) => number;
  /** The nonce after a rotation. */
  readonly firstNonce?: number;
  /** `ck` is left as it is by a rotation. */
  readonly keepsChainingKey?: boolean;
  /** What was sealed, before it is sent. */
  readonly sealed?: (sealed: Uint8Array, uses: number) => Uint8Array;
  /** Another reading of what does not authenticate, or `undefined`. */
  readonly forgives?: (sealed: Uint8Array, state: FaultyCipher) => Uint8Array | undefined;
  readonly onRotate?: () => void;
}

/** One direction of a connection with faults, on the keys of a right one. */
export class FaultyCipher {
  readonly #faults: Faults;
  #ck: Uint8Array;
  #k: Uint8Array;
  #n = 0;
  #inKey = 0;
  #uses = 0;
  #rotations = 0;

  constructor({ chainingKey, key }: CipherState, faults: Faults) {
    this.#ck = chainingKey;
    this.#k = key;
    this.#faults = faults;
  }

  get nonce(): number {
    return this.#n;
  }

  encrypt(plaintext: Uint8Array): Uint8Array {
    const sealed = defaultCrypto.aead.seal(
      this.#k,
      encodeNonce(this.#nonce(plaintext.length)),
      this.#faults.ad?.(this.#uses, plaintext.length) ?? EMPTY,
      plaintext,
    );
    const written = this.#faults.sealed?.(sealed, this.#uses) ?? sealed;
    this.#advance();
    return written;
  }

  decrypt(sealed: Uint8Array): Uint8Array {
    const plaintext = this.#open(sealed);
    this.#advance();
    return plaintext;
  }

  /** Opens with a nonce and associated data of the caller's choice; `undefined` where that does not authenticate. */
  tryOpen(sealed: Uint8Array, nonce: number, ad: Uint8Array = EMPTY): Uint8Array | undefined {
    try {
      return defaultCrypto.aead.open(this.#k, encodeNonce(nonce), ad, sealed);
    } catch {
      return undefined;
    }
  }

  /** The plaintext, whatever the MAC says: ChaCha20 is a stream, so sealing zeros gives it. */
  openUnchecked(sealed: Uint8Array): Uint8Array {
    const length = sealed.length - 16;
    const stream = defaultCrypto.aead.seal(this.#k, encodeNonce(this.#n), EMPTY, new Uint8Array(length));
    return sealed.subarray(0, length).map((byte, i) => byte ^ (stream[i] ?? 0));
  }

  rotate(): void {
    const output = defaultCrypto.hashes.hkdf(this.#ck, this.#k, EMPTY, 64);
    if (this.#faults.keepsChainingKey !== true) this.#ck = output.slice(0, 32);
    this.#k = output.slice(32);
    this.#n = this.#faults.firstNonce ?? 0;
    this.#inKey = 0;
    this.#rotations += 1;
  }

  #open(sealed: Uint8Array): Uint8Array {
    const nonce = encodeNonce(this.#nonce(sealed.length - 16));
    try {
      return defaultCrypto.aead.open(this.#k, nonce, EMPTY, sealed);
    } catch (error) {
      const forgiven = this.#faults.forgives?.(sealed, this);
      if (!forgiven) throw error;
      return forgiven;
    }
  }

  #nonce(length: number): number {
    return this.#faults.nonce?.(this.#n, this.#uses, length) ?? this.#n;
  }

  #advance(): void {
    this.#n += 1;
    this.#inKey += 1;
    this.#uses += 1;
    if (this.#inKey < (this.#faults.rotateAfter?.(this.#rotations) ?? 1000)) return;
    this.rotate();
    this.#faults.onRotate?.();
  }
}

/** The reference node with such ciphers. */
export const withCiphers = ({
  send,
  receive,
}: {
  send?: Faults;
  receive?: Faults;
}): ((rules: Rules) => Rules) =>
  changed('transport', {
    ciphers: ({ ciphers }) => ({
      send: send ? new FaultyCipher(ciphers.send, send) : ciphers.send,
      receive: receive ? new FaultyCipher(ciphers.receive, receive) : ciphers.receive,
    }),
  });

/** A connection that suffers collateral damage fails at its next frame. */
export const struckBy = (collateral: Collateral): ((rules: Rules) => Rules) =>
  changed('transport', {
    ciphers: ({ ciphers }) => {
      collateral.enter(ciphers.receive);
      return ciphers;
    },
    readPrefix: (cipher, prefix) => {
      const length = TRANSPORT_RULES.readPrefix(cipher, prefix);
      collateral.strike(cipher);
      return length;
    },
  });
