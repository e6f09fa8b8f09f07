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
    await withDeadline(`transaction ${txid} reaches the mempool`, APPEAR_MS, (inner) => this.#chain.waitForTransaction(txid, inner), signal);
    await this.#inTurn(async () => {
      const missing = confirmations - this.#chain.confirmations(txid);
      if (missing > 0) await this.#mineAndWait(missing, signal);
    });
    // In time for a transaction that was replaced meanwhile.
    if (this.#chain.confirmations(txid) < confirmations) {
      throw new BoltgridError('chain.not-confirmed', 'node', `transaction ${txid} did not confirm: it was replaced or dropped`);
    }
  }

  async mine(blocks: number, signal: AbortSignal): Promise<void> {
    await this.#inTurn(() => this.#mineAndWait(blocks, signal));
  }

  async #mineAndWait(blocks: number, signal: AbortSignal): Promise<void> {
    await this.#chain.mine(blocks);
    const height = this.#chain.height();
    await withDeadline(`every node reaches height ${height}`, FOLLOW_MS, (inner) => this.#nodesReach(height, inner), signal);
  }

  async #inTurn(work: () => Promise<void>): Promise<void> {
    const mine = this.#turn.then(work);
    this.#turn = mine.catch(() => undefined);
    await mine;
  }
}
