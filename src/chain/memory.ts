import { BoltgridError } from '../core/error.ts';
import type {
  Acceptance,
  BlockContents,
  BlockEvent,
  Chain,
  ChainTransaction,
  Payment,
  ReorgOptions,
  RpcEndpoint,
  Tip,
} from './chain.ts';
import { Coins } from './coins.ts';
import type { FeeSource } from './fees.ts';
import type { Judgement } from './regtest/mempool.ts';
import type { Rejection } from './regtest/policy.ts';
import { prepareCoins } from './regtest/prepare.ts';
import { Regtest, type RegtestOptions } from './regtest/regtest.ts';
import { serveRpc, type RpcServer } from './rpc/server.ts';
import { scriptOfAddress } from '../bitcoin/output.ts';
import { parseTransaction, type Transaction } from '../bitcoin/transaction.ts';
import { transactionsFor } from './block-contents.ts';
import { findSpender, findTransaction, tipOf } from './state.ts';

const INITIAL_SAT_PER_KVB = 2000n;
const DEFAULT_NOW = (): number => Math.floor(Date.now() / 1000);

/** Starts a regtest chain in this process, with mature coins and its JSON-RPC on 127.0.0.1. */
export async function startMemoryChain({ now = DEFAULT_NOW }: RegtestOptions = {}): Promise<Chain> {
  const regtest = new Regtest({ now });
  const fees: FeeSource = { satPerKvb: INITIAL_SAT_PER_KVB };
  prepareCoins(regtest, now());
  const coins = new Coins(regtest, fees);
  return new MemoryChain(regtest, coins, fees, await serveRpc(regtest, fees));
}

class MemoryChain implements Chain {
  readonly kind = 'memory';
  readonly #regtest: Regtest;
  readonly #coins: Coins;
  readonly #fees: FeeSource;
  readonly #server: RpcServer;
  #closed: Promise<void> | undefined;

  constructor(regtest: Regtest, coins: Coins, fees: FeeSource, server: RpcServer) {
    this.#regtest = regtest;
    this.#coins = coins;
    this.#fees = fees;
    this.#server = server;
  }

  get rpc(): RpcEndpoint {
    return this.#server.endpoint;
  }

  tip(): Promise<Tip> {
    return this.#run(() => tipOf(this.#regtest));
  }

  broadcast(raw: Uint8Array): Promise<string> {
    return this.#run(() => this.#submit(parseTransaction(raw)));
  }

  testAccept(...raw: readonly Uint8Array[]): Promise<readonly Acceptance[]> {
    return this.#run(() => {
      const transactions = raw.map(parseTransaction);
      return this.#regtest
        .test(transactions)
        .map((judgement, i) => acceptance(transactions[i]?.txid ?? '', judgement));
    });
  }

  transaction(txid: string): Promise<ChainTransaction | undefined> {
    return this.#run(() => findTransaction(this.#regtest, txid));
  }

  spender(txid: string, vout: number): Promise<ChainTransaction | undefined> {
    return this.#run(() => findSpender(this.#regtest, txid, vout));
  }

  mine(blocks: number, transactions: BlockContents = 'mempool'): Promise<Tip> {
    return this.#run(() => this.#mine(blocks, transactions));
  }

  reorg(depth: number, { blocks = depth + 1, transactions = 'mempool' }: ReorgOptions = {}): Promise<Tip> {
    return this.#run(() => {
      this.#regtest.disconnect(depth);
      return this.#mine(blocks, transactions);
    });
  }

  fund(target: string | Uint8Array, amountSat: bigint, times = 1): Promise<Payment> {
    return this.#run(() => this.#fund(target, amountSat, times));
  }

  pay(target: string | Uint8Array, amountSat: bigint, times = 1): Promise<Payment> {
    return this.#run(() => {
      const payment = this.#fund(target, amountSat, times);
      this.#submit(parseTransaction(payment.raw));
      return payment;
    });
  }

  setFeerate(satPerVbyte: number): Promise<void> {
    return this.#run(() => {
      this.#fees.satPerKvb = BigInt(Math.round(satPerVbyte * 1000));
    });
  }

  onBlock(listener: (event: BlockEvent) => void): () => void {
    const tell = (type: BlockEvent['type']) => (block: Tip) => {
      listener({ type, height: block.height, hash: block.hash });
    };
    const unsubscribe = [
      this.#regtest.blockConnected.add(tell('connected')),
      this.#regtest.blockDisconnected.add(tell('disconnected')),
    ];
    return () => {
      for (const each of unsubscribe) each();
    };
  }

  onTransaction(listener: (txid: string) => void): () => void {
    return this.#regtest.transactionAdded.add(({ txid }) => {
      listener(txid);
    });
  }

  close(): Promise<void> {
    this.#closed ??= this.#server.close();
    return this.#closed;
  }

  /** What throws at once in here must reject like everywhere else. */
  #run<T>(work: () => T): Promise<T> {
    return new Promise((resolve) => {
      if (this.#closed) throw new BoltgridError('chain.closed', 'harness', 'the chain has been closed');
      resolve(work());
    });
  }

  #mine(blocks: number, contents: BlockContents): Tip {
    if (typeof contents === 'object' && 'only' in contents) this.#regtest.admit(contents.only);
    for (let i = 0; i < blocks; i++) {
      const transactions = transactionsFor(contents, i, this.#regtest.mempool.entries());
      this.#regtest.mine(transactions && { transactions });
    }
    return tipOf(this.#regtest);
  }

  #fund(target: string | Uint8Array, amountSat: bigint, times: number): Payment {
    return this.#coins.fund(typeof target === 'string' ? scriptOfAddress(target) : target, amountSat, times);
  }

  #submit(tx: Transaction): string {
    if (this.#regtest.mempool.entry(tx.txid)) return tx.txid;
    const judgement = this.#regtest.submit(tx);
    if ('rejected' in judgement) throw rejected(tx.txid, judgement.rejected);
    return tx.txid;
  }
}

const acceptance = (txid: string, judgement: Judgement): Acceptance =>
  'candidate' in judgement
    ? { txid, accepted: true, feeSat: judgement.candidate.feeSat, vsize: judgement.candidate.tx.vsize }
    : { txid, accepted: false, reason: judgement.rejected.reason };

const rejected = (txid: string, { reason, detail, code }: Rejection): BoltgridError =>
  new BoltgridError(
    'chain.rejected',
    'node',
    `${txid}: ${reason}${detail === undefined ? '' : `, ${detail}`}`,
    {
      details: { txid, reason, code },
    },
  );
