import { Amount } from '../json.ts';
import type { Coin, Ledger } from './ledger.ts';
import { isFinal, relativeLocksOver } from './locks.ts';
import * as policy from './policy.ts';
import { feeAt, rejection, VERIFY_ERROR, type Rejection } from './policy.ts';
import {
  NULL_OUTPOINT,
  outpoint,
  type Transaction,
  type TransactionOutput,
} from '../../bitcoin/transaction.ts';
import { verifySpends } from '../../bitcoin/verify.ts';

export interface MempoolEntry {
  readonly tx: Transaction;
  readonly feeSat: bigint;
  /** Seconds since 1970. */
  readonly time: number;
  readonly height: number;
}

export interface Candidate extends MempoolEntry {
  /** What leaves the mempool when it enters. */
  readonly replaces: readonly MempoolEntry[];
}

export type Judgement = { readonly candidate: Candidate } | { readonly rejected: Rejection };

/**
 * - `relay`: what comes from outside, by all rules
 * - `return`: from a block that was disconnected; only what consensus asks, and nothing that is here gives way
 * - `block`: from a miner; only what consensus asks, and what conflicts with it gives way
 */
export type Terms = 'relay' | 'return' | 'block';

const COINBASE_MATURITY_BLOCKS = 100;

/** Transactions that would all be valid in the next block, in an order in which parents come before children. */
export class Mempool {
  readonly #ledger: Ledger;
  readonly #now: () => number;
  #entries = new Map<string, MempoolEntry>();
  #spenders = new Map<string, string>();

  constructor(ledger: Ledger, now: () => number) {
    this.#ledger = ledger;
    this.#now = now;
  }

  get size(): number {
    return this.#entries.size;
  }

  entries(): readonly MempoolEntry[] {
    return [...this.#entries.values()];
  }

  entry(txid: string): MempoolEntry | undefined {
    return this.#entries.get(txid);
  }

  /** The transaction in the mempool that spends the output. */
  spenderOf(key: string): string | undefined {
    return this.#spenders.get(key);
  }

  /** Judges without changing anything. */
  judge(tx: Transaction, terms: Terms): Judgement {
    const rejected =
      policy.malformed(tx) ?? (terms === 'relay' ? policy.nonStandard(tx) : undefined) ?? this.#notNew(tx);
    if (rejected) return { rejected };
    const spent = this.#spentOutputs(tx);
    if (!Array.isArray(spent)) return { rejected: spent };
    const locked = this.#locked(tx, spent);
    if (locked) return { rejected: locked };
    const feeSat = sumSat(spent) - sumSat(tx.outputs);
    if (feeSat < 0n) {
      const [inMoney, outMoney] = [sumSat(spent), sumSat(tx.outputs)].map(money);
      return {
        rejected: rejection('bad-txns-in-belowout', `value in (${inMoney}) < value out (${outMoney})`),
      };
    }
    const candidate = {
      tx,
      feeSat,
      time: this.#now(),
      height: this.#ledger.tip.height,
      replaces: this.#conflicts(tx),
    };
    const refused = this.#notWelcome(candidate, terms) ?? badSpend(tx, spent);
    return refused ? { rejected: refused } : { candidate };
  }

  add({ replaces, ...entry }: Candidate): void {
    for (const { tx } of replaces) this.#remove(tx);
    this.#entries.set(entry.tx.txid, entry);
    for (const input of entry.tx.inputs) this.#spenders.set(outpoint(input), entry.tx.txid);
  }

  /** Forgets what a new block holds. Nothing in here conflicts with that: blocks are made of what is here. */
  blockConnected(transactions: readonly Transaction[]): void {
    for (const tx of transactions) this.#remove(tx);
  }

  /** After the active chain became shorter: judges anew what was there and what came out of blocks, oldest first. */
  rebuild(returned: readonly Transaction[]): void {
    const all = [...returned, ...this.entries().map(({ tx }) => tx)];
    this.#entries = new Map();
    this.#spenders = new Map();
    for (const tx of all) {
      const judgement = this.judge(tx, 'return');
      if ('candidate' in judgement) this.add(judgement.candidate);
    }
  }

  /** Runs `work`, and puts everything back as it was. */
  tentatively<T>(work: () => T): T {
    const [entries, spenders] = [new Map(this.#entries), new Map(this.#spenders)];
    try {
      return work();
    } finally {
      [this.#entries, this.#spenders] = [entries, spenders];
    }
  }

  /** Without the transaction itself. */
  ancestors(tx: Transaction): readonly MempoolEntry[] {
    return this.#closure(tx, (of) => of.inputs.map(({ txid }) => txid));
  }

  /** Without the transaction itself. */
  descendants(tx: Transaction): readonly MempoolEntry[] {
    return this.#closure(tx, (of) => this.children(of));
  }

  children(tx: Transaction): string[] {
    const keys = tx.outputs.map((_, vout) => this.#spenders.get(outpoint({ txid: tx.txid, vout })));
    return [...new Set(keys.filter((txid) => txid !== undefined))];
  }

  #closure(tx: Transaction, next: (of: Transaction) => readonly string[]): readonly MempoolEntry[] {
    const found = new Map<string, MempoolEntry>();
    const open = [tx];
    for (let of = open.pop(); of; of = open.pop()) {
      for (const txid of next(of)) {
        const entry = this.#entries.get(txid);
        if (!entry || found.has(txid)) continue;
        found.set(txid, entry);
        open.push(entry.tx);
      }
    }
    return [...found.values()];
  }

  #notNew(tx: Transaction): Rejection | undefined {
    const known = this.#entries.get(tx.txid);
    if (known) {
      return rejection(
        known.tx.wtxid === tx.wtxid ? 'txn-already-in-mempool' : 'txn-same-nonwitness-data-in-mempool',
      );
    }
    return this.#ledger.confirmed(tx.txid) ? { reason: 'txn-already-known', code: -27 } : undefined;
  }

  #spentOutputs(tx: Transaction): SpentOutput[] | Rejection {
    const spent: SpentOutput[] = [];
    for (const input of tx.inputs) {
      const unconfirmed = this.#entries.get(input.txid)?.tx.outputs[input.vout];
      const coin = this.#ledger.coin(outpoint(input)) ?? unconfirmed;
      if (!coin) return { reason: policy.MISSING_INPUTS, code: VERIFY_ERROR };
      spent.push(coin);
    }
    return spent;
  }

  #locked(tx: Transaction, spent: readonly SpentOutput[]): Rejection | undefined {
    const height = this.#ledger.tip.height + 1;
    const medianTimePast = this.#ledger.medianTimePast();
    if (!isFinal(tx, height, medianTimePast)) return rejection('non-final');
    const ages = spent.map((coin) =>
      isCoin(coin)
        ? { height: coin.height, medianTimePast: this.#ledger.medianTimePast(Math.max(0, coin.height - 1)) }
        : { height, medianTimePast },
    );
    if (!relativeLocksOver(tx, ages, height, medianTimePast)) return rejection('non-BIP68-final');
    const immature = spent.some(
      (coin) => isCoin(coin) && coin.coinbase && height - coin.height < COINBASE_MATURITY_BLOCKS,
    );
    return immature ? rejection('bad-txns-premature-spend-of-coinbase') : undefined;
  }

  /** What is in the mempool and spends the same outputs, with all that builds on it. */
  #conflicts(tx: Transaction): readonly MempoolEntry[] {
    const found = new Map<string, MempoolEntry>();
    for (const input of tx.inputs) {
      const entry = this.#entries.get(this.#spenders.get(outpoint(input)) ?? '');
      if (!entry) continue;
      for (const each of [entry, ...this.descendants(entry.tx)]) found.set(each.tx.txid, each);
    }
    return [...found.values()];
  }

  #notWelcome({ tx, feeSat, replaces }: Candidate, terms: Terms): Rejection | undefined {
    if (terms === 'block') return undefined;
    if (terms === 'return') return replaces.length > 0 ? rejection('txn-mempool-conflict') : undefined;
    const dust = policy.leavesDust(tx, feeSat);
    if (dust) return dust;
    const relaySat = feeAt(policy.MIN_RELAY_SAT_PER_KVB, tx.vsize);
    if (feeSat < relaySat) return rejection('min relay fee not met', `${feeSat} < ${relaySat}`);
    const ancestors = this.ancestors(tx);
    if (ancestors.length >= policy.MAX_CHAIN_OF_UNCONFIRMED) return rejection('too-long-mempool-chain');
    if (ancestors.some((entry) => this.descendants(entry.tx).length + 1 >= policy.MAX_CHAIN_OF_UNCONFIRMED)) {
      return rejection('too-long-mempool-chain');
    }
    return this.#badReplacement({ tx, feeSat, replaces }, ancestors);
  }

  /** BIP 125 without the signal, as bitcoind since version 28: a replacement pays more in all, more per byte, and for its relay. */
  #badReplacement(
    { tx, feeSat, replaces }: Pick<Candidate, 'tx' | 'feeSat' | 'replaces'>,
    ancestors: readonly MempoolEntry[],
  ): Rejection | undefined {
    if (replaces.length === 0) return undefined;
    if (replaces.length > policy.MAX_REPLACED) return rejection('too many potential replacements');
    if (ancestors.some((entry) => replaces.includes(entry)))
      return rejection('bad-txns-spends-conflicting-tx');
    const replacedSat = replaces.reduce((sum, entry) => sum + entry.feeSat, 0n);
    const relaySat = feeAt(policy.INCREMENTAL_RELAY_SAT_PER_KVB, tx.vsize);
    const insufficient = (why: string): Rejection =>
      rejection('insufficient fee', `rejecting replacement ${tx.txid}${why}`);
    const slower = replaces.find((old) => feeSat * BigInt(old.tx.vsize) <= old.feeSat * BigInt(tx.vsize));
    if (slower) {
      const rates = [feeRate(feeSat, tx), feeRate(slower.feeSat, slower.tx)];
      return insufficient(`; new feerate ${rates.join(' <= old feerate ')}`);
    }
    const moreSat = feeSat - replacedSat;
    if (moreSat < 0n)
      return insufficient(`, less fees than conflicting txs; ${money(feeSat)} < ${money(replacedSat)}`);
    return moreSat < relaySat
      ? insufficient(`, not enough additional fees to relay; ${money(moreSat)} < ${money(relaySat)}`)
      : undefined;
  }

  #remove(tx: Transaction): void {
    if (!this.#entries.delete(tx.txid)) return;
    for (const input of tx.inputs) {
      if (this.#spenders.get(outpoint(input)) === tx.txid) this.#spenders.delete(outpoint(input));
    }
  }
}

/** As bitcoind writes amounts in messages: at least two digits after the point. */
const money = (sat: bigint): string => new Amount(sat).toString().replace(/0{1,6}$/, '');

/** bitcoind's words for a feerate. */
const feeRate = (feeSat: bigint, { vsize }: Transaction): string =>
  `${new Amount((feeSat * 1000n) / BigInt(vsize)).toString()} BTC/kvB`;

/** A coin of the chain, or an output that waits in the mempool. */
type SpentOutput = Coin | TransactionOutput;

const isCoin = (output: SpentOutput): output is Coin => 'height' in output;

const sumSat = (outputs: readonly TransactionOutput[]): bigint =>
  outputs.reduce((sum, { amountSat }) => sum + amountSat, 0n);

function badSpend(tx: Transaction, spent: readonly TransactionOutput[]): Rejection | undefined {
  const failure = verifySpends(tx, spent);
  if (!failure) return undefined;
  const { txid, vout } = tx.inputs[failure.input] ?? NULL_OUTPOINT;
  const where = `input ${failure.input} of ${tx.txid} (wtxid ${tx.wtxid}), spending ${txid}:${vout}`;
  return failure.unsupported
    ? rejection('bad-txns-nonstandard-inputs', `${failure.message} (${where})`)
    : rejection(`mempool-script-verify-flag-failed (${failure.message})`, where);
}
