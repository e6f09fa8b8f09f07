import { messageOf, type RpcClient } from 'boltgrid/driver';
import { z } from 'zod';
import { displayed, unhex } from './ldk.ts';

export interface Tip {
  readonly hash: string;
  readonly height: number;
}

/** Something that must be told each block, in order. */
export interface Listener {
  tip(): Tip;
  connect(block: Uint8Array, height: number, hash: string): void;
  disconnect(header: Uint8Array, height: number): void;
}

const text = z.string();
const chainInfo = z.object({ blocks: z.number(), bestblockhash: text });

/** How long one question for news may stay open. */
const POLL_MS = 20_000;
const RETRY_MS = 250;

/** Brings listeners to the chain's tip and keeps the live one there, through reorgs. */
export class Follower {
  readonly #chain: RpcClient;
  readonly #live: Listener;
  readonly #afterBlock: () => Promise<void>;
  readonly #stopped = new AbortController();
  #running: Promise<void> = Promise.resolve();

  /** `afterBlock` runs when the live listener has taken a block, before the next one. */
  constructor(chain: RpcClient, live: Listener, afterBlock: () => Promise<void>) {
    this.#chain = chain;
    this.#live = live;
    this.#afterBlock = afterBlock;
  }

  /** The chain's tip now. */
  static async tip(chain: RpcClient): Promise<Tip> {
    const { blocks, bestblockhash } = await chain.call('getblockchaininfo', [], chainInfo);
    return { height: blocks, hash: bestblockhash };
  }

  /** Takes the live listener to the tip. One run at a time; a call during a run looks again after it. */
  catchUp(): Promise<void> {
    const run = this.#running.then(() => synchronise(this.#chain, this.#live, this.#afterBlock));
    this.#running = run.catch(() => undefined);
    return run;
  }

  /** Asks for news until stopped. */
  async follow(): Promise<void> {
    while (!this.#isStopped()) {
      try {
        // Which tip it knows goes with the question, so that a block between two questions is not missed.
        await this.#chain.call('waitfornewblock', [POLL_MS, this.#live.tip().hash], z.unknown(), {
          deadlineMs: 2 * POLL_MS,
          signal: this.#stopped.signal,
        });
        await this.catchUp();
      } catch (error) {
        if (this.#isStopped()) return;
        console.error(`WARN chain: ${messageOf(error)}`);
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
      }
    }
  }

  stop(): void {
    this.#stopped.abort();
  }

  #isStopped(): boolean {
    return this.#stopped.signal.aborted;
  }
}

/** Takes one listener from wherever it is to the tip of the active chain. */
async function synchronise(
  chain: RpcClient,
  listener: Listener,
  afterBlock: () => Promise<void> = () => Promise.resolve(),
): Promise<void> {
  for (;;) {
    const target = await Follower.tip(chain);
    if (listener.tip().hash === target.hash) return;
    await leaveStaleBranch(chain, listener, target);
    await climb(chain, listener, target, afterBlock);
  }
}

/** Takes listeners that begin at different blocks to one tip: from there on they can be told together. */
export async function align(chain: RpcClient, listeners: readonly Listener[]): Promise<void> {
  do for (const listener of listeners) await synchronise(chain, listener);
  while (new Set(listeners.map((listener) => listener.tip().hash)).size > 1);
}

async function leaveStaleBranch(chain: RpcClient, listener: Listener, target: Tip): Promise<void> {
  for (let tip = listener.tip(); !(await isActive(chain, tip, target)); tip = listener.tip()) {
    const header = await chain.call('getblockheader', [tip.hash, false], text);
    listener.disconnect(unhex(header), tip.height);
  }
}

async function isActive(chain: RpcClient, tip: Tip, target: Tip): Promise<boolean> {
  return tip.height <= target.height && (await chain.call('getblockhash', [tip.height], text)) === tip.hash;
}

async function climb(
  chain: RpcClient,
  listener: Listener,
  target: Tip,
  afterBlock: () => Promise<void>,
): Promise<void> {
  for (let height = listener.tip().height + 1; height <= target.height; height++) {
    const hash = await chain.call('getblockhash', [height], text);
    const block = unhex(await chain.call('getblock', [hash, 0], text));
    // Reorganised meanwhile: look again.
    if (displayed(block.slice(4, 36)) !== listener.tip().hash) return;
    listener.connect(block, height, hash);
    await afterBlock();
  }
}
