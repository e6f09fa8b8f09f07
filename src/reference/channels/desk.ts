import { parseTransaction, type Transaction } from '../../bitcoin/transaction.ts';
import type { Chain, Tip } from '../../chain/chain.ts';
import { isTalking, type LiveChannel } from '../../channel/engine/channel.ts';
import type { Command } from '../../channel/engine/perform.ts';
import type { FundingSight } from '../../channel/state/open/ready.ts';
import { EMPTY } from '../../core/bytes.ts';
import { isBoltgridError, messageOf } from '../../core/error.ts';
import type { Rules } from '../rules.ts';
import type { Situation } from '../situation.ts';
import type { ChannelKeys } from './channel-keys.ts';
import { Channels } from './channels.ts';
import { Chores } from './chores.ts';
import { isUsable } from './forwarding.ts';
import { Htlcs } from './htlcs.ts';
import { Paying } from './paying.ts';
import { Wallet } from './wallet.ts';
import { Follower } from './follower.ts';
import { Openings } from './openings.ts';
import { fundingOf, type HeldChannel, isClosed, type NodeState } from './state.ts';

export interface DeskOptions {
  readonly rules: Rules;
  readonly chain: Chain;
  readonly keys: ChannelKeys;
  readonly features: ReadonlySet<number>;
  readonly chainHash: Uint8Array;
  situationOf(peer: Uint8Array): Situation;
  /** UNIX seconds. */
  now(): number;
  log(line: string): void;
  changed(): void;
}

/** The node's channels, and the chain that they are on. */
export class ChannelDesk {
  readonly channels: Channels;
  readonly openings: Openings;
  readonly htlcs: Htlcs;
  readonly paying: Paying;
  readonly wallet: Wallet;
  readonly #options: DeskOptions;
  readonly #chores: Chores;
  readonly #follower: Follower;

  constructor(options: DeskOptions) {
    const { rules, chain, keys, features, chainHash, situationOf, log, changed } = options;
    this.#options = options;
    this.#chores = new Chores(log);
    this.#follower = new Follower({ chain, chores: this.#chores, atTip: (tip) => this.#atTip(tip) });
    this.channels = new Channels({
      rules,
      features,
      chainHash,
      keys,
      situationOf,
      log,
      height: () => this.height,
      feeratePerKw: () => this.feeratePerKw,
      broadcast: (transaction, held) => {
        this.#broadcast(transaction, held);
      },
      fund: (held) => {
        this.#fund(held);
      },
      moved: (held, by) => {
        this.#watch(held);
        this.htlcs.moved(held, by);
        changed();
      },
      forgotten: (held, reason) => {
        this.openings.failed(held, reason);
        changed();
      },
      lost: (held) => {
        this.htlcs.lost(held);
      },
      wish: (held, live) => this.htlcs.wish(held, live) ?? this.#ownWish(held, live),
    });
    this.paying = new Paying({
      keys,
      state: () => this.channels.state,
      height: () => this.height,
      command: (held, command) => {
        this.channels.command(held, command);
      },
    });
    this.htlcs = new Htlcs({
      rules,
      keys,
      log,
      state: () => this.channels.state,
      situation: () => ({ height: this.height, now: options.now() }),
      isConnected: (held) => this.channels.linkOf(held) !== undefined,
      advance: (held) => {
        this.channels.advance(held);
      },
      command: (held, command) => {
        this.channels.command(held, command);
      },
      paymentEnded: (htlc, removal) => {
        this.paying.ended(htlc, removal);
      },
    });
    this.openings = new Openings(this.channels);
    this.wallet = new Wallet(chain, keys, this.#chores, () => this.channels.state);
  }

  get height(): number {
    return this.#follower.tip?.height ?? 0;
  }

  get tip(): Tip | undefined {
    return this.#follower.tip;
  }

  get feeratePerKw(): number {
    return this.#follower.feeratePerKw;
  }

  start(): Promise<void> {
    this.wallet.start();
    return this.#follower.start();
  }

  /** Resolves when nothing is under way any more. */
  async stop(): Promise<void> {
    this.#follower.stop();
    this.wallet.stop();
    await this.#chores.done();
  }

  get chain(): Chain {
    return this.#options.chain;
  }

  now(): number {
    return this.#options.now();
  }

  get keys(): ChannelKeys {
    return this.#options.keys;
  }

  /** Resolves when all that was handed to the chain is there. */
  settled(): Promise<void> {
    return this.#chores.done();
  }

  /** A copy of all that the node keeps of its channels and payments. */
  snapshot(): NodeState {
    return structuredClone(this.channels.state);
  }

  /** Of a node that is stopped. */
  restore(state: NodeState): void {
    this.channels.restore(structuredClone(state));
  }

  sync(): Promise<Tip | undefined> {
    return this.#follower.sync();
  }

  setFeerate(feeratePerKw: number): void {
    this.#follower.choose(feeratePerKw);
    for (const held of this.channels.all()) this.channels.advance(held);
  }

  async #atTip({ height }: Tip): Promise<void> {
    this.htlcs.receiving.atHeight(height);
    for (const held of this.channels.all()) {
      if (isClosed(held) || held.channel.name === 'opening') continue;
      await this.#look(held);
      const waited = height - (held.signedAt ?? height);
      if (this.#options.rules.channels.forgets(held.channel, waited, this.channels.situation(held)))
        this.channels.forgetUnfunded(held);
    }
  }

  /** What has become of the funding output. */
  async #look(held: HeldChannel): Promise<void> {
    const funding = fundingOf(held);
    if (!funding) return;
    const { chain } = this.#options;
    const [seen, spender] = await Promise.all([
      chain.transaction(funding.txid),
      chain.spender(funding.txid, funding.output_index),
    ]);
    if (spender) held.spent = { txid: spender.txid, confirmations: spender.confirmations };
    else delete held.spent;
    if (isClosed(held)) {
      this.#options.changed();
      return;
    }
    const sight = seen && sightOf(seen, funding.output_index);
    if (sight) this.channels.see(held, sight);
    else if (held.channel.name === 'live' && held.channel.readying.depth > 0)
      this.channels.see(held, { depth: 0, output: held.channel.readying.fundingOutput });
  }

  #broadcast(transaction: Transaction, held: HeldChannel): void {
    const { chain, log } = this.#options;
    const { txid, raw } = transaction;
    this.#chores.add(`broadcasting ${txid}`, async () => {
      try {
        await chain.broadcast(raw);
      } catch (error) {
        if (!isBoltgridError(error) || error.code !== 'chain.rejected') throw error;
        if ((await chain.transaction(txid)) === undefined) log(`${txid} was refused: ${messageOf(error)}`);
      }
      if (txid === held.fundingTransaction?.txid) this.openings.funded(held);
      await this.#look(held);
    });
  }

  #fund(held: HeldChannel): void {
    const { channel } = held;
    if (channel.name !== 'opening' || channel.opening.name !== 'awaits_funding') return;
    const { script, amountSat } = channel.opening.fundingOutput;
    this.#chores.add('funding a channel', async () => {
      if (held.fundingTransaction) return;
      try {
        const { raw } = await this.#options.chain.fund(script, amountSat);
        held.fundingTransaction = parseTransaction(raw);
      } catch (error) {
        this.channels.fail(held, `no funds: ${messageOf(error)}`);
        return;
      }
      this.channels.advance(held);
    });
  }

  #ownWish(held: HeldChannel, live: LiveChannel): Command | undefined {
    if (held.closing.isAsked && isTalking(live) && !live.shutdown.isSent.local)
      return { do: 'shutdown', scriptpubkey: this.channels.situation(held).closing.script };
    if (!isUsable(held) || live.readying.commitments.missing.length > 0) return undefined;
    const isPending = live.readying.commitments.ledger.pending.some(
      ({ update }) => update.name === 'update_fee',
    );
    if (isPending) return undefined;
    const situation = this.channels.situation(held);
    const feerate_per_kw = this.#options.rules.channels.feeUpdate(live, situation);
    if (feerate_per_kw === undefined) return undefined;
    return { do: 'update', update: { name: 'update_fee', fields: { feerate_per_kw } } };
  }

  /** The funding may be in a block already. */
  #watch(held: HeldChannel): void {
    if (held.isWatched || held.channel.name === 'opening') return;
    held.isWatched = true;
    this.#chores.add('a look at a funding', () => this.#look(held));
  }
}

function sightOf(
  { raw, confirmations: depth, blockHeight, index }: NonNullable<Awaited<ReturnType<Chain['transaction']>>>,
  vout: number,
): FundingSight {
  const output = parseTransaction(raw).outputs[vout] ?? { amountSat: 0n, script: EMPTY };
  return { depth, output, ...(depth > 0 && { short_channel_id: `${blockHeight}x${index}x${vout}` }) };
}
