import { fromHex, toHex } from '../core/bytes.ts';
import { badScalar, SCALAR_LENGTH } from './errors.ts';

/** The order of secp256k1's group (SEC 2, 2.4.1). */
export const ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;

export const toBigInt = (bytes: Uint8Array): bigint => BigInt(`0x${toHex(bytes)}`);

/**
 * Sums and products of private keys modulo n, as BOLT 3 derives keys. Not constant in time: the keys are those of test channels.
 * Throws `crypto.bad-scalar` where an argument or the result is not from 1 to n - 1.
 */
export const scalarAdd = (a: Uint8Array, b: Uint8Array): Uint8Array => encode(decode(a) + decode(b));

export const scalarMultiply = (a: Uint8Array, b: Uint8Array): Uint8Array => encode(decode(a) * decode(b));

function decode(scalar: Uint8Array): bigint {
  const value = scalar.length === SCALAR_LENGTH ? toBigInt(scalar) : 0n;
  if (value === 0n || value >= ORDER) throw badScalar(scalar);
  return value;
}

function encode(value: bigint): Uint8Array {
  const bytes = fromHex((value % ORDER).toString(16).padStart(2 * SCALAR_LENGTH, '0'));
  decode(bytes);
  return bytes;
}
