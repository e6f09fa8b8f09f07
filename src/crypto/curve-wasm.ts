import { createRequire } from 'node:module';
import type * as TinySecp256k1 from 'tiny-secp256k1';
import { nobleCurve } from './curve-noble.ts';
import {
  assertLength,
  assertSchnorr,
  badPoint,
  badPrivateKey,
  badScalar,
  infinity,
  POINT_LENGTH,
  recoverableParts,
  SCALAR_LENGTH,
  SIGNATURE_LENGTH,
} from './errors.ts';
import { nodeHashes } from './hashes-node.ts';
import type { Curve } from './types.ts';

/** libsecp256k1 as WebAssembly; `undefined` where it does not load (no WebAssembly, or no memory for it). */
export const wasmCurve: Curve | undefined = load();

function load(): Curve | undefined {
  try {
    // By require and not by import: a failing import could only be caught by a top-level await.
    const tiny = createRequire(import.meta.url)('tiny-secp256k1') as typeof TinySecp256k1;
    return curveOf(tiny);
  } catch {
    return undefined;
  }
}

function curveOf(tiny: typeof TinySecp256k1): Curve {
  const isPrivateKey = (key: Uint8Array): boolean => key.length === SCALAR_LENGTH && tiny.isPrivate(key);
  const isPoint = (point: Uint8Array): boolean =>
    point.length === POINT_LENGTH && tiny.isPointCompressed(point);

  const assertPrivateKey = (key: Uint8Array): void => {
    if (!isPrivateKey(key)) throw badPrivateKey(key);
  };
  /** The library throws on a point that is off the curve; checking it beforehand as well would cost a square root. */
  const multiply = (point: Uint8Array, scalar: Uint8Array): Uint8Array => {
    if (point.length !== POINT_LENGTH) throw badPoint(point);
    try {
      return finite(tiny.pointMultiply(point, scalar, true));
    } catch (error) {
      throw badPoint(point, error);
    }
  };

  return {
    name: 'tiny-secp256k1',
    isPrivateKey,
    isPoint,
    publicKey(privateKey) {
      assertPrivateKey(privateKey);
      return finite(tiny.pointFromScalar(privateKey, true));
    },
    ecdh(privateKey, point) {
      assertPrivateKey(privateKey);
      return nodeHashes.sha256(multiply(point, privateKey));
    },
    sign(hash, privateKey) {
      assertLength('hash', hash, SCALAR_LENGTH);
      assertPrivateKey(privateKey);
      return tiny.sign(hash, privateKey);
    },
    verify(signature, hash, point) {
      assertLength('signature', signature, SIGNATURE_LENGTH);
      assertLength('hash', hash, SCALAR_LENGTH);
      if (!isPoint(point)) throw badPoint(point);
      try {
        return tiny.verify(hash, point, signature, true);
      } catch {
        // The library throws where r or s is not below n.
        return false;
      }
    },
    signRecoverable(hash, privateKey) {
      assertLength('hash', hash, SCALAR_LENGTH);
      assertPrivateKey(privateKey);
      const { signature, recoveryId } = tiny.signRecoverable(hash, privateKey);
      return Uint8Array.of(...signature, recoveryId);
    },
    recover(signature, hash) {
      const { compact, recoveryId } = recoverableParts(signature, hash);
      // For 2 and 3 the library asks that r is an x coordinate, where r + n is it.
      if (recoveryId > 1) return nobleCurve.recover(signature, hash);
      try {
        return tiny.recover(hash, compact, recoveryId === 1 ? 1 : 0, true) ?? undefined;
      } catch {
        // The library throws where r or s is out of range or r is no x coordinate.
        return undefined;
      }
    },
    verifySchnorr(signature, message, xOnlyKey) {
      assertSchnorr(signature, message, xOnlyKey);
      try {
        return tiny.verifySchnorr(message, xOnlyKey, signature);
      } catch {
        // The library throws where the key is no point, or r or s is out of range.
        return false;
      }
    },
    pointAdd(a, b) {
      for (const point of [a, b]) if (!isPoint(point)) throw badPoint(point);
      return finite(tiny.pointAdd(a, b, true));
    },
    pointMultiply(point, scalar) {
      if (!isPrivateKey(scalar)) throw badScalar(scalar);
      return multiply(point, scalar);
    },
  };
}

function finite(point: Uint8Array | null): Uint8Array {
  if (point === null) throw infinity();
  return point;
}
