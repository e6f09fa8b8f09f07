import type { Chain, Tip } from '../../chain/chain.ts';
import { RpcClient } from '../../chain/rpc-client.ts';
import { estimateFeerate } from './feerate.ts';
import type { Chores } from './chores.ts';

export interface FollowerHost {
  readonly chain: Chain;
  readonly chores: Chores;
  /** The node is at this block now, perhaps on another branch than before. */
  atTip(tip: Tip, isReorg: boolean): Promise<void>;
}

const LEAST_FEERATE = 253;

/** Where the node is on the chain, while it runs. */
export class Follower {
  readonly #host: FollowerHost;
  readonly #rpc: RpcClient;
  #tip: Tip | undefined;
  #estimate = LEAST_FEERATE;
  /** Blocks were abandoned since the last look; at the start nothing is known of it. */
  #isReorg = true;
  #chosen: number | undefined;
  #unsubscribe: () => void = () => undefined;

  constructor(host: FollowerHost) {
    this.#host = host;
    this.#rpc = new RpcClient(host.chain.rpc);
  }

  /** Of the newest block that the node has worked through; `undefined` before the first. */
  get tip(): Tip | undefined {
    return this.#tip;
  }

  /** What the chain estimates, or what was chosen in its place. */
  get feeratePerKw(): number {
    return this.#chosen ?? this.#estimate;
  }

  async start(): Promise<void> {
    const { chain, chores } = this.#host;
    this.#isReorg = true;
    this.#unsubscribe = chain.onBlock(({ type }) => {
      if (type === 'disconnected') this.#isReorg = true;
      chores.add('a block', () => this.#catchUp());
    });
    await chores.run(() => this.#catchUp());
  }

  stop(): void {
    this.#unsubscribe();
  }

  /** Resolves when the node has worked through the block that is the newest now. */
  async sync(): Promise<Tip | undefined> {
    await this.#host.chores.run(() => this.#catchUp());
    await this.#host.chores.done();
    return this.#tip;
  }

  choose(feeratePerKw: number): void {
    this.#chosen = feeratePerKw;
  }

  async #catchUp(): Promise<void> {
    const { chain } = this.#host;
    const tip = await chain.tip();
    if (tip.hash === this.#tip?.hash) return;
    this.#estimate = Math.max(LEAST_FEERATE, await estimateFeerate(this.#rpc));
    this.#tip = tip;
    const isReorg = this.#isReorg;
    this.#isReorg = false;
    await this.#host.atTip(tip, isReorg);
  }
}
