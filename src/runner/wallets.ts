import { setTimeout as pause } from 'node:timers/promises';
import type { Chain } from '../chain/chain.ts';
import { withDeadline } from '../core/deadline.ts';
import { BoltgridError, messageOf } from '../core/error.ts';
import type { RunningNode } from '../nodes/node.ts';
import type { Miner } from './miner.ts';

/** Each pays for the largest channel without `option_support_large_channel`; side by side no two cases need the same one. */
const COIN_SAT = 25_000_000n;
const COINS = 20;
const LOW_SAT = 10n * COIN_SAT;
/** A wallet may follow the chain some time after its node has. */
const COUNTED_MS = 15_000;
const LOOK_AGAIN_MS = 50;

export interface WalletsParts {
  readonly chain: Chain;
  readonly miner: Miner;
  readonly nodes: readonly { readonly running: RunningNode }[];
}

/** The wallets of a world's nodes: each has confirmed coins in many outputs, and gets more when they run low. */
export class Wallets {
  readonly #parts: WalletsParts;
  #filling: Promise<void> | undefined;

  constructor(parts: WalletsParts) {
    this.#parts = parts;
  }

  /** Resolves when every node that has a wallet has coins. Rejects with `runner.no-coins` (set-up). */
  fill(): Promise<void> {
    this.#filling ??= this.#fill().finally(() => {
      this.#filling = undefined;
    });
    return this.#filling;
  }

  async #fill(): Promise<void> {
    const { nodes, miner } = this.#parts;
    try {
      const payments = await Promise.all(
        nodes.map(async ({ running }) => [running, await this.#refill(running)] as const),
      );
      const { signal } = new AbortController();
      for (const [node, txid] of payments) {
        if (txid === undefined) continue;
        await miner.confirm(txid, 1, signal);
        await withDeadline(`${node.id} counts its coins`, COUNTED_MS, (inner) => counted(node, inner));
      }
    } catch (cause) {
      throw new BoltgridError('runner.no-coins', 'setup', `the nodes got no coins: ${messageOf(cause)}`, {
        cause,
      });
    }
  }

  /** The transaction that pays it; `undefined` where the node has enough or no wallet. */
  async #refill(node: RunningNode): Promise<string | undefined> {
    if (!node.operations.has('balance') || !node.operations.has('newAddress')) return undefined;
    const { confirmedSat } = await node.call('balance', {});
    if (confirmedSat >= LOW_SAT) return undefined;
    const { address } = await node.call('newAddress', {});
    return (await this.#parts.chain.pay(address, COIN_SAT, COINS)).txid;
  }
}

async function counted(node: RunningNode, signal: AbortSignal): Promise<void> {
  for (;;) {
    const { confirmedSat } = await node.call('balance', {}, { signal });
    if (confirmedSat >= LOW_SAT) return;
    await pause(LOOK_AGAIN_MS, undefined, { signal });
  }
}
