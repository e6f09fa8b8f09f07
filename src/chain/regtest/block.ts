import { CompactSize } from '@scure/btc-signer/script.js';
import { concat, fromHex } from '../../core/bytes.ts';
import { BoltgridError } from '../../core/error.ts';
import { displayHash, fromDisplayHash, sha256d } from '../../bitcoin/hash.ts';
import {
  makeTransaction,
  NULL_OUTPOINT,
  parseTransaction,
  type Transaction,
} from '../../bitcoin/transaction.ts';

export interface BlockHeader {
  readonly version: number;
  readonly previousHash: string;
  readonly merkleRoot: string;
  /** Seconds since 1970. */
  readonly time: number;
  readonly bits: number;
  readonly nonce: number;
}

export interface Block {
  readonly header: BlockHeader;
  readonly rawHeader: Uint8Array;
  readonly hash: string;
  readonly height: number;
  readonly transactions: readonly Transaction[];
  readonly raw: Uint8Array;
}

export interface BlockPlan {
  readonly previousHash: string;
  readonly height: number;
  readonly time: number;
  /** Without the coinbase. */
  readonly transactions: readonly Transaction[];
  readonly feesSat: bigint;
  /** What the coinbase pays. */
  readonly script: Uint8Array;
  /** Makes two coinbases of one height different, so that a branch is another branch. */
  readonly extraNonce: number;
}

/** Regtest's proof-of-work limit in compact form; regtest never retargets. */
const REGTEST_BITS = 0x207f_ffff;
/** BIP 9: no deployment is signalled. */
const BLOCK_VERSION = 0x2000_0000;
const HALVING_INTERVAL_BLOCKS = 150;
const FIRST_SUBSIDY_SAT = 50n * 100_000_000n;
/** BIP 141: sha256d(witness root, reserved value) follows this header in an output of the coinbase. */
const COMMITMENT_HEADER = fromHex('6a24aa21a9ed');
const WITNESS_RESERVED_VALUE = new Uint8Array(32);

export const subsidySat = (height: number): bigint =>
  FIRST_SUBSIDY_SAT >> BigInt(Math.min(63, Math.floor(height / HALVING_INTERVAL_BLOCKS)));

/** Builds the block and does its proof of work: at regtest's difficulty two tries on average. */
export function mineBlock(plan: BlockPlan): Block {
  const transactions = [makeCoinbase(plan), ...plan.transactions];
  const header = {
    version: BLOCK_VERSION,
    previousHash: plan.previousHash,
    merkleRoot: merkleRoot(transactions.map(({ txid }) => txid)),
    time: plan.time,
    bits: REGTEST_BITS,
  };
  for (let nonce = 0; nonce <= 0xffff_ffff; nonce++) {
    const rawHeader = encodeHeader({ ...header, nonce });
    if (meetsRegtestTarget(displayHash(sha256d(rawHeader))))
      return assembleBlock({ ...header, nonce }, plan.height, transactions);
  }
  throw new BoltgridError('chain.no-nonce', 'harness', 'no nonce gives the block its proof of work');
}

const REGTEST_TARGET = '7fffff'.padEnd(64, '0');

/** Whether a displayed block hash, as a number, is at most regtest's target. */
export const meetsRegtestTarget = (hash: string): boolean => hash <= REGTEST_TARGET;

export function encodeHeader({
  version,
  previousHash,
  merkleRoot,
  time,
  bits,
  nonce,
}: BlockHeader): Uint8Array {
  const raw = new Uint8Array(80);
  const view = new DataView(raw.buffer);
  view.setInt32(0, version, true);
  raw.set(fromDisplayHash(previousHash), 4);
  raw.set(fromDisplayHash(merkleRoot), 36);
  view.setUint32(68, time, true);
  view.setUint32(72, bits, true);
  view.setUint32(76, nonce, true);
  return raw;
}

/** Root over displayed ids: pairs are hashed, an odd last one with itself. */
export function merkleRoot(ids: readonly string[]): string {
  let row = ids.map(fromDisplayHash);
  while (row.length > 1) {
    const next: Uint8Array[] = [];
    for (let i = 0; i < row.length; i += 2) {
      const left = row[i] ?? new Uint8Array(32);
      next.push(sha256d(concat(left, row[i + 1] ?? left)));
    }
    row = next;
  }
  return displayHash(row[0] ?? new Uint8Array(32));
}

/** The header must be that of these transactions. */
export function assembleBlock(
  header: BlockHeader,
  height: number,
  transactions: readonly Transaction[],
): Block {
  const rawHeader = encodeHeader(header);
  const count = CompactSize.encode(BigInt(transactions.length));
  return {
    header,
    rawHeader,
    hash: displayHash(sha256d(rawHeader)),
    height,
    transactions,
    raw: concat(rawHeader, count, ...transactions.map(({ raw }) => raw)),
  };
}

function makeCoinbase({ height, transactions, feesSat, script, extraNonce }: BlockPlan): Transaction {
  const witnessRoot = merkleRoot([NULL_OUTPOINT.txid, ...transactions.map(({ wtxid }) => wtxid)]);
  const commitment = sha256d(concat(fromDisplayHash(witnessRoot), WITNESS_RESERVED_VALUE));
  const nonce = new Uint8Array(8);
  new DataView(nonce.buffer).setBigUint64(0, BigInt(extraNonce), true);
  return makeTransaction({
    version: 2,
    inputs: [
      {
        ...NULL_OUTPOINT,
        scriptSig: concat(heightPush(height), Uint8Array.of(nonce.length), nonce),
        sequence: 0xffff_ffff,
        witness: [WITNESS_RESERVED_VALUE],
      },
    ],
    outputs: [
      { amountSat: subsidySat(height) + feesSat, script },
      { amountSat: 0n, script: concat(COMMITMENT_HEADER, commitment) },
    ],
    lockTime: 0,
  });
}

/** BIP 34: the height as a minimal script number, OP_1 to OP_16 where it fits. */
function heightPush(height: number): Uint8Array {
  if (height <= 16) return Uint8Array.of(0x50 + height);
  const bytes: number[] = [];
  for (let rest = height; rest > 0; rest = Math.floor(rest / 256)) bytes.push(rest % 256);
  if ((bytes.at(-1) ?? 0) >= 0x80) bytes.push(0);
  return Uint8Array.of(bytes.length, ...bytes);
}

const GENESIS_COINBASE = fromHex(
  '01000000010000000000000000000000000000000000000000000000000000000000000000ffffffff4d04ffff001d0104455468652054696d65732030332f4a616e2f32303039204368616e63656c6c6f72206f6e206272696e6b206f66207365636f6e64206261696c6f757420666f722062616e6b73ffffffff0100f2052a01000000434104678afdb0fe5548271967f1a67130b7105cd6a828e03909a67962e0ea1f61deb649f6bc3f4cef38c4f35504e51ec112de5c384df7ba0b8d578a4c702b6bf11d5fac00000000',
);

/** The block that every regtest starts from. */
export const GENESIS: Block = (() => {
  const coinbase = parseTransaction(GENESIS_COINBASE);
  const header = { version: 1, previousHash: NULL_OUTPOINT.txid, merkleRoot: merkleRoot([coinbase.txid]) };
  return assembleBlock({ ...header, time: 1_296_688_602, bits: REGTEST_BITS, nonce: 2 }, 0, [coinbase]);
})();
