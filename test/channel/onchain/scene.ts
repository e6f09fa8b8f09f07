import { p2wpkh } from '../../../src/bitcoin/output.ts';
import {
  makeTransaction,
  outpoint,
  type Transaction,
  type TransactionOutput,
} from '../../../src/bitcoin/transaction.ts';
import { verifySpends } from '../../../src/bitcoin/verify.ts';
import { EMPTY } from '../../../src/core/bytes.ts';
import {
  learnPreimage,
  type Onchain,
  seeConfirmed,
  seeHeight,
  watchChannel,
} from '../../../src/channel/onchain/onchain.ts';
import { owedOnchain, type OwedOnchain } from '../../../src/channel/onchain/owed.ts';
import type { Means, OwedTransaction } from '../../../src/channel/onchain/unilateral.ts';
import type { Commitments } from '../../../src/channel/state/commitments.ts';
import { claimCoin } from '../../../src/channel/transactions/claims.ts';
import { fundingScript } from '../../../src/channel/transactions/scripts.ts';
import type { CommitmentFormat } from '../../../src/channel/transactions/types.ts';
import { defaultCrypto } from '../../../src/crypto/crypto.ts';
import { fulfill, type Name, newHtlc, Pair, preimageOf } from '../state/pair.ts';

export const START = 400;
export const FEERATE = 2000;

interface Coin {
  readonly output: TransactionOutput;
  readonly height: number;
}

/** A chain that takes a transaction by the rules of Bitcoin: scripts, lock times (BIP 65, BIP 68), amounts. */
export class Chain {
  height = START;
  readonly #coins = new Map<string, Coin>();

  give(at: { txid: string; vout: number }, output: TransactionOutput): void {
    this.#coins.set(outpoint(at), { output, height: START });
  }

  /** A block with these; throws where one is not good. */
  mine(...txs: readonly Transaction[]): void {
    this.height += 1;
    for (const tx of txs) {
      const problem = this.#problem(tx);
      if (problem) throw new Error(`${tx.txid}: ${problem}`);
      for (const input of tx.inputs) this.#coins.delete(outpoint(input));
      tx.outputs.forEach((output, vout) =>
        this.#coins.set(outpoint({ txid: tx.txid, vout }), { output, height: this.height }),
      );
    }
  }

  /** Why the next block cannot have it. */
  refusal(tx: Transaction): string | undefined {
    this.height += 1;
    const problem = this.#problem(tx);
    this.height -= 1;
    return problem;
  }

  isUnspent(at: { txid: string; vout: number }): boolean {
    return this.#coins.has(outpoint(at));
  }

  #problem(tx: Transaction): string | undefined {
    const spent = tx.inputs.map((input) => this.#coins.get(outpoint(input)));
    if (!spent.every((coin) => coin !== undefined)) return 'missing or spent input';
    if (tx.lockTime < 500_000_000 && tx.lockTime >= this.height) return 'non-final';
    const early = tx.inputs.some(
      ({ sequence }, i) => sequence >>> 31 === 0 && this.height < spent[i]!.height + (sequence & 0xffff),
    );
    if (early) return 'non-BIP68-final';
    const sum = (outputs: readonly TransactionOutput[]): bigint =>
      outputs.reduce((total, { amountSat }) => total + amountSat, 0n);
    const inputs = spent.map(({ output }) => output);
    if (sum(inputs) < sum(tx.outputs)) return 'more out than in';
    return verifySpends(tx, inputs)?.message;
  }
}

const COIN_KEY = new Uint8Array(32).fill(9);
export const WALLET = p2wpkh(defaultCrypto.curve.publicKey(COIN_KEY));

/** Both sides of a channel with a chain that both watch. */
export class Scene {
  readonly chain = new Chain();
  readonly nodes: Record<Name, Onchain>;
  penalties: Means['penalties'] = 'separate';
  readonly #coins = new Map<string, { txid: string; vout: number; amountSat: bigint }>();

  constructor(states: Readonly<Record<Name, Commitments>>, earlier: readonly Commitments[] = []) {
    for (const { funding } of states.alice.fundings)
      this.chain.give(
        { txid: funding.txid, vout: funding.output_index },
        { amountSat: funding.funding_satoshis, script: fundingScript(funding.funding_pubkeys) },
      );
    this.nodes = {
      alice: watchChannel({ commitments: states.alice, earlier: ofSide(states.alice, earlier) }, START),
      bob: watchChannel({ commitments: states.bob, earlier: ofSide(states.bob, earlier) }, START),
    };
  }

  update(name: Name, change: (onchain: Onchain) => Onchain): void {
    this.nodes[name] = change(this.nodes[name]);
  }

  learn(name: Name, n: number): void {
    this.update(name, (node) => learnPreimage(node, preimageOf(n)));
  }

  owed(name: Name, height?: number): OwedOnchain {
    const node = this.nodes[name];
    return owedOnchain(height === undefined ? node : seeHeight(node, height), this.means(name));
  }

  /** A coin for each output, made when it is first asked for. */
  means(name: Name): Means {
    return {
      feerate_per_kw: FEERATE,
      script: WALLET,
      penalties: this.penalties,
      coinsFor: (output) => {
        const key = `${name} ${outpoint(output)}`;
        let at = this.#coins.get(key);
        if (!at) {
          const { txid } = makeTransaction({
            version: 2,
            inputs: [],
            outputs: [{ amountSat: BigInt(this.#coins.size), script: EMPTY }],
            lockTime: 0,
          });
          at = { txid, vout: 0, amountSat: 50_000n };
          this.#coins.set(key, at);
          this.chain.give(at, { amountSat: at.amountSat, script: WALLET });
        }
        return [claimCoin(at, COIN_KEY)];
      },
    };
  }

  /** A block that both see. */
  mine(...txs: readonly Transaction[]): void {
    this.chain.mine(...txs);
    const { height } = this.chain;
    for (const name of ['alice', 'bob'] as const)
      this.update(name, (node) =>
        txs.reduce((state, tx) => seeConfirmed(state, tx, height), seeHeight(node, height)),
      );
  }

  /** All that a side owes now is in the next block: a chain that takes it is part of every test. */
  mineOwed(name: Name): readonly OwedTransaction[] {
    const { transactions } = this.owed(name);
    this.mine(...transactions.map(({ tx }) => tx));
    return transactions;
  }

  mineUntil(height: number): void {
    while (this.chain.height < height) this.mine();
  }
}

const ofSide = ({ terms }: Commitments, all: readonly Commitments[]): readonly Commitments[] =>
  all.filter((each) => each.terms.secrets === terms.secrets);

export const OFFERED_EXPIRY = 500;
export const RECEIVED_EXPIRY = 510;

/** Alice has offered HTLC 0 (preimage 0), Bob his HTLC 0 (preimage 1): both committed, and neither settled. */
export function pairWithHtlcs(format: CommitmentFormat): Pair {
  const pair = new Pair({ format });
  pair.offer('alice', newHtlc(0, 50_000_000n, OFFERED_EXPIRY));
  pair.offer('bob', newHtlc(1, 60_000_000n, RECEIVED_EXPIRY));
  pair.settle();
  return pair;
}

/** These two are settled again: the states from before are revoked, and known to the scene. */
export function sceneWithRevoked(format: CommitmentFormat): { scene: Scene; old: Record<Name, Commitments> } {
  const pair = pairWithHtlcs(format);
  const old = { ...pair.states };
  pair.offer('bob', fulfill(0n, 0));
  pair.settle();
  return { scene: new Scene(pair.states, [old.alice, old.bob]), old };
}

export const requirementsOf = (transactions: readonly OwedTransaction[]): readonly string[] =>
  transactions.flatMap(({ requirements }) => requirements).sort();
