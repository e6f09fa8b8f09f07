import type { Chain, Tip } from '../../chain/chain.ts';
import type { Rules } from '../rules.ts';
import type { Situation } from '../situation.ts';
import { ChainSide } from './chain-side.ts';
import type { ChannelKeys } from './channel-keys.ts';
import { Channels } from './channels.ts';
import { Chores } from './chores.ts';
import { Follower } from './follower.ts';
import { Htlcs } from './htlcs.ts';
import { Openings } from './openings.ts';
import { Paying } from './paying.ts';
import { Resolution } from './resolution.ts';
import type { HeldChannel, NodeState } from './state.ts';
import { Wallet } from './wallet.ts';
import { ownWish } from './wishes.ts';

export interface DeskOptions {
  readonly rules: Rules;
  readonly chain: Chain;
  readonly keys: ChannelKeys;
  readonly features: ReadonlySet<number>;
  readonly chainHash: Uint8Array;
  /** Of a peer that is not connected. */
  readonly situationOf: (peer: Uint8Array) => Situation;
  /** UNIX seconds. */
  readonly now: () => number;
  readonly log: (line: string) => void;
  readonly changed: () => void;
}

/** The node's channels, the chain that they are on, and the payments over them. */
export class ChannelDesk {
  readonly channels: Channels;
  readonly openings: Openings;
  readonly htlcs: Htlcs;
  readonly paying: Paying;
  readonly wallet: Wallet;
  readonly chain: Chain;
  readonly keys: ChannelKeys;
  readonly now: () => number;
  readonly #chores: Chores;
  readonly #follower: Follower;
  readonly #chainSide: ChainSide;

  constructor(options: DeskOptions) {
    const { rules, chain, keys, now, log, changed } = options;
    this.chain = chain;
    this.keys = keys;
    this.now = now;
    this.#chores = new Chores(log);
    this.#follower = new Follower({ chain, chores: this.#chores, atTip: this.#atTip.bind(this) });
    this.channels = this.#makeChannels(options);
    this.openings = new Openings(this.channels);
    const state = (): NodeState => this.channels.state;
    this.wallet = new Wallet(chain, keys, this.#chores, state);
    const command = this.channels.run.command.bind(this.channels.run);
    this.paying = new Paying({ keys, state, height: () => this.height, command });
    const advance = (held: HeldChannel): void => {
      this.channels.run.advance(held);
      this.#chainSide.noticed(held);
    };
    this.htlcs = new Htlcs({
      rules,
      keys,
      log,
      state,
      advance,
      command,
      situation: () => ({ height: this.height, now: now() }),
      paymentEnded: this.paying.ended.bind(this.paying),
    });
    const situation = this.channels.situation.bind(this.channels);
    const ended = this.htlcs.endedOnchain.bind(this.htlcs);
    this.#chainSide = new ChainSide({
      rules,
      chain,
      chores: this.#chores,
      channels: this.channels,
      resolution: new Resolution({ rules, chain, keys, situation, ended, log }),
      funded: this.openings.funded.bind(this.openings),
      log,
      changed,
    });
  }

  /** Of the newest block that the node has worked through; 0 before the first. */
  get height(): number {
    return this.#follower.tip?.height ?? 0;
  }

  get tip(): Tip | undefined {
    return this.#follower.tip;
  }

  get feeratePerKw(): number {
    return this.#follower.feeratePerKw;
  }

  /** Resolves when the node is where the chain is. */
  async start(): Promise<void> {
    this.wallet.start();
    await this.#follower.start();
  }

  /** Resolves when nothing is under way any more. */
  async stop(): Promise<void> {
    this.#follower.stop();
    this.wallet.stop();
    await this.#chores.done();
  }

  /** Resolves when the node has worked through the newest block, with all that it brings. */
  sync(): Promise<Tip | undefined> {
    return this.#follower.sync();
  }

  /** Resolves when all that was handed to the chain is there. */
  settled(): Promise<void> {
    return this.#chores.done();
  }

  /** In place of what the chain estimates, from now on. */
  setFeerate(feeratePerKw: number): void {
    this.#follower.choose(feeratePerKw);
    this.#advanceAll();
  }

  /** A copy of all that the node keeps of its channels and payments. */
  snapshot(): NodeState {
    return structuredClone(this.channels.state);
  }

  /** Of a node that is stopped. */
  restore(state: NodeState): void {
    this.channels.restore(structuredClone(state));
  }

  #makeChannels(options: DeskOptions): Channels {
    const { rules, changed } = options;
    return new Channels({
      ...options,
      height: () => this.height,
      feeratePerKw: () => this.feeratePerKw,
      broadcast: (transaction, held) => {
        this.#chainSide.broadcast(transaction, held);
      },
      fund: (held) => {
        this.#chainSide.fund(held);
      },
      moved: (held, by) => {
        this.htlcs.moved(held, by);
        this.#chainSide.noticed(held);
        this.paying.moved();
        changed();
      },
      forgotten: (held, reason) => {
        this.openings.failed(held, reason);
        changed();
      },
      lost: (held) => {
        this.htlcs.lost(held);
      },
      wish: (held, live) =>
        this.htlcs.wish(held, live) ?? ownWish(held, live, rules.channels, this.channels.situation(held)),
    });
  }

  async #atTip(tip: Tip, isReorg: boolean): Promise<void> {
    this.htlcs.receiving.atHeight(tip.height);
    await this.#chainSide.atTip(tip, isReorg);
    this.#advanceAll();
  }

  #advanceAll(): void {
    for (const held of this.channels.all()) this.channels.run.advance(held);
  }
}
