import { toHex } from '../core/bytes.ts';
import { BoltgridError, isBoltgridError } from '../core/error.ts';

export const ACT_ONE_LENGTH = 50;
export const ACT_TWO_LENGTH = 50;
export const ACT_THREE_LENGTH = 66;
export const VERSION = 0;

export type ActName = 'act1' | 'act2' | 'act3';
export type ActFault = 'read-failed' | 'bad-version' | 'bad-pubkey' | 'bad-ciphertext' | 'bad-tag';

const WHAT: Readonly<Record<ActFault, string>> = {
  'read-failed': 'wrong number of bytes',
  'bad-version': 'unknown handshake version',
  'bad-pubkey': 'the public key is not on the curve',
  'bad-ciphertext': 'the MAC of the encrypted static key does not match',
  'bad-tag': 'the MAC does not match',
};

/** `noise.act2.bad-version` and the like: BOLT 8's `ACT2_BAD_VERSION`. */
const actError = (act: ActName, fault: ActFault, bytes: Uint8Array, cause?: unknown): BoltgridError =>
  new BoltgridError(`noise.${act}.${fault}`, 'node', `BOLT 8 ${act}: ${WHAT[fault]}`, {
    details: { length: bytes.length, raw: toHex(bytes.subarray(0, 2 * ACT_THREE_LENGTH)) },
    cause,
  });

/** The other side ended the connection within an act; `cause` is the `noise.closed` of the socket. */
export const actReadFailed = (act: ActName, cause: BoltgridError): BoltgridError =>
  new BoltgridError(`noise.${act}.read-failed`, 'node', `BOLT 8 ${act}: ${cause.message}`, {
    details: cause.details,
    cause,
  });

/** Reads `v` off an act of exactly `length` bytes and returns the rest. */
export function openAct(act: ActName, bytes: Uint8Array, length: number): Uint8Array {
  if (bytes.length !== length) throw actError(act, 'read-failed', bytes);
  if (bytes[0] !== VERSION) throw actError(act, 'bad-version', bytes);
  return bytes.slice(1);
}

/** Runs one step of an act; a `crypto.*` error in it is reported as the act's. */
export function actStep<T>(act: ActName, fault: ActFault, bytes: Uint8Array, step: () => T): T {
  try {
    return step();
  } catch (error) {
    if (isBoltgridError(error) && (error.code === 'crypto.bad-point' || error.code === 'crypto.bad-tag')) {
      throw actError(act, fault, bytes, error);
    }
    throw error;
  }
}
