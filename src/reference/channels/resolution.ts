import { outpoint, parseTransaction } from '../../bitcoin/transaction.ts';
import type { Chain, ChainTransaction } from '../../chain/chain.ts';
import type { LiveChannel } from '../../channel/engine/channel.ts';
import type { Duty } from '../../channel/onchain/duties.ts';
import { followed, watchedOutpoints } from '../../channel/onchain/follow.ts';
import { htlcOutcomes } from '../../channel/onchain/htlcs.ts';
import {
  learnPreimage,
  type Onchain,
  seeConfirmed,
  seeUnconfirmed,
  watchChannel,
} from '../../channel/onchain/onchain.ts';
import { owedOnchain, upcoming } from '../../channel/onchain/owed.ts';
import type { Means } from '../../channel/onchain/unilateral.ts';
import { claimCoin } from '../../channel/transactions/claims.ts';
import type { Located } from '../../channel/transactions/outputs.ts';
import { messageOf } from '../../core/error.ts';
import type { Rules } from '../rules.ts';
import type { ChannelSituation } from '../situation.ts';
import type { ChannelKeys } from './channel-keys.ts';
import type { HeldChannel, OutgoingHtlc } from './state.ts';

export interface ResolutionHost {
  readonly rules: Rules;
  readonly chain: Chain;
  readonly keys: ChannelKeys;
  situation(held: HeldChannel): ChannelSituation;
  /** An HTLC of ours has come to its end on the chain: with the preimage, or without. */
  ended(htlc: OutgoingHtlc, payment_preimage: Uint8Array | undefined): void;
  readonly log: (line: string) => void;
}

const COIN_SAT = 100_000n;

/**
 * Channels that are on the chain, or have to go there (BOLT 5). All is looked up again each time, so a reorganisation needs no
 * attention of its own.
 */
export class Resolution {
  readonly #host: ResolutionHost;

  constructor(host: ResolutionHost) {
    this.#host = host;
  }

  /** Broadcasts what is owed now, and tells what has become of HTLCs. */
  async resolve(held: HeldChannel, live: LiveChannel): Promise<void> {
    const situation = this.#host.situation(held);
    if (await this.#isAsBefore(held, situation.height)) return;
    const onchain = await this.#look(held, live);
    held.preimages = onchain.preimages;
    this.#tellOutcomes(held, onchain);
    for (const { tx } of this.#host.rules.onchain.owed(await this.#owed(held, onchain), onchain, situation))
      await this.#broadcast(tx.txid, tx.raw);
    const left = upcoming(onchain);
    const isClosed = followed(onchain) !== undefined;
    held.isSettled = isClosed && left.length === 0 && held.outgoing.size === 0;
    held.watched = {
      spends: await this.#spendsOf(watchedOutpoints(onchain)),
      removals: held.removals.size,
      untilHeight: isClosed && held.outgoing.size === 0 ? soonest(left, situation.height) : 0,
    };
  }

  /** Nothing was spent, learnt or come due since it was looked at: there is no need to make all of its transactions again. */
  async #isAsBefore({ watched, removals }: HeldChannel, height: number): Promise<boolean> {
    if (!watched || height >= watched.untilHeight || removals.size !== watched.removals) return false;
    const now = await this.#spendsOf(watched.spends.map(({ at }) => at));
    return now.every(({ by }, i) => by === watched.spends[i]?.by);
  }

  /** `by`: the txid and where it is. */
  async #spendsOf(outpoints: readonly string[]): Promise<NonNullable<HeldChannel['watched']>['spends']> {
    return Promise.all(
      outpoints.map(async (at) => {
        const spender = await this.#spenderOf(at);
        return { at, by: `${spender?.txid} ${spender?.blockHash}` };
      }),
    );
  }

  #spenderOf(at: string): Promise<ChainTransaction | undefined> {
    const [txid = '', vout] = at.split(':');
    return this.#host.chain.spender(txid, Number(vout));
  }

  async #look(
    held: HeldChannel,
    { readying, shutdown, fellBehind, closings }: LiveChannel,
  ): Promise<Onchain> {
    const { height } = this.#host.situation(held);
    const { local, remote } = shutdown.scriptpubkeys;
    const shutdownScripts = [
      ...(local ? [local] : []),
      ...(remote ? [remote] : []),
      ...closings.flatMap(({ outputs }) => outputs.map(({ script }) => script)),
    ];
    const fulfilled = [...held.removals.values()].flatMap((removal) =>
      removal.name === 'update_fulfill_htlc' ? [removal.fields.payment_preimage] : [],
    );
    let onchain = [...held.preimages, ...fulfilled].reduce(learnPreimage, {
      ...watchChannel({ commitments: readying.commitments, shutdownScripts }, height),
      isFailed: held.failed?.broadcasts === true,
      isOutdated: fellBehind && held.failed?.broadcasts !== true,
    });
    const looked = new Set<string>();
    for (;;) {
      const [next] = watchedOutpoints(onchain).filter((each) => !looked.has(each));
      if (next === undefined) return onchain;
      looked.add(next);
      const spender = await this.#spenderOf(next);
      if (!spender) continue;
      const tx = parseTransaction(spender.raw);
      onchain =
        spender.confirmations > 0 && spender.blockHeight !== undefined
          ? seeConfirmed(onchain, tx, spender.blockHeight)
          : seeUnconfirmed(onchain, tx);
    }
  }

  /** What takes coins that are not there yet is owed once more when they are. */
  async #owed(held: HeldChannel, onchain: Onchain) {
    const missing: Located[] = [];
    const owed = owedOnchain(onchain, this.#means(held, missing));
    if (missing.length === 0) return owed;
    for (const output of missing) await this.#payCoin(held, output);
    return owedOnchain(onchain, this.#means(held, []));
  }

  #means(held: HeldChannel, missing: Located[]): Means {
    const { rules, keys } = this.#host;
    const { feerate_per_kw } = this.#host.situation(held);
    return {
      feerate_per_kw,
      script: keys.walletScript(held.number),
      penalties: rules.onchain.penalties(),
      coinsFor: (output) => {
        const coin = held.coins.get(outpoint(output));
        if (!coin) missing.push(output);
        return coin ? [claimCoin(coin, keys.coinKey)] : [];
      },
    };
  }

  async #payCoin(held: HeldChannel, output: Located): Promise<void> {
    const { chain, keys, log } = this.#host;
    try {
      const { txid, vout } = await chain.pay(keys.coinScript, COIN_SAT);
      held.coins.set(outpoint(output), { txid, vout, amountSat: COIN_SAT });
    } catch (error) {
      log(`no coin: ${messageOf(error)}`);
    }
  }

  async #broadcast(txid: string, raw: Uint8Array): Promise<void> {
    const { chain, log } = this.#host;
    try {
      if (!(await chain.transaction(txid))) await chain.broadcast(raw);
    } catch (error) {
      log(`${txid} was refused: ${messageOf(error)}`);
    }
  }

  #tellOutcomes(held: HeldChannel, onchain: Onchain): void {
    const { onchain: rules } = this.#host.rules;
    for (const each of htlcOutcomes(onchain, rules.reasonableDepth())) {
      const htlc = held.outgoing.get(each.htlc.id);
      if (!htlc) continue;
      const outcome = rules.outcome(each, onchain);
      if (outcome.name === 'pending') continue;
      held.outgoing.delete(each.htlc.id);
      this.#host.ended(htlc, outcome.name === 'fulfilled' ? outcome.payment_preimage : undefined);
    }
  }
}

/** Until when nothing comes due: what is due already is tried again at each block. */
const soonest = (left: readonly Duty[], height: number): number =>
  left.reduce((soonest, { fromHeight }) => Math.min(soonest, Math.max(fromHeight, height + 1)), Infinity);
