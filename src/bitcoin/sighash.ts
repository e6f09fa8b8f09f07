import { RawOutput, VarBytes } from '@scure/btc-signer/script.js';
import { concat, fromHex } from '../core/bytes.ts';
import { BoltgridError } from '../core/error.ts';
import { sha256, sha256d, taggedHash } from './hash.ts';
import type { TransactionInput, TransactionOutput, TransactionParts } from './transaction.ts';

export const SIGHASH_DEFAULT = 0x00;
export const SIGHASH_ALL = 0x01;
const SIGHASH_NONE = 0x02;
export const SIGHASH_SINGLE = 0x03;
export const SIGHASH_ANYONECANPAY = 0x80;

const ZERO_HASH = new Uint8Array(32);

/** BIP 143: what an ECDSA signature of a version 0 witness program signs. `scriptCode` is without its length. */
export const segwitV0Sighash = (
  tx: TransactionParts,
  index: number,
  scriptCode: Uint8Array,
  amountSat: bigint,
  hashType: number,
): Uint8Array => segwitV0Sighasher(tx)(index, scriptCode, amountSat, hashType);

/** `segwitV0Sighash` for several inputs of one transaction: what they share is hashed once. */
export function segwitV0Sighasher(
  tx: TransactionParts,
): (index: number, scriptCode: Uint8Array, amountSat: bigint, hashType: number) => Uint8Array {
  const hashPrevouts = once(() => sha256d(concat(...tx.inputs.map(encodeOutpoint))));
  const hashSequence = once(() => sha256d(concat(...tx.inputs.map(encodeSequence))));
  const hashAllOutputs = once(() => sha256d(concat(...tx.outputs.map(encodeOutput))));
  return (index, scriptCode, amountSat, hashType) => {
    const spending = tx.inputs[index];
    if (!spending) throw new BoltgridError('bitcoin.no-input', 'harness', `no input ${index}`);
    const anyoneCanPay = (hashType & SIGHASH_ANYONECANPAY) !== 0;
    const base = hashType & 0x1f;
    const all = base !== SIGHASH_SINGLE && base !== SIGHASH_NONE;
    const single = base === SIGHASH_SINGLE ? tx.outputs[index] : undefined;
    const hashOutputs = all ? hashAllOutputs() : single ? sha256d(encodeOutput(single)) : ZERO_HASH;
    return sha256d(
      concat(
        int32(tx.version),
        anyoneCanPay ? ZERO_HASH : hashPrevouts(),
        !anyoneCanPay && all ? hashSequence() : ZERO_HASH,
        encodeOutpoint(spending),
        VarBytes.encode(scriptCode),
        uint64(amountSat),
        encodeSequence(spending),
        hashOutputs,
        uint32(tx.lockTime),
        uint32(hashType),
      ),
    );
  };
}

function once(compute: () => Uint8Array): () => Uint8Array {
  let result: Uint8Array | undefined;
  return () => (result ??= compute());
}

/**
 * BIP 341: what a Schnorr signature of a key path spend without annex signs. `spent` are the outputs spent by the inputs, in order.
 * `undefined` where the hash type is none that BIP 341 defines for this input.
 */
export function taprootKeyPathSighash(
  tx: TransactionParts,
  index: number,
  spent: readonly TransactionOutput[],
  hashType: number,
): Uint8Array | undefined {
  if (![0x00, 0x01, 0x02, 0x03, 0x81, 0x82, 0x83].includes(hashType)) return undefined;
  const spending = tx.inputs[index];
  const spentOutput = spent[index];
  if (!spending || !spentOutput) return undefined;
  const anyoneCanPay = (hashType & SIGHASH_ANYONECANPAY) !== 0;
  const base = hashType & 0x03;
  const single = tx.outputs[index];
  if (base === SIGHASH_SINGLE && !single) return undefined;
  const parts = [Uint8Array.of(0, hashType), int32(tx.version), uint32(tx.lockTime)];
  if (!anyoneCanPay) {
    parts.push(
      sha256(concat(...tx.inputs.map(encodeOutpoint))),
      sha256(concat(...spent.map(({ amountSat }) => uint64(amountSat)))),
      sha256(concat(...spent.map(({ script }) => VarBytes.encode(script)))),
      sha256(concat(...tx.inputs.map(encodeSequence))),
    );
  }
  if (base === SIGHASH_ALL || base === SIGHASH_DEFAULT)
    parts.push(sha256(concat(...tx.outputs.map(encodeOutput))));
  // Spend type: key path, no annex.
  parts.push(Uint8Array.of(0));
  if (anyoneCanPay) parts.push(encodeOutpoint(spending), encodeOutput(spentOutput), encodeSequence(spending));
  else parts.push(uint32(index));
  if (base === SIGHASH_SINGLE && single) parts.push(sha256(encodeOutput(single)));
  return taggedHash('TapSighash', ...parts);
}

const encodeOutpoint = ({ txid, vout }: TransactionInput): Uint8Array =>
  concat(fromHex(txid).reverse(), uint32(vout));
const encodeSequence = ({ sequence }: TransactionInput): Uint8Array => uint32(sequence);
const encodeOutput = ({ amountSat, script }: TransactionOutput): Uint8Array =>
  RawOutput.encode({ amount: amountSat, script });

function int32(value: number): Uint8Array {
  return uint32(value >>> 0);
}

function uint32(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value, true);
  return bytes;
}

function uint64(value: bigint): Uint8Array {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, value, true);
  return bytes;
}
