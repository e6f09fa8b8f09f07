import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import { toHex } from '../core/bytes.ts';
import { BoltgridError, isBoltgridError } from '../core/error.ts';
import { acceptances } from './bitcoind/acceptance.ts';
import { ChainFollower } from './bitcoind/follower.ts';
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
import { Coins, PREPARATION, splitCoinbase } from './coins.ts';
import { RpcClient } from './rpc-client.ts';
import { addressOfScript, OP_TRUE_SCRIPT, p2wsh, scriptOfAddress } from '../bitcoin/output.ts';
import { isCoinbase, parseTransaction, type Transaction } from '../bitcoin/transaction.ts';
import { transactionsFor } from './block-contents.ts';
import { findSpender, findTransaction, tipOf } from './state.ts';

export interface BitcoindOptions {
  /** Of a regtest bitcoind that has loaded its blocks, runs with `-txindex`, and is nobody else's. */
  readonly rpc: RpcEndpoint;
}

const OWN_SAT_PER_KVB = 2000n;
/** 100 blocks take a second or two. */
const MINING_MS = 120_000;
/** sendrawtransaction's code for a transaction that is in the chain (RPC_VERIFY_ALREADY_IN_UTXO_SET). */
const ALREADY_IN_CHAIN = -27;

/**
 * Takes over a running regtest bitcoind: mines mature coins of the world's own, where it has none, and follows it. Errors, beside those
 * of `RpcClient`: `chain.not-regtest`.
 */
export async function attachBitcoind({ rpc }: BitcoindOptions): Promise<Chain> {
  const client = new RpcClient(rpc);
  const { chain } = await client.call('getblockchaininfo', [], z.object({ chain: z.string() }));
  if (chain !== 'regtest') {
    throw new BoltgridError('chain.not-regtest', 'user', `the bitcoind at ${rpc.url} is on ${chain}`, {
      hint: 'boltgrid mines and abandons blocks: give it a regtest of its own.',
    });
  }
  const follower = await ChainFollower.start(rpc);
  const attached = new BitcoindChain(rpc, client, follower);
  try {
    await attached.prepare();
  } catch (error) {
    await attached.close();
    throw error;
  }
  return attached;
}

class BitcoindChain implements Chain {
  readonly kind = 'bitcoind';
  readonly rpc: RpcEndpoint;
  readonly #client: RpcClient;
  readonly #follower: ChainFollower;
  readonly #coins: Coins;
  /** Transactions that go back to the mempool in a reorg: they are not news. */
  #returning: ReadonlySet<string> = new Set();
  #closed: Promise<void> | undefined;

  constructor(rpc: RpcEndpoint, client: RpcClient, follower: ChainFollower) {
    this.rpc = rpc;
    this.#client = client;
    this.#follower = follower;
    this.#coins = new Coins(follower, { satPerKvb: OWN_SAT_PER_KVB });
  }

  /** As the memory chain's coins are prepared; does nothing where there are coins already. */
  async prepare(): Promise<void> {
    const { ledger } = this.#follower;
    if ([...ledger.coins()].some(({ script }) => toHex(script) === toHex(OP_TRUE_SCRIPT))) return;
    const first = ledger.tip.height + 1;
    await this.#generate(PREPARATION.blocks, OP_TRUE_SCRIPT);
    await this.#follower.sync();
    for (let height = first; height < first + PREPARATION.split; height++) {
      const block = ledger.blockAt(height);
      if (block) await this.#submit(splitCoinbase(block));
    }
    await this.mine(PREPARATION.buryingBlocks);
  }

  tip(): Promise<Tip> {
    return this.#upToDate(() => tipOf(this.#follower));
  }

  async broadcast(raw: Uint8Array): Promise<string> {
    this.#mustBeOpen();
    const { txid } = await this.#submit(parseTransaction(raw));
    await this.#follower.sync();
    return txid;
  }

  async testAccept(...raw: readonly Uint8Array[]): Promise<readonly Acceptance[]> {
    this.#mustBeOpen();
    return acceptances(this.#client, raw.map(parseTransaction));
  }

  transaction(txid: string): Promise<ChainTransaction | undefined> {
    return this.#upToDate(() => findTransaction(this.#follower, txid));
  }

  spender(txid: string, vout: number): Promise<ChainTransaction | undefined> {
    return this.#upToDate(() => findSpender(this.#follower, txid, vout));
  }

  async mine(blocks: number, transactions: BlockContents = 'mempool'): Promise<Tip> {
    this.#mustBeOpen();
    await this.#mine(blocks, transactions);
    return this.tip();
  }

  async reorg(
    depth: number,
    { blocks = depth + 1, transactions = 'mempool' }: ReorgOptions = {},
  ): Promise<Tip> {
    const abandoned = await this.#upToDate(() => this.#newest(depth));
    const returning = abandoned.flatMap((block) => block.transactions.filter((tx) => !isCoinbase(tx)));
    this.#returning = new Set(returning.map(({ txid }) => txid));
    try {
      await this.#client.call('invalidateblock', [abandoned[0]?.hash ?? ''], z.null());
      await this.#follower.sync();
      await this.#bringBack(returning);
      await this.#mine(blocks, transactions);
      await this.#follower.sync();
    } finally {
      this.#returning = new Set();
    }
    return tipOf(this.#follower);
  }

  fund(target: string | Uint8Array, amountSat: bigint, times = 1): Promise<Payment> {
    return this.#upToDate(() =>
      this.#coins.fund(typeof target === 'string' ? scriptOfAddress(target) : target, amountSat, times),
    );
  }

  async pay(target: string | Uint8Array, amountSat: bigint, times = 1): Promise<Payment> {
    const payment = await this.fund(target, amountSat, times);
    await this.broadcast(payment.raw);
    return payment;
  }

  setFeerate(): Promise<void> {
    return Promise.reject(
      new BoltgridError('chain.not-offered', 'harness', 'a regtest bitcoind has no fee estimates to set', {
        hint: 'Set the feerate of the node instead, or use the memory chain.',
      }),
    );
  }

  onBlock(listener: (event: BlockEvent) => void): () => void {
    const tell = (type: BlockEvent['type']) => (block: Tip) => {
      listener({ type, height: block.height, hash: block.hash });
    };
    const unsubscribe = [
      this.#follower.blockConnected.add(tell('connected')),
      this.#follower.blockDisconnected.add(tell('disconnected')),
    ];
    return () => {
      for (const each of unsubscribe) each();
    };
  }

  onTransaction(listener: (txid: string) => void): () => void {
    return this.#follower.transactionAdded.add(({ txid }) => {
      if (!this.#returning.has(txid)) listener(txid);
    });
  }

  close(): Promise<void> {
    this.#closed ??= this.#follower.close();
    return this.#closed;
  }

  #mustBeOpen(): void {
    if (this.#closed) throw new BoltgridError('chain.closed', 'harness', 'the chain has been closed');
  }

  async #upToDate<T>(look: () => T): Promise<T> {
    this.#mustBeOpen();
    await this.#follower.sync();
    return look();
  }

  /** Oldest first. */
  #newest(depth: number) {
    const { ledger } = this.#follower;
    const { height } = ledger.tip;
    if (!Number.isInteger(depth) || depth < 1 || depth > height) {
      throw new BoltgridError(
        'chain.no-block',
        'user',
        `cannot take ${depth} blocks off a chain of ${height}`,
      );
    }
    const heights = Array.from({ length: depth }, (_, i) => height - depth + 1 + i);
    return heights.map((at) => ledger.blockAt(at)).filter((block) => block !== undefined);
  }

  /** bitcoind itself returns only what was in the newest ten blocks to the mempool. */
  async #bringBack(transactions: readonly Transaction[]): Promise<void> {
    for (const tx of transactions) {
      if (this.#follower.mempool.entry(tx.txid)) continue;
      try {
        await this.#submit(tx);
      } catch (error) {
        if (!isBoltgridError(error) || error.code !== 'chain.rejected') throw error;
      }
    }
  }

  async #submit(tx: Transaction): Promise<Transaction> {
    try {
      await this.#client.call('sendrawtransaction', [toHex(tx.raw), 0], z.string());
      return tx;
    } catch (error) {
      throw isBoltgridError(error) && error.code === 'chain.rpc.error' ? rejected(tx.txid, error) : error;
    }
  }

  async #generate(blocks: number, script: Uint8Array): Promise<void> {
    const address = addressOfScript(script) ?? '';
    await this.#client.call('generatetoaddress', [blocks, address], z.array(z.string()), {
      deadlineMs: MINING_MS,
    });
  }

  async #mine(blocks: number, contents: BlockContents): Promise<void> {
    if (contents === 'mempool') return this.#generate(blocks, nobody());
    for (let i = 0; i < blocks; i++) {
      await this.#follower.sync();
      await this.#generateBlock(transactionsFor(contents, i, this.#follower.mempool.entries()) ?? []);
    }
  }

  /** Transactions that are not in the mempool are given whole; bitcoind judges them by consensus only. */
  async #generateBlock(transactions: readonly Transaction[]): Promise<void> {
    const address = addressOfScript(nobody()) ?? '';
    const given = transactions.map(({ txid, raw }) =>
      this.#follower.mempool.entry(txid) ? txid : toHex(raw),
    );
    try {
      await this.#client.call('generateblock', [address, given], z.object({ hash: z.string() }), {
        deadlineMs: MINING_MS,
      });
    } catch (error) {
      if (!isBoltgridError(error) || error.code !== 'chain.rpc.error') throw error;
      throw new BoltgridError('chain.bad-block', 'user', String(error.details.message));
    }
  }
}

/** A script that nobody can spend, another one each time: two blocks on one parent are never the same block. */
const nobody = (): Uint8Array => p2wsh(randomBytes(32));

function rejected(txid: string, { details }: BoltgridError): BoltgridError {
  const message = String(details.message);
  const code = Number(details.code);
  // `reason, more words`
  const reason = code === ALREADY_IN_CHAIN ? 'txn-already-known' : (message.split(', ')[0] ?? message);
  return new BoltgridError('chain.rejected', 'node', `${txid}: ${message}`, {
    details: { txid, reason, code },
  });
}
