import {
  addressOfScript,
  isCoinbase,
  makeTransaction,
  OperationError,
  outpoint,
  scriptOfAddress,
  type Transaction,
  type TransactionInput,
  type TransactionOutput,
  type TransactionParts,
} from 'boltgrid/driver';
import { derivedKey, p2wpkhScript, p2wpkhWitness } from './bitcoin.ts';
import { hex } from './ldk.ts';
import { fromJson, toJson, type Store } from './store.ts';
import type { Tip } from './follower.ts';

interface Coin {
  readonly txid: string;
  readonly vout: number;
  readonly amountSat: bigint;
  readonly coinbase: boolean;
  /** Of its block; absent while it waits. */
  height: number | undefined;
  /** The transaction that spends it, and that one's block. */
  spentBy: string | undefined;
  spentHeight: number | undefined;
}

const FILE = 'wallet.json';
const COINBASE_MATURITY = 100;
/** A spend this deep is not undone by a reorg any more. */
const FORGET_AFTER = 100;
const DUST_SAT = 294n;
/** BIP 141 weights: a transaction with two outputs, and each input with its signature. */
const BASE_WEIGHT = 42 + 2 * 4 * (8 + 1 + 34);
const INPUT_WEIGHT = 4 * 41 + 109;

/** A wallet of one P2WPKH key that follows blocks: LDK has none of its own. */
export class Wallet {
  readonly script: Uint8Array;
  readonly address: string;
  readonly #key: Uint8Array;
  readonly #store: Store;
  #coins: Map<string, Coin>;
  #tip: Tip;

  /** `birthday`: where a new wallet begins to look. */
  constructor(seed: Uint8Array, store: Store, birthday: Tip) {
    this.#key = derivedKey(seed, 'wallet');
    this.script = p2wpkhScript(this.#key);
    this.address = addressOfScript(this.script) ?? '';
    this.#store = store;
    const file = store.read(FILE);
    const saved =
      file && (fromJson(Buffer.from(file).toString('utf8')) as { tip: Tip; coins: [string, Coin][] });
    this.#tip = saved?.tip ?? birthday;
    this.#coins = new Map(saved?.coins);
  }

  tip(): Tip {
    return this.#tip;
  }

  connect(transactions: readonly Transaction[], tip: Tip): void {
    for (const transaction of transactions) this.#see(transaction, tip.height);
    for (const [key, coin] of this.#coins) {
      if (coin.spentHeight !== undefined && coin.spentHeight + FORGET_AFTER < tip.height)
        this.#coins.delete(key);
    }
    this.#tip = tip;
  }

  disconnect(height: number, previousHash: string): void {
    for (const coin of this.#coins.values()) {
      if (coin.height === height) coin.height = undefined;
      if (coin.spentHeight === height) coin.spentHeight = undefined;
    }
    this.#tip = { height: height - 1, hash: previousHash };
  }

  save(): void {
    this.#store.write(FILE, toJson({ tip: this.#tip, coins: [...this.#coins] }));
  }

  coins(): readonly (Coin & { readonly confirmations: number })[] {
    return [...this.#coins.values()]
      .filter(({ spentBy }) => spentBy === undefined)
      .map((coin) => ({
        ...coin,
        confirmations: coin.height === undefined ? 0 : this.#tip.height - coin.height + 1,
      }));
  }

  /** Confirmed and mature, largest first. */
  spendable(): readonly Coin[] {
    return this.coins()
      .filter(({ confirmations, coinbase }) => confirmations >= (coinbase ? COINBASE_MATURITY : 1))
      .sort((a, b) => Number(b.amountSat - a.amountSat));
  }

  /**
   * A signed transaction that pays `output` as its first output, and the change to this wallet. Its coins are set aside until
   * `release`. `rejected`: too few coins.
   */
  pay(output: TransactionOutput, feeratePerKw: number): Transaction {
    const feeFor = (inputs: number): bigint =>
      BigInt(Math.ceil(((BASE_WEIGHT + inputs * INPUT_WEIGHT) * feeratePerKw) / 1000));
    const chosen: Coin[] = [];
    let sum = 0n;
    for (const coin of this.#inOrderFor(output.amountSat + feeFor(1))) {
      if (sum >= output.amountSat + feeFor(chosen.length) && chosen.length > 0) break;
      chosen.push(coin);
      sum += coin.amountSat;
    }
    const changeSat = sum - output.amountSat - feeFor(chosen.length);
    if (changeSat < 0n)
      throw new OperationError('rejected', `the wallet has only ${sum} sat that can be spent`);
    const change = changeSat >= DUST_SAT ? [{ amountSat: changeSat, script: this.script }] : [];
    const transaction = this.#sign({
      version: 2,
      inputs: chosen.map(({ txid, vout }) => unsigned(txid, vout)),
      outputs: [output, ...change],
      lockTime: 0,
    });
    this.#see(transaction, undefined);
    return transaction;
  }

  payAddress(address: string, amountSat: bigint, feeratePerKw: number): Transaction {
    return this.pay({ amountSat, script: scriptFor(address) }, feeratePerKw);
  }

  /** The transaction will not be broadcast: its coins are free again. */
  release(txid: string): void {
    for (const [key, coin] of this.#coins) {
      if (coin.spentBy === txid && coin.spentHeight === undefined) coin.spentBy = undefined;
      if (coin.txid === txid && coin.height === undefined) this.#coins.delete(key);
    }
  }

  /** Puts a witness on every input that spends a coin of this wallet. */
  signOwn(transaction: Transaction): Transaction {
    return this.#sign(transaction);
  }

  #sign(parts: TransactionParts): Transaction {
    const inputs = parts.inputs.map((input, index) => {
      const coin = this.#coins.get(outpoint(input));
      return coin ? { ...input, witness: p2wpkhWitness(parts, index, coin.amountSat, this.#key) } : input;
    });
    return makeTransaction({ ...parts, inputs });
  }

  /** One coin that is enough, the smallest such, comes first; our own unconfirmed change comes last. */
  #inOrderFor(neededSat: bigint): readonly Coin[] {
    const confirmed = this.spendable();
    const enough = confirmed.filter(({ amountSat }) => amountSat >= neededSat).at(-1);
    const change = this.coins().filter(({ height }) => height === undefined);
    return [...(enough ? [enough] : []), ...confirmed.filter((coin) => coin !== enough), ...change];
  }

  #see(transaction: Transaction, height: number | undefined): void {
    for (const input of transaction.inputs) {
      const coin = this.#coins.get(outpoint(input));
      if (coin) Object.assign(coin, { spentBy: transaction.txid, spentHeight: height });
    }
    transaction.outputs.forEach(({ amountSat, script }, vout) => {
      if (hex(script) !== hex(this.script)) return;
      const key = outpoint({ txid: transaction.txid, vout });
      const known = this.#coins.get(key);
      if (known) known.height = height;
      else {
        this.#coins.set(key, {
          txid: transaction.txid,
          vout,
          amountSat,
          coinbase: isCoinbase(transaction),
          height,
          spentBy: undefined,
          spentHeight: undefined,
        });
      }
    });
  }
}

export function scriptFor(address: string): Uint8Array {
  try {
    return scriptOfAddress(address);
  } catch {
    throw new OperationError('rejected', `not an address of this network: ${address.slice(0, 90)}`);
  }
}

const unsigned = (txid: string, vout: number): TransactionInput => ({
  txid,
  vout,
  scriptSig: new Uint8Array(0),
  sequence: 0xffff_fffd,
  witness: [],
});
