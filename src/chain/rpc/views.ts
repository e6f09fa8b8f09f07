import { toHex } from '../../core/bytes.ts';
import type { Block } from '../regtest/block.ts';
import { Amount, type Json } from '../json.ts';
import type { Confirmed, Ledger } from '../regtest/ledger.ts';
import { feeAt, MIN_RELAY_SAT_PER_KVB } from '../regtest/policy.ts';
import type { Mempool, MempoolEntry } from '../regtest/mempool.ts';
import { addressOfScript, outputScript } from '../../bitcoin/output.ts';
import { isCoinbase, type Transaction, type TransactionOutput } from '../../bitcoin/transaction.ts';

/** What bitcoind's JSON-RPC answers, in its own field names. */

/** Regtest's difficulty never changes. */
const DIFFICULTY = 4.656542373906925e-10;

function confirmations(ledger: Ledger, block: Block): number {
  return ledger.isActive(block) ? ledger.tip.height - block.height + 1 : -1;
}

export function headerView(ledger: Ledger, block: Block) {
  const { header, hash, height } = block;
  const active = ledger.isActive(block);
  const next = active ? ledger.blockAt(height + 1)?.hash : undefined;
  return {
    hash,
    confirmations: confirmations(ledger, block),
    height,
    version: header.version,
    versionHex: (header.version >>> 0).toString(16).padStart(8, '0'),
    merkleroot: header.merkleRoot,
    time: header.time,
    mediantime: active ? ledger.medianTimePast(height) : header.time,
    nonce: header.nonce,
    bits: header.bits.toString(16),
    difficulty: DIFFICULTY,
    chainwork: chainwork(height),
    nTx: block.transactions.length,
    ...(height > 0 && { previousblockhash: header.previousHash }),
    nextblockhash: next,
  };
}

/** Each block at regtest's difficulty is worth two hashes. */
export const chainwork = (height: number): string => ((height + 1) * 2).toString(16).padStart(64, '0');

export function blockView(ledger: Ledger, block: Block, withTransactions: boolean) {
  const spent = [...ledger.spentIn(block)];
  const weight = block.transactions.reduce(
    (sum, tx) => sum + tx.weight,
    4 * (block.raw.length - sizeOf(block.transactions)),
  );
  return {
    ...headerView(ledger, block),
    strippedsize: (weight - block.raw.length) / 3,
    size: block.raw.length,
    weight,
    tx: block.transactions.map((tx): Json => {
      if (!withTransactions) return tx.txid;
      const inputs = isCoinbase(tx) ? [] : spent.splice(0, tx.inputs.length);
      const view = { ...transactionView(tx), hex: toHex(tx.raw) };
      return inputs.length > 0 ? { ...view, fee: new Amount(sumSat(inputs) - sumSat(tx.outputs)) } : view;
    }),
  };
}

const sizeOf = (transactions: readonly Transaction[]): number =>
  transactions.reduce((sum, { raw }) => sum + raw.length, 0);

const sumSat = (outputs: readonly TransactionOutput[]): bigint =>
  outputs.reduce((sum, { amountSat }) => sum + amountSat, 0n);

export function transactionView(tx: Transaction) {
  return {
    txid: tx.txid,
    hash: tx.wtxid,
    version: tx.version,
    size: tx.raw.length,
    vsize: tx.vsize,
    weight: tx.weight,
    locktime: tx.lockTime,
    vin: tx.inputs.map(({ txid, vout, scriptSig, sequence, witness }): Json => {
      const txinwitness = witness.length > 0 ? witness.map(toHex) : undefined;
      return isCoinbase(tx)
        ? { coinbase: toHex(scriptSig), txinwitness, sequence }
        : { txid, vout, scriptSig: { asm: '', hex: toHex(scriptSig) }, txinwitness, sequence };
    }),
    vout: tx.outputs.map(({ amountSat, script }, n) => ({
      value: new Amount(amountSat),
      n,
      scriptPubKey: scriptView(script),
    })),
  };
}

export function confirmedView(ledger: Ledger, { transaction, block }: Confirmed) {
  return {
    ...transactionView(transaction),
    hex: toHex(transaction.raw),
    blockhash: block.hash,
    confirmations: confirmations(ledger, block),
    time: block.header.time,
    blocktime: block.header.time,
  };
}

/** Without the disassembly, which no node reads. */
export function scriptView(script: Uint8Array) {
  return { asm: '', hex: toHex(script), address: addressOfScript(script), type: outputScript(script).kind };
}

export function mempoolEntryView(mempool: Mempool, entry: MempoolEntry) {
  const { tx, feeSat, time, height } = entry;
  const ancestors = mempool.ancestors(tx);
  const descendants = mempool.descendants(tx);
  const total = (entries: readonly MempoolEntry[]) => ({
    vsize: entries.reduce((sum, each) => sum + each.tx.vsize, tx.vsize),
    feeSat: entries.reduce((sum, each) => sum + each.feeSat, feeSat),
  });
  return {
    vsize: tx.vsize,
    weight: tx.weight,
    time,
    height,
    descendantcount: descendants.length + 1,
    descendantsize: total(descendants).vsize,
    ancestorcount: ancestors.length + 1,
    ancestorsize: total(ancestors).vsize,
    wtxid: tx.wtxid,
    fees: {
      base: new Amount(feeSat),
      modified: new Amount(feeSat),
      ancestor: new Amount(total(ancestors).feeSat),
      descendant: new Amount(total(descendants).feeSat),
    },
    depends: [...new Set(tx.inputs.map(({ txid }) => txid).filter((txid) => mempool.entry(txid)))],
    spentby: mempool.children(tx),
    'bip125-replaceable': true,
    // No peer has asked for it: there is none.
    unbroadcast: true,
  };
}

export function mempoolView(mempool: Mempool) {
  const entries = mempool.entries();
  const bytes = entries.reduce((sum, { tx }) => sum + tx.vsize, 0);
  const relayFee = new Amount(feeAt(MIN_RELAY_SAT_PER_KVB, 1000));
  return {
    loaded: true,
    size: entries.length,
    bytes,
    usage: bytes,
    total_fee: new Amount(entries.reduce((sum, { feeSat }) => sum + feeSat, 0n)),
    maxmempool: 300_000_000,
    mempoolminfee: relayFee,
    minrelaytxfee: relayFee,
    incrementalrelayfee: relayFee,
    unbroadcastcount: 0,
    fullrbf: true,
  };
}
