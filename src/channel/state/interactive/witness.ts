import { RawWitness } from '@scure/btc-signer/script.js';
import { SIGHASH_ALL } from '../../../bitcoin/sighash.ts';

/** The stack of one input, as `witness_data` and transactions have it: a count, then the elements (BOLT 2, tx_signatures). */

export const encodeWitness = (stack: readonly Uint8Array[]): Uint8Array => RawWitness.encode([...stack]);

/** `undefined` where the bytes are not exactly one stack. */
export function decodeWitness(witness_data: Uint8Array): readonly Uint8Array[] | undefined {
  try {
    return RawWitness.decode(witness_data);
  } catch {
    return undefined;
  }
}

const DER_SEQUENCE = 0x30;
const SCHNORR_BYTES = 64;

/** The flag of the first signature among the elements that is not `SIGHASH_ALL`. What is no signature has no flag. */
export function otherFlag(stack: readonly Uint8Array[], isTaproot: boolean): number | undefined {
  if (isTaproot) {
    // BIP 341: 64 bytes have the default, which signs as SIGHASH_ALL does.
    const [signature] = stack;
    const flag = stack.length === 1 && signature?.length === SCHNORR_BYTES + 1 ? signature.at(-1) : undefined;
    return flag === SIGHASH_ALL ? undefined : flag;
  }
  // The last element is a script or a key.
  return stack
    .slice(0, -1)
    .filter(isDerSignature)
    .map((signature) => signature.at(-1))
    .find((flag) => flag !== SIGHASH_ALL);
}

/** Two integers in a sequence, then the flag (BIP 66). */
const isDerSignature = (element: Uint8Array): boolean =>
  element[0] === DER_SEQUENCE && element[1] === element.length - 3 && element[2] === 2;
