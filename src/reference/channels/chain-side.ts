import { parseTransaction, type Transaction } from '../../bitcoin/transaction.ts';
import type { Chain, ChainTransaction, Tip } from '../../chain/chain.ts';
import type { LiveChannel } from '../../channel/engine/channel.ts';
import type { FundingSight } from '../../channel/state/open/ready.ts';
import { EMPTY } from '../../core/bytes.ts';
import { isBoltgridError, messageOf } from '../../core/error.ts';
import type { Rules } from '../rules.ts';
import type { Channels } from './channels.ts';
import type { Chores } from './chores.ts';
import type { Resolution } from './resolution.ts';
import { fundingOf, type HeldChannel, isClosed } from './state.ts';

interface Outpoint {
  readonly txid: string;
  readonly output_index: number;
}

export interface ChainSideHost {
  readonly rules: Rules;
  readonly chain: Chain;
  readonly chores: Chores;
  readonly channels: Channels;
  readonly resolution: Resolution;
  /** The funding transaction of a channel of ours is on its way. */
  funded(held: HeldChannel): void;
  readonly log: (line: string) => void;
  readonly changed: () => void;
}

/** Channels and the chain: what is seen of their outputs, and what is broadcast. */
export class ChainSide {
  readonly #host: ChainSideHost;

  constructor(host: ChainSideHost) {
    this.#host = host;
  }

  /** There is a new block, or another branch. */
  async atTip({ height }: Tip, isReorg: boolean): Promise<void> {
    for (const held of this.#host.channels.all()) {
      if (isReorg) held.isSettled = false;
      if (held.isSettled || held.channel.name === 'opening') continue;
      try {
        await this.#atHeight(held, height);
      } catch (error) {
        // A rule that throws spoils only the channel that it served.
        this.#host.log(`channel ${held.number}: ${messageOf(error)}`);
      }
    }
  }

  async #atHeight(held: HeldChannel, height: number): Promise<void> {
    const { channels, rules } = this.#host;
    await this.#look(held);
    if (isClosed(held) || held.failed) return;
    const waited = height - (held.signedAt ?? height);
    if (rules.channels.forgets(held.channel, waited, channels.situation(held)))
      channels.forget(held, 'it was never funded');
    else this.#failOverdue(held, held.channel);
  }

  /** A channel has taken a step: where that matters on the chain, it is looked at. */
  noticed(held: HeldChannel): void {
    if (held.channel.name === 'opening') return;
    const { failed, spent, removals } = held;
    const key = failed || spent ? `failed ${removals.size}` : 'live';
    if (held.noticed === key) return;
    held.noticed = key;
    this.#host.chores.add('a look at a channel', () => this.#look(held));
  }

  broadcast({ txid, raw }: Transaction, held: HeldChannel): void {
    const { chain, chores, log } = this.#host;
    chores.add(`broadcasting ${txid}`, async () => {
      try {
        await chain.broadcast(raw);
      } catch (error) {
        if (!isBoltgridError(error) || error.code !== 'chain.rejected') throw error;
        if ((await chain.transaction(txid)) === undefined) log(`${txid} was refused: ${messageOf(error)}`);
      }
      if (txid === held.fundingTransaction?.txid) this.#host.funded(held);
      await this.#look(held);
    });
  }

  /** Makes the funding transaction of a channel of ours. */
  fund(held: HeldChannel): void {
    const { channel } = held;
    if (channel.name !== 'opening' || channel.opening.name !== 'awaits_funding') return;
    const { script, amountSat } = channel.opening.fundingOutput;
    const { chain, chores, channels } = this.#host;
    chores.add('funding a channel', async () => {
      if (held.fundingTransaction) return;
      try {
        const { raw } = await chain.fund(script, amountSat);
        held.fundingTransaction = parseTransaction(raw);
      } catch (error) {
        channels.run.fail(held, `no funds: ${messageOf(error)}`);
        return;
      }
      channels.run.advance(held);
    });
  }

  /** What has become of the funding output, and of what came of it. */
  async #look(held: HeldChannel): Promise<void> {
    const funding = fundingOf(held);
    if (!funding) return;
    const { chain, resolution } = this.#host;
    await this.#lookForSpend(held, funding);
    if (!isClosed(held)) {
      const seen = await chain.transaction(funding.txid);
      this.#see(held, seen && sightOf(seen, funding.output_index));
    }
    if (held.channel.name === 'live' && (held.failed || held.spent)) {
      await resolution.resolve(held, held.channel);
      await this.#lookForSpend(held, funding);
    }
    this.#host.changed();
  }

  async #lookForSpend(held: HeldChannel, { txid, output_index }: Outpoint): Promise<void> {
    const spender = await this.#host.chain.spender(txid, output_index);
    if (spender) held.spent = { txid: spender.txid, confirmations: spender.confirmations };
    else delete held.spent;
  }

  #see(held: HeldChannel, sight: FundingSight | undefined): void {
    const { run } = this.#host.channels;
    const { channel } = held;
    if (channel.name === 'opening') return;
    if (sight) run.see(held, sight);
    else if (channel.readying.depth > 0) run.see(held, { depth: 0, output: channel.readying.fundingOutput });
  }

  #failOverdue(held: HeldChannel, channel: HeldChannel['channel']): void {
    if (channel.name === 'opening') return;
    const { rules, channels } = this.#host;
    const situation = channels.situation(held);
    const isOverdue = htlcsOf(channel).some((htlc) =>
      rules.onchain.isOverdue(
        htlc,
        htlc.by === 'remote' && held.removals.get(htlc.add.id)?.name === 'update_fulfill_htlc',
        situation,
      ),
    );
    if (isOverdue) channels.run.fail(held, 'an HTLC was not removed in time');
  }
}

const htlcsOf = ({ readying }: LiveChannel) => readying.commitments.ledger.htlcs;

function sightOf(
  { raw, confirmations: depth, blockHeight, index }: ChainTransaction,
  vout: number,
): FundingSight {
  const output = parseTransaction(raw).outputs[vout] ?? { amountSat: 0n, script: EMPTY };
  return { depth, output, ...(depth > 0 && { short_channel_id: `${blockHeight}x${index}x${vout}` }) };
}
