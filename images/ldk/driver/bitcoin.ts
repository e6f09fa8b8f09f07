import {
  curve,
  hash160,
  OperationError,
  parseTransaction,
  segwitV0Sighash,
  sha256,
  SIGHASH_ALL,
  type Transaction,
  type TransactionParts,
} from 'boltgrid/driver';

/** One of the node's keys, by its purpose. */
export function derivedKey(seed: Uint8Array, purpose: string): Uint8Array {
  let key = sha256(Buffer.concat([seed, Buffer.from(purpose)]));
  while (!curve.isPrivateKey(key)) key = sha256(key);
  return key;
}

export const p2wpkhScript = (privateKey: Uint8Array): Uint8Array =>
  Buffer.concat([Uint8Array.of(0, 20), hash160(curve.publicKey(privateKey))]);

/** The witness of an input that spends a P2WPKH output (BIP 143). */
export function p2wpkhWitness(
  parts: TransactionParts,
  index: number,
  amountSat: bigint,
  privateKey: Uint8Array,
): Uint8Array[] {
  const publicKey = curve.publicKey(privateKey);
  const scriptCode = Buffer.concat([
    Uint8Array.of(0x76, 0xa9, 20),
    hash160(publicKey),
    Uint8Array.of(0x88, 0xac),
  ]);
  const sighash = segwitV0Sighash(parts, index, scriptCode, amountSat, SIGHASH_ALL);
  return [Buffer.concat([der(curve.sign(sighash, privateKey)), Uint8Array.of(SIGHASH_ALL)]), publicKey];
}

/** 64 bytes r || s as BIP 66 has them. */
function der(signature: Uint8Array): Uint8Array {
  const integers = Buffer.concat([derInteger(signature.subarray(0, 32)), derInteger(signature.subarray(32))]);
  return Buffer.concat([Uint8Array.of(0x30, integers.length), integers]);
}

function derInteger(bytes: Uint8Array): Uint8Array {
  const digits = bytes.subarray(bytes.findIndex((byte) => byte !== 0));
  const padded = (digits[0] ?? 0) >= 0x80 ? [Uint8Array.of(0), digits] : [digits];
  const content = Buffer.concat(padded);
  return Buffer.concat([Uint8Array.of(0x02, content.length), content]);
}

const HEADER_BYTES = 80;

/** A block as getblock gives it: its header, a count, and the transactions one after the other. */
export function parseBlock(raw: Uint8Array): { rawHeader: Uint8Array; transactions: Transaction[] } {
  const reader = new Reader(raw, HEADER_BYTES);
  const transactions: Transaction[] = [];
  for (let left = reader.count(); left > 0; left--) {
    const start = reader.at;
    skipTransaction(reader);
    transactions.push(parseTransaction(raw.subarray(start, reader.at)));
  }
  return { rawHeader: raw.slice(0, HEADER_BYTES), transactions };
}

/** The unsigned transaction of a PSBT (BIP 174): the value of the global map's first key, 0x00. */
export function transactionOfPsbt(psbt: Uint8Array): Transaction {
  const reader = new Reader(psbt, 5);
  if (reader.count() !== 1 || reader.count() !== 0) {
    throw new OperationError('internal', 'a PSBT without its transaction');
  }
  const length = reader.count();
  return parseTransaction(psbt.subarray(reader.at, reader.at + length));
}

function skipTransaction(reader: Reader): void {
  reader.skip(4);
  let inputs = reader.count();
  const segwit = inputs === 0;
  if (segwit) {
    reader.skip(1);
    inputs = reader.count();
  }
  for (let i = 0; i < inputs; i++) {
    reader.skip(36);
    reader.skip(reader.count());
    reader.skip(4);
  }
  for (let outputs = reader.count(); outputs > 0; outputs--) {
    reader.skip(8);
    reader.skip(reader.count());
  }
  for (let i = 0; segwit && i < inputs; i++) {
    for (let items = reader.count(); items > 0; items--) reader.skip(reader.count());
  }
  reader.skip(4);
}

class Reader {
  at: number;
  readonly #view: DataView;

  constructor(bytes: Uint8Array, at: number) {
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.at = at;
  }

  skip(bytes: number): void {
    this.at += bytes;
  }

  /** Bitcoin's CompactSize; a length of 2^32 and more never fits a block. */
  count(): number {
    const first = this.#view.getUint8(this.at++);
    if (first < 0xfd) return first;
    const long = first !== 0xfd;
    const value = long ? this.#view.getUint32(this.at, true) : this.#view.getUint16(this.at, true);
    this.at += long ? 4 : 2;
    return value;
  }
}
