import { withDeadline } from '../core/deadline.ts';
import { BoltgridError, isBoltgridError } from '../core/error.ts';
import type { BlockContents, Chain, ReorgOptions, Tip } from '../chain/chain.ts';
import { silent, unexpected, type StepFailure } from '../peer/step.ts';

const APPEAR_MS = 15_000;
const FOLLOW_MS = 30_000;
/** What a slow node takes for each of many blocks. */
const FOLLOW_EACH_MS = 200;

/** Resolves when every node that is up has worked through the block at a height. */
export type NodesReach = (
  height: number,
  limits: { deadlineMs: number; signal: AbortSignal },
) => Promise<void>;

/** The world's only miner: gathers wishes for confirmations, mines once for all of them, and waits until every node follows. */
export class Miner {
  readonly #chain: Chain;
  readonly #nodesReach: NodesReach;
  #turn: Promise<void> = Promise.resolve();

  constructor(chain: Chain, nodesReach: NodesReach) {
    this.#chain = chain;
    this.#nodesReach = nodesReach;
  }

  /** Whose transaction it is, only the caller knows: one that never comes, or goes again, is a step that failed. */
  async confirm(txid: string, confirmations: number, signal: AbortSignal): Promise<void> {
    await this.#awaitSeen(txid, signal);
    await this.#inTurn(async () => {
      const missing = confirmations - (await this.#confirmations(txid));
      if (missing > 0) await this.#changeChain(missing, () => this.#chain.mine(missing), signal);
    });
    // It may have been replaced while this wish waited its turn.
    if ((await this.#confirmations(txid)) < confirmations) {
      throw unexpected({ ...stepOf('a transaction confirms', txid), got: 'it was replaced or dropped' });
    }
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
