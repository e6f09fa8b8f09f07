import { EMPTY, equalBytes } from '../core/bytes.ts';
import { BoltgridError } from '../core/error.ts';
import type { Payment } from './chain.ts';
import type { FeeSource } from './fees.ts';
import type { Block } from './regtest/block.ts';
import { feeAt } from './regtest/policy.ts';
import { OP_TRUE_SCRIPT, OP_TRUE_WITNESS_SCRIPT } from '../bitcoin/output.ts';
import type { ChainState } from './state.ts';
import {
  makeTransaction,
  outpoint,
  type Transaction,
  type TransactionOutput,
} from '../bitcoin/transaction.ts';

interface OwnCoin extends TransactionOutput {
  readonly txid: string;
  readonly vout: number;
}

const COINBASE_MATURITY_BLOCKS = 100;
/** Mature coinbases, each of 50 bitcoins, and how many outputs each is split into. */
const SPLIT_COINBASES = 12;
const OUTPUTS_PER_SPLIT = 20;

/** How a world's coins come to be: so many blocks first, whose oldest coinbases are then split, and so many to bury those. */
export const PREPARATION = {
  blocks: COINBASE_MATURITY_BLOCKS + SPLIT_COINBASES - 1,
  split: SPLIT_COINBASES,
  /** Reorgs of up to so many blocks leave the coins as they are. */
  buryingBlocks: 20,
} as const;

/** BIP 125: can be replaced. */
const SEQUENCE_REPLACEABLE = 0xffff_fffd;
const DUST_SAT = 330n;

/** A world's own coins: P2WSH(OP_TRUE) outputs, which need no wallet and no signature. */
export class Coins {
  readonly #chain: ChainState;
  readonly #reserved = new Set<string>();
  readonly #fees: FeeSource;

  constructor(chain: ChainState, fees: FeeSource) {
    this.#chain = chain;
    this.#fees = fees;
  }

  /** Throws `chain.no-coins`. The coins stay set aside even if the transaction is never broadcast. */
  fund(script: Uint8Array, amountSat: bigint, times = 1): Payment {
    const asked = Array.from({ length: times }, () => ({ amountSat, script }));
    const totalSat = amountSat * BigInt(times);
    const chosen: OwnCoin[] = [];
    let leftSat = -totalSat;
    for (const coin of this.#spendable()) {
      chosen.push(coin);
      leftSat += coin.amountSat;
      const tx = this.#build(chosen, asked, totalSat);
      if (tx) return this.#reserve(chosen, tx);
    }
    throw new BoltgridError('chain.no-coins', 'harness', `the world has no coins left for ${totalSat} sat`, {
      hint: 'Mine a block to confirm change, or retire the world.',
      details: { missingSat: -leftSat },
    });
  }

  #reserve(coins: readonly OwnCoin[], tx: Transaction): Payment {
    for (const coin of coins) this.#reserved.add(outpoint(coin));
    return { txid: tx.txid, raw: tx.raw, vout: 0 };
  }

  /**
   * Confirmed first, so that payments do not hang on each other; then change that waits in the mempool. Coinbases come last: a reorg
   * makes one that has only just matured unspendable.
   */
  *#spendable(): Generator<OwnCoin> {
    const { ledger, mempool } = this.#chain;
    const confirmed = [...ledger.coins()].filter((coin) => this.#isFree(coin));
    yield* confirmed.filter(({ coinbase }) => !coinbase);
    for (const { tx } of mempool.entries()) {
      const outputs = tx.outputs.map((output, vout) => ({ ...output, txid: tx.txid, vout }));
      yield* outputs.filter((coin) => this.#isFree(coin));
    }
    const oldest = ledger.tip.height + 1 - COINBASE_MATURITY_BLOCKS;
    yield* confirmed.filter(({ coinbase, height }) => coinbase && height <= oldest);
  }

  #isFree(coin: OwnCoin): boolean {
    const key = outpoint(coin);
    return (
      equalBytes(coin.script, OP_TRUE_SCRIPT) &&
      !this.#reserved.has(key) &&
      this.#chain.mempool.spenderOf(key) === undefined
    );
  }

  /** `undefined` where the coins are not enough. */
  #build(
    coins: readonly OwnCoin[],
    asked: readonly TransactionOutput[],
    totalSat: bigint,
  ): Transaction | undefined {
    const build = (changeSat: bigint): Transaction =>
      spend(coins, [
        ...asked,
        ...(changeSat >= DUST_SAT ? [{ amountSat: changeSat, script: OP_TRUE_SCRIPT }] : []),
      ]);
    const haveSat = coins.reduce((sum, coin) => sum + coin.amountSat, 0n);
    const changeSat = haveSat - totalSat - feeAt(this.#fees.satPerKvb, build(DUST_SAT).vsize);
    return changeSat < 0n ? undefined : build(changeSat);
  }
}

/** Splits the coinbase of a block that paid P2WSH(OP_TRUE) into equal coins. */
export function splitCoinbase({ transactions: [coinbase], height }: Block): Transaction {
  const [output] = coinbase?.outputs ?? [];
  if (!coinbase || !output) throw new BoltgridError('chain.no-block', 'harness', `no coinbase at ${height}`);
  const shareSat = output.amountSat / BigInt(OUTPUTS_PER_SPLIT) - 1000n;
  const outputs = Array.from({ length: OUTPUTS_PER_SPLIT }, () => ({
    amountSat: shareSat,
    script: OP_TRUE_SCRIPT,
  }));
  return spend([{ ...output, txid: coinbase.txid, vout: 0 }], outputs);
}

const spend = (coins: readonly OwnCoin[], outputs: readonly TransactionOutput[]): Transaction =>
  makeTransaction({
    version: 2,
    inputs: coins.map(({ txid, vout }) => ({
      txid,
      vout,
      scriptSig: EMPTY,
      sequence: SEQUENCE_REPLACEABLE,
      witness: [OP_TRUE_WITNESS_SCRIPT],
    })),
    outputs,
    lockTime: 0,
  });
