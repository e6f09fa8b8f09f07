import { toHex } from '../core/bytes.ts';
import { BoltgridError } from '../core/error.ts';

export const POINT_LENGTH = 33;
export const SCALAR_LENGTH = 32;
export const SIGNATURE_LENGTH = 64;
/** r || s || recovery id. */
const RECOVERABLE_LENGTH = SIGNATURE_LENGTH + 1;
export const KEY_LENGTH = 32;
export const NONCE_LENGTH = 12;
export const TAG_LENGTH = 16;

/** Points come off the wire: the other side's fault unless the caller knows better. */
export const badPoint = (point: Uint8Array, cause?: unknown): BoltgridError =>
  new BoltgridError('crypto.bad-point', 'node', 'not a compressed point of secp256k1', {
    details: { length: point.length, point: toHex(point.subarray(0, 65)) },
    cause,
  });

export const infinity = (): BoltgridError =>
  new BoltgridError('crypto.bad-point', 'node', 'the result is the point at infinity');

export const badPrivateKey = (key: Uint8Array): BoltgridError =>
  new BoltgridError('crypto.bad-private-key', 'harness', 'not a private key of secp256k1', {
    details: { length: key.length },
  });

export const badScalar = (scalar: Uint8Array): BoltgridError =>
  new BoltgridError('crypto.bad-scalar', 'harness', 'not a scalar from 1 to n - 1', {
    details: { length: scalar.length },
  });

export const badTag = (length: number): BoltgridError =>
  new BoltgridError('crypto.bad-tag', 'node', 'the Poly1305 tag does not match', { details: { length } });

/** Throws `crypto.bad-length`. */
export function assertLength(what: string, bytes: Uint8Array, length: number): void {
  if (bytes.length !== length) {
    throw new BoltgridError('crypto.bad-length', 'harness', `${what}: ${bytes.length} bytes, not ${length}`);
  }
}

/** The parts of a recoverable signature. Throws `crypto.bad-length`. */
export function recoverableParts(
  signature: Uint8Array,
  hash: Uint8Array,
): { readonly compact: Uint8Array; readonly recoveryId: number } {
  assertLength('signature', signature, RECOVERABLE_LENGTH);
  assertLength('hash', hash, SCALAR_LENGTH);
  return { compact: signature.slice(0, SIGNATURE_LENGTH), recoveryId: signature[SIGNATURE_LENGTH] ?? 0 };
}

/** Lengths of what BIP 340 verifies. */
export function assertSchnorr(signature: Uint8Array, message: Uint8Array, xOnlyKey: Uint8Array): void {
  assertLength('signature', signature, SIGNATURE_LENGTH);
  assertLength('message', message, SCALAR_LENGTH);
  assertLength('x-only key', xOnlyKey, SCALAR_LENGTH);
}
