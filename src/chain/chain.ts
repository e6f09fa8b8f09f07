import type { Transaction } from '../bitcoin/transaction.ts';

/** How a node reaches the chain: bitcoind's JSON-RPC, whichever chain it is. */
export interface RpcEndpoint {
  /** `http://127.0.0.1:18443/` */
  readonly url: string;
  readonly user: string;
  readonly password: string;
}

export interface Tip {
  readonly height: number;
  /** As displayed: bytes reversed. */
  readonly hash: string;
}

export interface ChainTransaction {
  readonly txid: string;
  readonly raw: Uint8Array;
  /** 0 while it waits in the mempool. */
  readonly confirmations: number;
  /** Where it is, once it has confirmed. */
  readonly blockHeight?: number;
  readonly blockHash?: string;
  /** Position in the block: the `x` of `b x t x o`. */
  readonly index?: number;
}

/** A transaction of the world's own coins. */
export interface Payment {
  readonly txid: string;
  readonly raw: Uint8Array;
  /** Which output pays what was asked; of several the first. */
  readonly vout: number;
}

export type Acceptance =
  | { readonly txid: string; readonly accepted: true; readonly feeSat: bigint; readonly vsize: number }
  | { readonly txid: string; readonly accepted: false; readonly reason: string };

export type BlockEvent =
  | { readonly type: 'connected'; readonly height: number; readonly hash: string }
  | { readonly type: 'disconnected'; readonly height: number; readonly hash: string };

/**
 * What new blocks hold.
 * - `mempool`: all that waits, in the first of them
 * - `none`: nothing; what waits goes on waiting
 * - `without`: all that waits but these transactions (by txid) and those that build on them
 * - `only`: the first holds exactly these, parents before children, the others nothing. They need not be in the mempool, which drops
 *   what conflicts with them: only consensus judges them. Rejects with `chain.bad-block`
 */
export type BlockContents =
  'mempool' | 'none' | { readonly without: readonly string[] } | { readonly only: readonly Transaction[] };

export interface ReorgOptions {
  /** Blocks of the new branch; one more than were abandoned when not given, so that it wins. */
  readonly blocks?: number;
  /** What was in the abandoned blocks waits in the mempool by then; `mempool` when not given. */
  readonly transactions?: BlockContents;
}

/**
 * A regtest chain of which a world is the only miner: in process (`memory`) or behind bitcoind's JSON-RPC. It starts with mature
 * coins of its own, split into many outputs.
 *
 * Every method rejects with a BoltgridError. `chain.rejected`: a transaction was refused; `details.reason` has bitcoind's reject
 * reason, `details.code` the code of its JSON-RPC. `chain.no-coins`: the world's own coins are spent. `chain.closed`.
 */
export interface Chain {
  readonly kind: 'memory' | 'bitcoind';
  /** For nodes that follow the chain by themselves. The password is of this chain alone. */
  readonly rpc: RpcEndpoint;

  tip(): Promise<Tip>;
  /** Hands a transaction to the mempool and returns its txid; one that is there already is accepted again. */
  broadcast(raw: Uint8Array): Promise<string>;
  /** What `broadcast` would say, without doing it; with several, each may spend those before it. */
  testAccept(...raw: readonly Uint8Array[]): Promise<readonly Acceptance[]>;
  /** Of the active chain or the mempool. */
  transaction(txid: string): Promise<ChainTransaction | undefined>;
  /** The transaction of the active chain or mempool that spends an output, where there is one. */
  spender(txid: string, vout: number): Promise<ChainTransaction | undefined>;
  /** `transactions` is `mempool` when not given. */
  mine(blocks: number, transactions?: BlockContents): Promise<Tip>;
  /** Abandons the newest `depth` blocks for another branch. */
  reorg(depth: number, options?: ReorgOptions): Promise<Tip>;

  /**
   * Signs a transaction that pays a script or regtest address, sets its coins aside, and does not broadcast it. With `times`, its
   * first outputs each pay as much.
   */
  fund(target: string | Uint8Array, amountSat: bigint, times?: number): Promise<Payment>;
  /** `fund`, and broadcasts. */
  pay(target: string | Uint8Array, amountSat: bigint, times?: number): Promise<Payment>;
  /** What estimatesmartfee tells nodes from now on, and what `fund` pays. */
  setFeerate(satPerVbyte: number): Promise<void>;

  /** Called after each block, in order. Returns the unsubscriber. */
  onBlock(listener: (event: BlockEvent) => void): () => void;
  /** Called for each transaction that enters the mempool. Returns the unsubscriber. */
  onTransaction(listener: (txid: string) => void): () => void;
  close(): Promise<void>;
}
