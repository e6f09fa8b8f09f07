import { outputScript } from '../../bitcoin/output.ts';
import {
  isCoinbase,
  isNullOutpoint,
  outpoint,
  type Transaction,
  type TransactionOutput,
} from '../../bitcoin/transaction.ts';

/** Why a transaction was refused, as bitcoind says it. */
export interface Rejection {
  /** bitcoind's reject reason: `bad-txns-inputs-missingorspent`. */
  readonly reason: string;
  /** More words, where bitcoind has them. */
  readonly detail?: string;
  /** Error code of sendrawtransaction. */
  readonly code: number;
}

/** bitcoind's codes: -26 a rule was broken, -25 inputs are missing or the fee is out of bounds. */
const VERIFY_REJECTED = -26;
export const VERIFY_ERROR = -25;

export const rejection = (reason: string, detail?: string): Rejection => ({
  reason,
  code: VERIFY_REJECTED,
  ...(detail !== undefined && { detail }),
});

/** A reason that others ask for by name. */
export const MISSING_INPUTS = 'bad-txns-inputs-missingorspent';

/** bitcoind's defaults up to version 29. */
export const MIN_RELAY_SAT_PER_KVB = 1000n;
export const INCREMENTAL_RELAY_SAT_PER_KVB = 1000n;
const DUST_RELAY_SAT_PER_KVB = 3000n;
export const MAX_REPLACED = 100;
export const MAX_CHAIN_OF_UNCONFIRMED = 25;
const MAX_STANDARD_WEIGHT = 400_000;
const MIN_STANDARD_BYTES = 65;
const MAX_MONEY_SAT = 21_000_000n * 100_000_000n;

export const feeAt = (satPerKvb: bigint, vsize: number): bigint => (satPerKvb * BigInt(vsize) + 999n) / 1000n;

const inMoneyRange = (amountSat: bigint): boolean => amountSat >= 0n && amountSat <= MAX_MONEY_SAT;

/** Consensus rules that need nothing but the transaction. */
export function malformed(tx: Transaction): Rejection | undefined {
  if (tx.inputs.length === 0) return rejection('bad-txns-vin-empty');
  if (tx.outputs.length === 0) return rejection('bad-txns-vout-empty');
  let totalSat = 0n;
  for (const { amountSat } of tx.outputs) {
    // Amounts are signed on the wire.
    if (amountSat >= 1n << 63n) return rejection('bad-txns-vout-negative');
    if (!inMoneyRange(amountSat)) return rejection('bad-txns-vout-toolarge');
    totalSat += amountSat;
    if (!inMoneyRange(totalSat)) return rejection('bad-txns-txouttotal-toolarge');
  }
  if (new Set(tx.inputs.map(outpoint)).size !== tx.inputs.length)
    return rejection('bad-txns-inputs-duplicate');
  if (isCoinbase(tx)) return rejection('coinbase');
  if (tx.inputs.some(isNullOutpoint)) return rejection('bad-txns-prevout-null');
  return undefined;
}

/** Relay rules that need nothing but the transaction. */
export function nonStandard(tx: Transaction): Rejection | undefined {
  if (tx.version !== 1 && tx.version !== 2) return rejection('version');
  if (tx.weight > MAX_STANDARD_WEIGHT) return rejection('tx-size');
  if (tx.inputs.some(({ scriptSig }) => scriptSig.length > 1650)) return rejection('scriptsig-size');
  if (tx.outputs.some(({ script }) => outputScript(script).kind === 'nonstandard'))
    return rejection('scriptpubkey');
  // One may be left to a child to spend, if it pays no fee: `leavesDust`.
  if (tx.outputs.filter(isDust).length > 1) return rejection('dust');
  if (tx.outputs.filter(({ script }) => outputScript(script).kind === 'nulldata').length > 1)
    return rejection('multi-op-return');
  if (strippedBytes(tx) < MIN_STANDARD_BYTES) return rejection('tx-size-small');
  return undefined;
}

/** Dust is only for those that pay nothing and whose child spends it. */
export function leavesDust(tx: Transaction, feeSat: bigint): Rejection | undefined {
  return feeSat > 0n && tx.outputs.some(isDust)
    ? rejection('dust', 'tx with dust output must be 0-fee')
    : undefined;
}

/** Three times the size without witness, plus the whole, is the weight. */
const strippedBytes = ({ weight, raw }: Transaction): number => (weight - raw.length) / 3;

/** An output that costs more to spend than a third of its worth at the dust feerate; BOLT 3 lists the resulting limits. */
function isDust(output: TransactionOutput): boolean {
  const { kind } = outputScript(output.script);
  if (kind === 'nulldata') return false;
  const outputBytes = 8 + 1 + output.script.length;
  const legacy = kind === 'pubkeyhash' || kind === 'scripthash' || kind === 'nonstandard';
  // An input of 148 bytes, or with the signature's 107 bytes as witness.
  const spendBytes = legacy ? 148 : 41 + Math.floor(107 / 4);
  return output.amountSat < feeAt(DUST_RELAY_SAT_PER_KVB, outputBytes + spendBytes);
}
