import { concat, EMPTY } from '../core/bytes.ts';
import type { Crypto } from '../crypto/crypto.ts';
import { CipherState, encodeNonce } from './cipher.ts';
import type { TransportCiphers } from './cipher.ts';

const PROTOCOL_NAME = Buffer.from('Noise_XK_secp256k1_ChaChaPoly_SHA256', 'ascii');
const PROLOGUE = Buffer.from('lightning', 'ascii');

/**
 * `h` and `ck` of BOLT 8, "Handshake State", and the operations on them that the acts are made of. Immutable: each operation
 * returns the state after it.
 */
export class Symmetric {
  readonly crypto: Crypto;
  readonly h: Uint8Array;
  readonly ck: Uint8Array;

  private constructor(crypto: Crypto, h: Uint8Array, ck: Uint8Array) {
    this.crypto = crypto;
    this.h = h;
    this.ck = ck;
  }

  /** "Handshake State Initialization", with the responder's static public key mixed in. */
  static initialize(crypto: Crypto, responderPublicKey: Uint8Array): Symmetric {
    const ck = crypto.hashes.sha256(PROTOCOL_NAME);
    return new Symmetric(crypto, ck, ck).mixHash(PROLOGUE).mixHash(responderPublicKey);
  }

  /** `h = SHA-256(h || data)` */
  mixHash(data: Uint8Array): Symmetric {
    return new Symmetric(this.crypto, this.crypto.hashes.sha256(concat(this.h, data)), this.ck);
  }

  /** `ck, temp_k = HKDF(ck, ECDH(k, rk))`. Throws `crypto.bad-point`. */
  mixEcdh(privateKey: Uint8Array, publicKey: Uint8Array): { state: Symmetric; tempK: Uint8Array } {
    const [ck, tempK] = this.#hkdf(this.crypto.curve.ecdh(privateKey, publicKey));
    return { state: new Symmetric(this.crypto, this.h, ck), tempK };
  }

  /** `c = encryptWithAD(tempK, n, h, plaintext)`, then `h = SHA-256(h || c)` */
  encryptAndHash(tempK: Uint8Array, n: number, plaintext: Uint8Array): { state: Symmetric; c: Uint8Array } {
    const c = this.crypto.aead.seal(tempK, encodeNonce(n), this.h, plaintext);
    return { state: this.mixHash(c), c };
  }

  /** `p = decryptWithAD(tempK, n, h, c)`, then `h = SHA-256(h || c)`. Throws `crypto.bad-tag`. */
  decryptAndHash(tempK: Uint8Array, n: number, c: Uint8Array): { state: Symmetric; p: Uint8Array } {
    const p = this.crypto.aead.open(tempK, encodeNonce(n), this.h, c);
    return { state: this.mixHash(c), p };
  }

  /** `sk, rk = HKDF(ck, zero)` as the initiator has them; the responder has them the other way round. */
  split(role: 'initiator' | 'responder'): TransportCiphers {
    const [first, second] = this.#hkdf(EMPTY);
    const [sk, rk] = role === 'initiator' ? [first, second] : [second, first];
    return {
      send: new CipherState(this.ck, sk, this.crypto),
      receive: new CipherState(this.ck, rk, this.crypto),
    };
  }

  #hkdf(ikm: Uint8Array): [Uint8Array, Uint8Array] {
    const output = this.crypto.hashes.hkdf(this.ck, ikm, EMPTY, 64);
    return [output.slice(0, 32), output.slice(32)];
  }
}
