import { awakeTimeout, withDeadline } from '../core/deadline.ts';
import { BoltgridError, isBoltgridError } from '../core/error.ts';
import type { BlockContents, Chain, ReorgOptions, Tip } from '../chain/chain.ts';
import { silent, unexpected, type StepFailure } from '../peer/step.ts';

const APPEAR_MS = 15_000;
const FOLLOW_MS = 30_000;
/** What a slow node takes for each of many blocks. */
const FOLLOW_EACH_MS = 200;
/** How long a wish waits at most for cases that want no block: longer than a node takes to serve eight of them, one after the other. */
const GATHER_MS = 2000;

/** Resolves when every node that is up has worked through the block at a height. */
export type NodesReach = (
  height: number,
  limits: { deadlineMs: number; signal: AbortSignal },
) => Promise<void>;

/** One case in the miner's eyes: at work with its node, unless it waits for a block. */
export type Seat = symbol;

interface Wish {
  /** Absent: no case waits. */
  readonly seat: Seat | undefined;
  readonly txid: string;
  readonly confirmations: number;
  readonly resolve: () => void;
  readonly reject: (reason: unknown) => void;
}

/**
 * The world's only miner. It gathers wishes for confirmations and mines once for all of them, when every case of the world waits for a block:
 * a node may refuse what comes while it works through one (LND does not take open_channel then). A case that goes on for long without
 * holds the others up only for a moment. After each block it waits until every node follows.
 */
export class Miner {
  readonly #chain: Chain;
  readonly #nodesReach: NodesReach;
  readonly #seats = new Set<Seat>();
  readonly #wishes = new Set<Wish>();
  #serving = false;
  #turn: Promise<void> = Promise.resolve();
  #gathered: () => void = () => undefined;

  constructor(chain: Chain, nodesReach: NodesReach) {
    this.#chain = chain;
    this.#nodesReach = nodesReach;
  }

  /** A case begins, as soon as no block is being worked through. */
  async enter(seat: Seat): Promise<void> {
    for (let turn; turn !== this.#turn;) {
      turn = this.#turn;
      await turn;
    }
    this.#seats.add(seat);
  }

  leave(seat: Seat): void {
    this.#seats.delete(seat);
    this.#lookAround();
  }

  /** Whose transaction it is, only the caller knows: one that never comes, or goes again, is a step that failed. */
  async confirm(txid: string, confirmations: number, signal: AbortSignal, seat?: Seat): Promise<void> {
    await this.#awaitSeen(txid, signal);
    await this.#wish({ txid, confirmations, seat }, signal);
  }

  async mine(blocks: number, contents: BlockContents | undefined, signal: AbortSignal): Promise<void> {
    await this.#inTurn(() => this.#changeChain(blocks, () => this.#chain.mine(blocks, contents), signal));
  }

  async reorg(depth: number, options: ReorgOptions = {}, signal: AbortSignal): Promise<void> {
    const { blocks = depth + 1 } = options;
    // No node leaves its branch for one of the same length, and by its height none could tell that it had.
    if (blocks <= depth) {
      throw new BoltgridError(
        'suite.short-branch',
        'harness',
        `a branch of ${blocks} blocks does not win over ${depth}`,
      );
    }
    await this.#inTurn(() => this.#changeChain(blocks, () => this.#chain.reorg(depth, options), signal));
  }

  async #wish(what: Pick<Wish, 'txid' | 'confirmations' | 'seat'>, signal: AbortSignal): Promise<void> {
    let withdraw = (): void => undefined;
    const granted = new Promise<void>((resolve, reject) => {
      const wish: Wish = { ...what, resolve, reject };
      this.#wishes.add(wish);
      withdraw = () => {
        this.#wishes.delete(wish);
        reject(signal.reason as Error);
      };
      if (signal.aborted) withdraw();
      else signal.addEventListener('abort', withdraw, { once: true });
    });
    this.#lookAround();
    void this.#serve();
    try {
      await granted;
    } finally {
      signal.removeEventListener('abort', withdraw);
    }
  }

  async #serve(): Promise<void> {
    if (this.#serving) return;
    this.#serving = true;
    while (this.#wishes.size > 0) {
      await this.#gather();
      await this.#inTurn(() => this.#grant([...this.#wishes]));
    }
    this.#serving = false;
  }

  /** Settles each of the wishes, and never rejects. */
  async #grant(wishes: readonly Wish[]): Promise<void> {
    try {
      const missing = await Promise.all(
        wishes.map(async ({ txid, confirmations }) => confirmations - (await this.#confirmations(txid))),
      );
      const blocks = Math.max(0, ...missing);
      const { signal } = new AbortController();
      if (blocks > 0) await this.#changeChain(blocks, () => this.#chain.mine(blocks), signal);
      for (const wish of wishes) await this.#answer(wish);
    } catch (error) {
      for (const wish of wishes) wish.reject(error);
    } finally {
      // Whose wish is settled is at work again, before anything is mined.
      for (const wish of wishes) this.#wishes.delete(wish);
    }
  }

  async #answer({ txid, confirmations, resolve, reject }: Wish): Promise<void> {
    // It may have been replaced while this wish waited.
    if ((await this.#confirmations(txid)) >= confirmations) resolve();
    else reject(unexpected({ ...stepOf('a transaction confirms', txid), got: 'it was replaced or dropped' }));
  }

  /** Resolves when every case waits for a block, or after a moment. */
  async #gather(): Promise<void> {
    await new Promise<void>((resolve) => {
      const stop = awakeTimeout(GATHER_MS, resolve);
      this.#gathered = () => {
        stop();
        resolve();
      };
      this.#lookAround();
    });
    this.#gathered = () => undefined;
  }

  #lookAround(): void {
    const waiting = new Set([...this.#wishes].map(({ seat }) => seat));
    if ([...this.#seats].every((seat) => waiting.has(seat))) this.#gathered();
  }

  async #awaitSeen(txid: string, signal: AbortSignal): Promise<void> {
    const step = 'a transaction reaches the mempool';
    try {
      await withDeadline(step, APPEAR_MS, () => this.#seen(txid), signal);
    } catch (error) {
      const isLate = isBoltgridError(error) && error.code === 'core.deadline';
      throw isLate ? silent(stepOf(step, txid), APPEAR_MS) : error;
    }
  }

  /** Resolves when the transaction is in the mempool or in a block. */
  async #seen(txid: string): Promise<void> {
    let stop = (): void => undefined;
    const appears = new Promise<void>((resolve) => {
      stop = this.#chain.onTransaction((seen) => {
        if (seen === txid) resolve();
      });
    });
    try {
      if ((await this.#chain.transaction(txid)) === undefined) await appears;
    } finally {
      stop();
    }
  }

  async #confirmations(txid: string): Promise<number> {
    return (await this.#chain.transaction(txid))?.confirmations ?? 0;
  }

  /** `change` makes `blocks` new blocks; then every node follows. */
  async #changeChain(blocks: number, change: () => Promise<Tip>, signal: AbortSignal): Promise<void> {
    const { height } = await change();
    const deadlineMs = FOLLOW_MS + blocks * FOLLOW_EACH_MS;
    await withDeadline(
      `every node reaches height ${height}`,
      deadlineMs,
      (inner) => this.#nodesReach(height, { deadlineMs, signal: inner }),
      signal,
    );
  }

  async #inTurn(work: () => Promise<void>): Promise<void> {
    const mine = this.#turn.then(work);
    this.#turn = mine.catch(() => undefined);
    await mine;
  }
}

const stepOf = (step: string, txid: string): Omit<StepFailure, 'got'> => ({
  requirement: undefined,
  step,
  expected: txid,
  awaited: 'state',
  link: undefined,
});
