import { addressOfScript } from '../../bitcoin/output.ts';
import { outpoint, parseTransaction } from '../../bitcoin/transaction.ts';
import type { Chain } from '../../chain/chain.ts';
import { toHex } from '../../core/bytes.ts';
import type { ChannelKeys } from './channel-keys.ts';
import type { Chores } from './chores.ts';
import type { NodeState } from './state.ts';

export interface Coin {
  readonly txid: string;
  readonly vout: number;
  readonly amountSat: bigint;
  readonly confirmations: number;
  readonly address: string;
}

/**
 * What the chain has paid to the node's own scripts. It spends none of it: what the node pays on chain comes from the coins of its
 * world.
 */
export class Wallet {
  readonly #chain: Chain;
  readonly #keys: ChannelKeys;
  readonly #chores: Chores;
  readonly #state: () => NodeState;
  /** Outputs with an address of ours, by outpoint. */
  readonly #seen = new Map<string, Omit<Coin, 'confirmations'>>();
  #unsubscribe: () => void = () => undefined;

  constructor(chain: Chain, keys: ChannelKeys, chores: Chores, state: () => NodeState) {
    this.#chain = chain;
    this.#keys = keys;
    this.#chores = chores;
    this.#state = state;
  }

  start(): void {
    this.#unsubscribe = this.#chain.onTransaction((txid) => {
      this.#chores.add('a look at a transaction', () => this.#look(txid));
    });
  }

  stop(): void {
    this.#unsubscribe();
  }

  newAddress(): string {
    return addressOfScript(this.#keys.addressScript(this.#state().addressCount++)) ?? '';
  }

  /** What is not spent. */
  async coins(): Promise<readonly Coin[]> {
    const coins: Coin[] = [];
    for (const coin of this.#seen.values()) {
      const transaction = await this.#chain.transaction(coin.txid);
      if (!transaction || (await this.#chain.spender(coin.txid, coin.vout))) continue;
      coins.push({ ...coin, confirmations: transaction.confirmations });
    }
    return coins;
  }

  async #look(txid: string): Promise<void> {
    const found = await this.#chain.transaction(txid);
    if (!found) return;
    const own = this.#ownScripts();
    for (const [vout, { amountSat, script }] of parseTransaction(found.raw).outputs.entries()) {
      const address = own.has(toHex(script)) ? addressOfScript(script) : undefined;
      if (address !== undefined) this.#seen.set(outpoint({ txid, vout }), { txid, vout, amountSat, address });
    }
  }

  #ownScripts(): ReadonlySet<string> {
    const { channelCount, addressCount } = this.#state();
    const numbers = (count: number): number[] => Array.from({ length: count }, (_, i) => i);
    return new Set(
      [
        ...numbers(channelCount).map((i) => this.#keys.walletScript(i)),
        ...numbers(addressCount).map((i) => this.#keys.addressScript(i)),
      ].map(toHex),
    );
  }
}
