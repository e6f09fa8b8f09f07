import { concat, toHex } from '../../core/bytes.ts';
import { defaultCrypto } from '../../crypto/crypto.ts';
import { invoiceFault, type InvoiceFault } from './faults.ts';
import { wordsToPaddedBytes } from './words.ts';

/** 65 bytes: r, s and the recovery id. */
export const SIGNATURE_WORDS = 104;

/** What is signed (BOLT 11, Data Part): the human-readable part and the words before the signature. */
export const signedHash = (prefix: string, words: readonly number[]): Uint8Array =>
  defaultCrypto.hashes.sha256(concat(new TextEncoder().encode(prefix), wordsToPaddedBytes(words)));

/** Half of the order of secp256k1's group: an S above it is high. */
const HALF_ORDER = '7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0';

export interface CheckedSignature {
  /** The `n` field, or the key that the signature gives; `undefined` where it gives none. */
  readonly payee?: Uint8Array;
  readonly faults: readonly InvoiceFault[];
}

/** `stated` is the first valid `n` field. */
export function checkSignature(
  signature: Uint8Array,
  hash: Uint8Array,
  stated: Uint8Array | undefined,
): CheckedSignature {
  const { curve } = defaultCrypto;
  if (stated === undefined) {
    const payee = curve.recover(signature, hash);
    if (payee !== undefined) return { payee, faults: [] };
    return { faults: [invoiceFault('invoice.signature', 'no public key can be recovered')] };
  }
  const compact = signature.slice(0, 64);
  if (toHex(compact.subarray(32)) > HALF_ORDER) {
    return { payee: stated, faults: [invoiceFault('invoice.high-s', 'the S of the signature is high')] };
  }
  if (curve.verify(compact, hash, stated)) return { payee: stated, faults: [] };
  return {
    payee: stated,
    faults: [invoiceFault('invoice.signature', 'the signature is not of the n field')],
  };
}
