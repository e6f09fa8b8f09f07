import { signSchnorr, xOnlyPointFromScalar } from 'tiny-secp256k1';
import { concat } from '../../src/core/bytes.ts';
import { defaultCrypto } from '../../src/crypto/crypto.ts';
import { segwitV0Sighash, SIGHASH_ALL, taprootKeyPathSighash } from '../../src/bitcoin/sighash.ts';
import type { TransactionOutput, TransactionParts } from '../../src/bitcoin/transaction.ts';

export interface Key {
  readonly publicKey: Uint8Array;
  readonly xOnlyKey: Uint8Array;
  /** A DER signature with its hash type, over a version 0 witness program. */
  sign(
    tx: TransactionParts,
    index: number,
    script: Uint8Array,
    amountSat: bigint,
    hashType?: number,
  ): Uint8Array;
  signTaproot(
    tx: TransactionParts,
    index: number,
    spent: readonly TransactionOutput[],
    hashType?: number,
  ): Uint8Array;
}

/** Keys are small numbers: each test reads who signs. */
export function keyOf(number: number): Key {
  const secret = new Uint8Array(32);
  new DataView(secret.buffer).setUint32(28, number);
  return {
    publicKey: defaultCrypto.curve.publicKey(secret),
    xOnlyKey: xOnlyPointFromScalar(secret),
    sign: (tx, index, script, amountSat, hashType = SIGHASH_ALL) => {
      const hash = segwitV0Sighash(tx, index, script, amountSat, hashType);
      return concat(der(defaultCrypto.curve.sign(hash, secret)), Uint8Array.of(hashType));
    },
    signTaproot: (tx, index, spent, hashType) => {
      const hash = taprootKeyPathSighash(tx, index, spent, hashType ?? 0)!;
      const signature = signSchnorr(hash, secret);
      return hashType === undefined ? signature : concat(signature, Uint8Array.of(hashType));
    },
  };
}

/** 64 bytes r || s as strict DER (BIP 66). */
export function der(compact: Uint8Array): Uint8Array {
  const integers = concat(derInteger(compact.subarray(0, 32)), derInteger(compact.subarray(32)));
  return concat(Uint8Array.of(0x30, integers.length), integers);
}

function derInteger(bytes: Uint8Array): Uint8Array {
  const digits = bytes.subarray(bytes.findIndex((byte) => byte !== 0));
  const body = digits[0]! < 0x80 ? digits : concat(Uint8Array.of(0), digits);
  return concat(Uint8Array.of(0x02, body.length), body);
}

/** n - s instead of s: as good in consensus, refused by policy. */
export function withHighS(signature: Uint8Array): Uint8Array {
  const order = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
  const hex = Buffer.from(signature).toString('hex');
  const rLength = signature[3]!;
  const r = hex
    .slice(8, 8 + 2 * rLength)
    .padStart(64, '0')
    .slice(-64);
  const s = BigInt(`0x${hex.slice(8 + 2 * rLength + 4, -2)}`);
  const compact = Buffer.from(r + (order - s).toString(16).padStart(64, '0'), 'hex');
  return concat(der(compact), signature.subarray(-1));
}
