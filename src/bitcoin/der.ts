import { concat, EMPTY, toHex } from '../core/bytes.ts';
import { ScriptFailure } from './failure.ts';

const SEQUENCE_TAG = 0x30;
const INTEGER_TAG = 0x02;

/** Half of secp256k1's order, rounded down. */
const HIGHEST_LOW_S = '7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0';

/** Strict DER (BIP 66) with a low S (BIP 62, policy) to 64 bytes r || s. Throws `ScriptFailure`. */
export function compactSignature(der: Uint8Array): Uint8Array {
  const [tag, length] = der;
  if (der.length < 8 || der.length > 72 || tag !== SEQUENCE_TAG || length !== der.length - 2) throw notDer();
  const r = readInteger(der, 2);
  const s = readInteger(der, r.end);
  if (s.end !== der.length) throw notDer();
  if (toHex(s.bytes) > HIGHEST_LOW_S)
    throw new ScriptFailure('Non-canonical signature: S value is unnecessarily high');
  return concat(r.bytes, s.bytes);
}

/** 64 bytes r || s, as Lightning's messages have it, to strict DER. */
export function derSignature(compact: Uint8Array): Uint8Array {
  const integers = concat(writeInteger(compact.subarray(0, 32)), writeInteger(compact.subarray(32, 64)));
  return concat(Uint8Array.of(SEQUENCE_TAG, integers.length), integers);
}

function writeInteger(bytes: Uint8Array): Uint8Array {
  const start = bytes.findIndex((byte) => byte !== 0);
  // Zero is one byte; a leading zero keeps a number with its highest bit set positive.
  const digits = start < 0 ? Uint8Array.of(0) : bytes.subarray(start);
  const padding = (digits[0] ?? 0) >= 0x80 ? Uint8Array.of(0) : EMPTY;
  return concat(Uint8Array.of(INTEGER_TAG, padding.length + digits.length), padding, digits);
}

function readInteger(der: Uint8Array, at: number): { bytes: Uint8Array; end: number } {
  const length = der[at + 1] ?? 0;
  const end = at + 2 + length;
  if (der[at] !== INTEGER_TAG || length === 0 || end > der.length) throw notDer();
  const [first = 0, second = 0] = der.subarray(at + 2, end);
  const negative = (first & 0x80) !== 0;
  const padded = length > 1 && first === 0 && (second & 0x80) === 0;
  const digits = der.subarray(first === 0 ? at + 3 : at + 2, end);
  if (negative || padded || digits.length > 32) throw notDer();
  const bytes = new Uint8Array(32);
  bytes.set(digits, 32 - digits.length);
  return { bytes, end };
}

const notDer = (): ScriptFailure => new ScriptFailure('Non-canonical DER signature');
