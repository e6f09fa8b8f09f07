import { hmac } from '@noble/hashes/hmac.js';
import { sha256 } from '@noble/hashes/sha2.js';
import * as secp256k1 from '@noble/secp256k1';
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
import { toBigInt } from './scalar.ts';
import type { Curve } from './types.ts';

// The library has no hashes of its own: its synchronous functions take them from here.
secp256k1.hashes.sha256 = sha256;
secp256k1.hashes.hmacSha256 = (key, message) => hmac(sha256, key, message);

const isPrivateKey = (key: Uint8Array): boolean =>
  key.length === SCALAR_LENGTH && secp256k1.utils.isValidSecretKey(key);

function assertPrivateKey(key: Uint8Array): void {
  if (!isPrivateKey(key)) throw badPrivateKey(key);
}

function parsePoint(point: Uint8Array): secp256k1.Point {
  if (point.length !== POINT_LENGTH) throw badPoint(point);
  try {
    return secp256k1.Point.fromBytes(point);
  } catch (error) {
    throw badPoint(point, error);
  }
}

/** @noble/secp256k1: JavaScript only. */
export const nobleCurve: Curve = {
  name: '@noble/secp256k1',
  isPrivateKey,
  isPoint: (point) => point.length === POINT_LENGTH && secp256k1.utils.isValidPublicKey(point, true),
  publicKey(privateKey) {
    assertPrivateKey(privateKey);
    return secp256k1.getPublicKey(privateKey, true);
  },
  ecdh(privateKey, point) {
    assertPrivateKey(privateKey);
    return sha256(parsePoint(point).multiply(toBigInt(privateKey)).toBytes(true));
  },
  sign(hash, privateKey) {
    assertLength('hash', hash, SCALAR_LENGTH);
    assertPrivateKey(privateKey);
    return secp256k1.sign(hash, privateKey, { prehash: false });
  },
  verify(signature, hash, point) {
    assertLength('signature', signature, SIGNATURE_LENGTH);
    assertLength('hash', hash, SCALAR_LENGTH);
    parsePoint(point);
    return secp256k1.verify(signature, hash, point, { prehash: false });
  },
  signRecoverable(hash, privateKey) {
    assertLength('hash', hash, SCALAR_LENGTH);
    assertPrivateKey(privateKey);
    const signature = secp256k1.sign(hash, privateKey, { prehash: false, format: 'recovered' });
    return Uint8Array.of(...signature.subarray(1), signature[0] ?? 0);
  },
  recover(signature, hash) {
    const { compact, recoveryId } = recoverableParts(signature, hash);
    try {
      return secp256k1.recoverPublicKey(Uint8Array.of(recoveryId, ...compact), hash, { prehash: false });
    } catch {
      return undefined;
    }
  },
  verifySchnorr(signature, message, xOnlyKey) {
    assertSchnorr(signature, message, xOnlyKey);
    return secp256k1.schnorr.verify(signature, message, xOnlyKey);
  },
  pointAdd(a, b) {
    const sum = parsePoint(a).add(parsePoint(b));
    if (sum.is0()) throw infinity();
    return sum.toBytes(true);
  },
  pointMultiply(point, scalar) {
    if (!isPrivateKey(scalar)) throw badScalar(scalar);
    return parsePoint(point).multiply(toBigInt(scalar)).toBytes(true);
  },
};
