import { BoltgridError } from '../../core/error.ts';
import { GENESIS, type Block } from './block.ts';
import { isCoinbase, outpoint, type Transaction, type TransactionOutput } from '../../bitcoin/transaction.ts';

/** An unspent output of the active chain. */
export interface Coin extends TransactionOutput {
  readonly txid: string;
  readonly vout: number;
  readonly height: number;
  readonly coinbase: boolean;
}

export interface Confirmed {
  readonly transaction: Transaction;
  readonly block: Block;
}

/** Blocks of which the header times' median decides what time it is (BIP 113). */
const MEDIAN_TIME_BLOCKS = 11;

/**
 * The blocks of all branches, and the state at the tip of the active one: unspent outputs and where each transaction is. Blocks are
 * connected as they are: whoever builds one has checked its transactions.
 */
export class Ledger {
  readonly #blocks = new Map<string, Block>([[GENESIS.hash, GENESIS]]);
  readonly #active: Block[] = [GENESIS];
  readonly #coins = new Map<string, Coin>();
  readonly #confirmed = new Map<string, Confirmed>();
  /** What each active block spent, to be given back when it is disconnected. */
  readonly #spentIn = new Map<string, readonly Coin[]>();
  readonly #spenders = new Map<string, string>();

  get tip(): Block {
    return this.#active.at(-1) ?? GENESIS;
  }

  blockAt(height: number): Block | undefined {
    return this.#active[height];
  }

  /** Also one of an abandoned branch. */
  blockByHash(hash: string): Block | undefined {
    return this.#blocks.get(hash);
  }

  isActive(block: Block): boolean {
    return this.#active[block.height] === block;
  }

  coin(key: string): Coin | undefined {
    return this.#coins.get(key);
  }

  coins(): IterableIterator<Coin> {
    return this.#coins.values();
  }

  confirmed(txid: string): Confirmed | undefined {
    return this.#confirmed.get(txid);
  }

  /** The transaction of the active chain that spends the output. */
  spenderOf(key: string): string | undefined {
    return this.#spenders.get(key);
  }

  /** The outputs that an active block's transactions spent, in the order of their inputs. */
  spentIn(block: Block): readonly Coin[] {
    return this.#spentIn.get(block.hash) ?? [];
  }

  /** BIP 113: the median of the times of a block and the ten before it. */
  medianTimePast(height = this.tip.height): number {
    const times = this.#active
      .slice(Math.max(0, height + 1 - MEDIAN_TIME_BLOCKS), height + 1)
      .map(({ header }) => header.time)
      .sort((a, b) => a - b);
    return times[Math.floor(times.length / 2)] ?? 0;
  }

  connect(block: Block): void {
    if (block.header.previousHash !== this.tip.hash) {
      throw new BoltgridError('chain.not-on-tip', 'harness', `block ${block.hash} does not follow the tip`);
    }
    const spent: Coin[] = [];
    for (const transaction of block.transactions) {
      if (!isCoinbase(transaction))
        spent.push(...transaction.inputs.map((input) => this.#spend(outpoint(input), transaction.txid)));
      this.#addOutputs(transaction, block.height);
      this.#confirmed.set(transaction.txid, { transaction, block });
    }
    this.#spentIn.set(block.hash, spent);
    this.#blocks.set(block.hash, block);
    this.#active.push(block);
  }

  /** Takes the tip off the active chain; it stays known by its hash. */
  disconnect(): Block {
    const block = this.tip;
    if (block === GENESIS)
      throw new BoltgridError('chain.no-block', 'harness', 'the genesis block cannot be disconnected');
    this.#active.pop();
    for (const transaction of block.transactions) {
      transaction.outputs.forEach((_, vout) =>
        this.#coins.delete(outpoint({ txid: transaction.txid, vout })),
      );
      this.#confirmed.delete(transaction.txid);
    }
    // After all outputs are gone, so that one which was made and spent in the block does not come back.
    const made = new Set(block.transactions.map(({ txid }) => txid));
    for (const coin of this.#spentIn.get(block.hash) ?? []) {
      this.#spenders.delete(outpoint(coin));
      if (!made.has(coin.txid)) this.#coins.set(outpoint(coin), coin);
    }
    this.#spentIn.delete(block.hash);
    return block;
  }

  #spend(key: string, by: string): Coin {
    const coin = this.#coins.get(key);
    if (!coin)
      throw new BoltgridError('chain.missing-coin', 'harness', `block spends ${key}, which is not there`);
    this.#coins.delete(key);
    this.#spenders.set(key, by);
    return coin;
  }

  #addOutputs(transaction: Transaction, height: number): void {
    const { txid } = transaction;
    const coinbase = isCoinbase(transaction);
    transaction.outputs.forEach((output, vout) => {
      // OP_RETURN: nothing can spend it.
      if (output.script[0] !== 0x6a)
        this.#coins.set(outpoint({ txid, vout }), { ...output, txid, vout, height, coinbase });
    });
  }
}
