import { randomBytes } from 'node:crypto';
import { nobleAead } from './aead-noble.ts';
import { nodeAead } from './aead-node.ts';
import { nobleCurve } from './curve-noble.ts';
import { wasmCurve } from './curve-wasm.ts';
import { SCALAR_LENGTH } from './errors.ts';
import { nobleHashes } from './hashes-noble.ts';
import { nodeHashes } from './hashes-node.ts';
import { nobleStream } from './stream-noble.ts';
import { nodeStream } from './stream-node.ts';
import type { Aead, Crypto, Curve, Hashes, StreamCipher } from './types.ts';

export { scalarAdd, scalarMultiply } from './scalar.ts';
export type { Aead, Crypto, Curve, Hashes, StreamCipher } from './types.ts';

/**
 * Every backend that works here, fastest first: the first of each is the default, the others are its check in tests and in the
 * benchmark. Measured on Node 20: WebAssembly multiplies a point in a fifteenth of JavaScript's time; OpenSSL is ahead for
 * every size, from an empty plaintext to 64 KiB (`bench/engine.ts` prints the figures).
 */
export const curves: readonly [Curve, ...Curve[]] = wasmCurve ? [wasmCurve, nobleCurve] : [nobleCurve];
export const aeads: readonly [Aead, ...Aead[]] = [nodeAead, nobleAead];
export const streams: readonly [StreamCipher, ...StreamCipher[]] = [nodeStream, nobleStream];
export const hashSuites: readonly [Hashes, ...Hashes[]] = [nodeHashes, nobleHashes];

export const defaultCrypto: Crypto = {
  curve: curves[0],
  aead: aeads[0],
  stream: streams[0],
  hashes: hashSuites[0],
};

/** A fresh private key from the system's randomness. */
export function randomPrivateKey(): Uint8Array {
  // One in 2^128 draws is outside the group.
  for (;;) {
    const key = Uint8Array.from(randomBytes(SCALAR_LENGTH));
    if (defaultCrypto.curve.isPrivateKey(key)) return key;
  }
}
