import { BoltgridError } from '../../core/error.ts';
import { mineBlock, type Block } from './block.ts';
import { Ledger } from './ledger.ts';
import { Listeners } from './listeners.ts';
import { Mempool, type Judgement } from './mempool.ts';
import { OP_TRUE_SCRIPT } from '../../bitcoin/output.ts';
import type { Transaction } from '../../bitcoin/transaction.ts';

export interface RegtestOptions {
  /** Seconds since 1970. */
  readonly now?: () => number;
}

export interface MineOptions {
  /** What the coinbases pay; P2WSH(OP_TRUE) when not given. */
  readonly script?: Uint8Array;
  /** Exactly these, in this order, instead of the mempool. */
  readonly transactions?: readonly Transaction[];
  /** At the earliest; used to date blocks back. */
  readonly time?: number;
}

/** bitcoind leaves as much room for the header and the coinbase. */
const MAX_TRANSACTIONS_WEIGHT = 3_992_000;

/** A regtest node without a network: ledger, mempool and miner, all synchronous. */
export class Regtest {
  readonly ledger = new Ledger();
  readonly mempool: Mempool;
  readonly blockConnected = new Listeners<Block>();
  readonly blockDisconnected = new Listeners<Block>();
  readonly transactionAdded = new Listeners<Transaction>();
  readonly #now: () => number;
  #mined = 0;

  constructor({ now = () => Math.floor(Date.now() / 1000) }: RegtestOptions = {}) {
    this.#now = now;
    this.mempool = new Mempool(this.ledger, now);
  }

  /** Judges by all relay rules, and adds where they are kept. */
  submit(tx: Transaction): Judgement {
    const judgement = this.#judgeAndAdd(tx);
    if ('candidate' in judgement) this.transactionAdded.emit(tx);
    return judgement;
  }

  /** What `submit` would say of each, if those before it were there. Changes nothing. */
  test(transactions: readonly Transaction[]): readonly Judgement[] {
    return this.mempool.tentatively(() => transactions.map((tx) => this.#judgeAndAdd(tx)));
  }

  /**
   * Parents before children, each as if it came alone: below the relay fee bitcoind lets a child pay only for version 3, which is not
   * taken here.
   */
  submitPackage(transactions: readonly Transaction[]): readonly Judgement[] {
    return transactions.map((tx) => this.submit(tx));
  }

  /** Takes a miner's own transactions into the mempool, whatever they conflict with. Throws `chain.bad-block`, and changes nothing. */
  admit(transactions: readonly Transaction[]): void {
    const admitAll = (): void => {
      for (const tx of transactions) {
        if (this.mempool.entry(tx.txid)) continue;
        const judgement = this.mempool.judge(tx, 'block');
        if ('rejected' in judgement) throw badBlock(`${tx.txid}: ${judgement.rejected.reason}`);
        this.mempool.add(judgement.candidate);
      }
    };
    this.mempool.tentatively(admitAll);
    admitAll();
  }

  mine(options: MineOptions = {}): Block {
    const { tip } = this.ledger;
    const transactions = options.transactions ?? this.#forNextBlock();
    const block = mineBlock({
      previousHash: tip.hash,
      height: tip.height + 1,
      // BIP 113 asks for more than the median; no block is older than its parent.
      time: Math.max(options.time ?? this.#now(), tip.header.time, this.ledger.medianTimePast() + 1),
      transactions,
      feesSat: this.#feesSat(transactions),
      script: options.script ?? OP_TRUE_SCRIPT,
      extraNonce: this.#mined++,
    });
    this.ledger.connect(block);
    this.mempool.blockConnected(block.transactions);
    this.blockConnected.emit(block);
    return block;
  }

  /** Takes the newest `depth` blocks off the chain; their transactions go back to the mempool where they are still good. */
  disconnect(depth: number): void {
    if (!Number.isInteger(depth) || depth < 1 || depth > this.ledger.tip.height) {
      throw new BoltgridError(
        'chain.no-block',
        'user',
        `cannot take ${depth} blocks off a chain of ${this.ledger.tip.height}`,
      );
    }
    const blocks = Array.from({ length: depth }, () => this.ledger.disconnect());
    this.mempool.rebuild([...blocks].reverse().flatMap(({ transactions }) => transactions.slice(1)));
    for (const block of blocks) this.blockDisconnected.emit(block);
  }

  #judgeAndAdd(tx: Transaction): Judgement {
    const judgement = this.mempool.judge(tx, 'relay');
    if ('candidate' in judgement) this.mempool.add(judgement.candidate);
    return judgement;
  }

  #forNextBlock(): readonly Transaction[] {
    const chosen: Transaction[] = [];
    const left = new Set<string>();
    let weight = 0;
    for (const { tx } of this.mempool.entries()) {
      const orphan = tx.inputs.some(({ txid }) => left.has(txid));
      if (orphan || weight + tx.weight > MAX_TRANSACTIONS_WEIGHT) {
        left.add(tx.txid);
        continue;
      }
      weight += tx.weight;
      chosen.push(tx);
    }
    return chosen;
  }

  /** Throws `chain.bad-block` where a transaction is not in the mempool or comes before its parent: nothing else has been verified. */
  #feesSat(transactions: readonly Transaction[]): bigint {
    const seen = new Set<string>();
    let feesSat = 0n;
    for (const tx of transactions) {
      const entry = this.mempool.entry(tx.txid);
      const ready = tx.inputs.every(({ txid }) => seen.has(txid) || !this.mempool.entry(txid));
      if (!entry || !ready) {
        throw badBlock(`${tx.txid} is not in the mempool or its parent is missing`);
      }
      seen.add(tx.txid);
      feesSat += entry.feeSat;
    }
    return feesSat;
  }
}

const badBlock = (why: string): BoltgridError => new BoltgridError('chain.bad-block', 'user', why);
