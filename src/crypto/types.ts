/**
 * What boltgrid asks of a cryptographic library. Everything is synchronous and works on whole byte arrays; results are plain
 * `Uint8Array`s that share no memory with arguments.
 *
 * Points are 33 bytes, SEC 1 compressed; private keys and scalars 32 bytes, big-endian, from 1 to n - 1.
 */

/**
 * secp256k1. Errors: `crypto.bad-point` (not 33 bytes, not on the curve, or the result is the point at infinity),
 * `crypto.bad-private-key`, `crypto.bad-scalar`, `crypto.bad-length`.
 */
export interface Curve {
  readonly name: string;
  isPrivateKey(key: Uint8Array): boolean;
  isPoint(point: Uint8Array): boolean;
  publicKey(privateKey: Uint8Array): Uint8Array;
  /** SHA-256 of the compressed shared point, as BOLT 8 and BOLT 4 have it. */
  ecdh(privateKey: Uint8Array, point: Uint8Array): Uint8Array;
  /** ECDSA over a 32-byte hash: 64 bytes r || s, deterministic (RFC 6979), low S. */
  sign(hash: Uint8Array, privateKey: Uint8Array): Uint8Array;
  /** `false` also for a signature with a high S. */
  verify(signature: Uint8Array, hash: Uint8Array, point: Uint8Array): boolean;
  /** The signature of `sign`, and a last byte from 0 to 3 that `recover` needs, as in a BOLT 11 invoice: 65 bytes. */
  signRecoverable(hash: Uint8Array, privateKey: Uint8Array): Uint8Array;
  /**
   * The point whose private key made a signature of `signRecoverable`'s form (SEC 1, 4.1.6), with a low or a high S; `undefined` where
   * there is none.
   */
  recover(signature: Uint8Array, hash: Uint8Array): Uint8Array | undefined;
  /** BIP 340 over a 32-byte message, with a 32-byte x-only key. `false` also for a key that is no point. */
  verifySchnorr(signature: Uint8Array, message: Uint8Array, xOnlyKey: Uint8Array): boolean;
  pointAdd(a: Uint8Array, b: Uint8Array): Uint8Array;
  pointMultiply(point: Uint8Array, scalar: Uint8Array): Uint8Array;
}

/** ChaCha20-Poly1305 (RFC 8439). Key 32 bytes, nonce 12 bytes: other lengths are `crypto.bad-length`. */
export interface Aead {
  readonly name: string;
  /** The ciphertext followed by the 16-byte tag: written to `out`, which has exactly that length, or to a new array. */
  seal(
    key: Uint8Array,
    nonce: Uint8Array,
    ad: Uint8Array,
    plaintext: Uint8Array,
    out?: Uint8Array,
  ): Uint8Array;
  /** Takes the ciphertext followed by its tag. Throws `crypto.bad-tag`, also when there are fewer than 16 bytes. */
  open(key: Uint8Array, nonce: Uint8Array, ad: Uint8Array, sealed: Uint8Array): Uint8Array;
}

/** ChaCha20 (RFC 8439) from block 0. Key 32 bytes, nonce 12 bytes: other lengths are `crypto.bad-length`. */
export interface StreamCipher {
  readonly name: string;
  /** `data` XOR the key stream: encrypts and decrypts. */
  apply(key: Uint8Array, nonce: Uint8Array, data: Uint8Array): Uint8Array;
}

export interface Hashes {
  readonly name: string;
  sha256(data: Uint8Array): Uint8Array;
  ripemd160(data: Uint8Array): Uint8Array;
  /** HMAC with SHA-256. */
  hmac(key: Uint8Array, data: Uint8Array): Uint8Array;
  /** RFC 5869 with SHA-256, extract and expand. */
  hkdf(salt: Uint8Array, ikm: Uint8Array, info: Uint8Array, length: number): Uint8Array;
}

export interface Crypto {
  readonly curve: Curve;
  readonly aead: Aead;
  readonly stream: StreamCipher;
  readonly hashes: Hashes;
}
