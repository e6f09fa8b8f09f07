import { setTimeout as pause } from 'node:timers/promises';
import { z } from 'zod';
import { fromHex } from '../../core/bytes.ts';
import { isBoltgridError } from '../../core/error.ts';
import type { RpcEndpoint } from '../chain.ts';
import type { Block } from '../regtest/block.ts';
import { Ledger } from '../regtest/ledger.ts';
import { Listeners } from '../regtest/listeners.ts';
import { RpcClient } from '../rpc-client.ts';
import { parseTransaction, type Transaction } from '../../bitcoin/transaction.ts';
import type { ChainState } from '../state.ts';
import { hash, readBlock } from './blocks.ts';
import { FollowedMempool } from './mempool.ts';

/** A new block is heard of at once; the mempool, of which no call tells, is looked at as often as this. */
const LOOK_MS = 200;
/** After an error: bitcoind may be away for a while. */
const RETRY_MS = 1000;

/**
 * Follows blocks and mempool of a regtest bitcoind, or of the memory chain, over its JSON-RPC. All blocks are kept. Listeners are called
 * in order: blocks that go (newest first), blocks that come, transactions that leave the mempool, transactions that enter it.
 */
export class ChainFollower implements ChainState {
  readonly ledger = new Ledger();
  readonly mempool = new FollowedMempool();
  readonly blockConnected = new Listeners<Block>();
  readonly blockDisconnected = new Listeners<Block>();
  readonly transactionAdded = new Listeners<Transaction>();
  readonly transactionRemoved = new Listeners<Transaction>();
  /** Once after all that changed together. */
  readonly changed = new Listeners<{ readonly tipChanged: boolean }>();
  readonly #client: RpcClient;
  readonly #closing = new AbortController();
  #current: Promise<void> = Promise.resolve();
  #next: Promise<void> | undefined;
  #loop: Promise<void> = Promise.resolve();

  private constructor(client: RpcClient) {
    this.#client = client;
  }

  /** Rejects as `RpcClient` does. */
  static async start(rpc: RpcEndpoint): Promise<ChainFollower> {
    const follower = new ChainFollower(new RpcClient(rpc));
    await follower.sync();
    follower.#loop = follower.#follow();
    return follower;
  }

  /** Resolves when everything that bitcoind knew at the time of the call is known here. */
  sync(): Promise<void> {
    this.#next ??= this.#current.then(() => {
      const look = this.#look();
      this.#next = undefined;
      this.#current = look.catch(() => undefined);
      return look;
    });
    return this.#next;
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await this.#loop;
    await this.#current;
  }

  async #follow(): Promise<void> {
    const { signal } = this.#closing;
    while (!signal.aborted) {
      try {
        await this.#client.call('waitfornewblock', [LOOK_MS], z.unknown(), { signal });
        await this.sync();
      } catch {
        // Whoever uses the chain meets the same error in a call of their own.
        await pause(RETRY_MS, undefined, { signal }).catch(() => undefined);
      }
    }
  }

  async #look(): Promise<void> {
    const before = this.ledger.tip;
    let waiting: readonly string[];
    do {
      await this.#followBlocks(await this.#best());
      waiting = await this.#call('getrawmempool', [], z.array(hash));
      // A block in between took transactions out of the mempool: they must be seen in it first.
    } while ((await this.#best()) !== this.ledger.tip.hash);
    const mempoolChanged = await this.#followMempool(waiting);
    const tipChanged = before !== this.ledger.tip;
    if (tipChanged || mempoolChanged) this.changed.emit({ tipChanged });
  }

  #best(): Promise<string> {
    return this.#call('getbestblockhash', [], hash);
  }

  async #followBlocks(best: string): Promise<void> {
    if (best === this.ledger.tip.hash) return;
    const branch: Block[] = [];
    let at = best;
    for (let known = this.ledger.blockByHash(at); !known || !this.ledger.isActive(known);) {
      const block = known ?? (await readBlock(this.#client, at, this.#closing.signal));
      branch.push(block);
      at = block.header.previousHash;
      known = this.ledger.blockByHash(at);
    }
    while (this.ledger.tip.hash !== at) this.blockDisconnected.emit(this.ledger.disconnect());
    for (const block of branch.reverse()) {
      this.ledger.connect(block);
      this.blockConnected.emit(block);
      for (const { txid } of block.transactions) this.#leaves(txid);
    }
  }

  async #followMempool(waiting: readonly string[]): Promise<boolean> {
    const kept = new Set(waiting);
    const gone = this.mempool.entries().filter(({ tx }) => !kept.has(tx.txid));
    for (const { tx } of gone) this.#leaves(tx.txid);
    let come = 0;
    // One after the other: bitcoind takes only so many calls at once.
    for (const txid of waiting) {
      const tx = this.mempool.entry(txid) ? undefined : await this.#readTransaction(txid);
      if (!tx) continue;
      come++;
      this.mempool.add(tx);
      this.transactionAdded.emit(tx);
    }
    return gone.length > 0 || come > 0;
  }

  #leaves(txid: string): void {
    const tx = this.mempool.remove(txid);
    if (tx) this.transactionRemoved.emit(tx);
  }

  /** `undefined` for one that has left the mempool since. */
  async #readTransaction(txid: string): Promise<Transaction | undefined> {
    try {
      return parseTransaction(fromHex(await this.#call('getrawtransaction', [txid], z.string())));
    } catch (error) {
      if (isBoltgridError(error) && error.code === 'chain.rpc.error') return undefined;
      throw error;
    }
  }

  #call<T>(method: string, params: readonly string[], result: z.ZodType<T>): Promise<T> {
    return this.#client.call(method, params, result, { signal: this.#closing.signal });
  }
}
