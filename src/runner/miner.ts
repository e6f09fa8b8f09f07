import { withDeadline } from '../core/deadline.ts';
import { BoltgridError } from '../core/error.ts';
import type { Chain } from '../chain/chain.ts';

const APPEAR_MS = 15_000;
const FOLLOW_MS = 30_000;

/** The world's only miner: gathers wishes for confirmations, mines once for all of them, and waits until every node follows. */
export class Miner {
  readonly #chain: Chain;
  readonly #nodesReach: (height: number, signal: AbortSignal) => Promise<void>;
  #turn: Promise<void> = Promise.resolve();

  constructor(chain: Chain, nodesReach: (height: number, signal: AbortSignal) => Promise<void>) {
    this.#chain = chain;
    this.#nodesReach = nodesReach;
  }

  async confirm(txid: string, confirmations: number, signal: AbortSignal): Promise<void> {
    await withDeadline(`transaction ${txid} reaches the mempool`, APPEAR_MS, () => this.#seen(txid), signal);
    await this.#inTurn(async () => {
      const missing = confirmations - (await this.#confirmations(txid));
      if (missing > 0) await this.#mineAndWait(missing, signal);
    });
    // It may have been replaced while this wish waited its turn.
    if ((await this.#confirmations(txid)) < confirmations) {
      throw new BoltgridError(
        'chain.not-confirmed',
        'node',
        `transaction ${txid} did not confirm: it was replaced or dropped`,
      );
    }
  }

  async mine(blocks: number, signal: AbortSignal): Promise<void> {
    await this.#inTurn(() => this.#mineAndWait(blocks, signal));
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

  async #mineAndWait(blocks: number, signal: AbortSignal): Promise<void> {
    const { height } = await this.#chain.mine(blocks);
    await withDeadline(
      `every node reaches height ${height}`,
      FOLLOW_MS,
      (inner) => this.#nodesReach(height, inner),
      signal,
    );
  }

  async #inTurn(work: () => Promise<void>): Promise<void> {
    const mine = this.#turn.then(work);
    this.#turn = mine.catch(() => undefined);
    await mine;
  }
}
