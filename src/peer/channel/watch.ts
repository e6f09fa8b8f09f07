import { p2wpkh } from '../../bitcoin/output.ts';
import { outpoint, type Transaction } from '../../bitcoin/transaction.ts';
import { dutiesOf } from '../../channel/onchain/duties.ts';
import { followed, watchedOutpoints } from '../../channel/onchain/follow.ts';
import { judgeBroadcast, judgeOverdue } from '../../channel/onchain/judge.ts';
import {
  learnPreimage,
  type Onchain,
  seeConfirmed,
  seeUnconfirmed,
  watchChannel,
} from '../../channel/onchain/onchain.ts';
import { owedOnchain } from '../../channel/onchain/owed.ts';
import type { Commitments } from '../../channel/state/commitments.ts';
import type { Fault } from '../../channel/state/step.ts';
import { type Claim, claimCoin } from '../../channel/transactions/claims.ts';
import type { Located } from '../../channel/transactions/outputs.ts';
import { BoltgridError } from '../../core/error.ts';
import { defaultCrypto } from '../../crypto/crypto.ts';
import type { CaseChain } from '../shared.ts';
import { unexpected } from '../step.ts';
import type { ScriptedChannel } from './scripted-channel.ts';
import type { ChannelWatch, Due, WatchedChannel, WatchOptions } from './types.ts';

/** What a sweep of ours pays: more than any mempool of a test asks for. */
const SWEEP_FEERATE_PER_KW = 1000;
const COIN_SAT = 50_000n;

interface Look {
  readonly onchain: Onchain;
  /** Spends in the mempool, by what they spend. */
  readonly waiting: ReadonlyMap<string, Transaction>;
}

interface Coin {
  readonly tx: Transaction;
  readonly claim: Claim;
}

export const watch = (channel: ScriptedChannel, options: WatchOptions = {}): ChannelWatch =>
  new Watch(channel, options);

/** All is looked up again each time, so a reorganisation needs no attention of its own. */
class Watch implements ChannelWatch {
  readonly #channel: ScriptedChannel;
  readonly #options: WatchOptions;
  readonly #nodeKnows: Uint8Array[] = [];
  readonly #known: Uint8Array[] = [];
  /** The height at which a transaction of the node was seen first. */
  readonly #firstSeen = new Map<string, number>();
  readonly #coins = new Map<string, Coin>();

  constructor(channel: ScriptedChannel, options: WatchOptions) {
    this.#channel = channel;
    this.#options = options;
  }

  nodeKnows(...preimages: readonly Uint8Array[]): void {
    this.#nodeKnows.push(...preimages);
  }

  learn(...preimages: readonly Uint8Array[]): void {
    this.#known.push(...preimages);
  }

  async look(): Promise<WatchedChannel | undefined> {
    const { onchain, waiting } = await this.#look();
    this.#judge(onchain, [...waiting.values()]);
    const chain = followed(onchain);
    if (!chain) return undefined;
    const { close, closedBy, outputs } = chain;
    const commitments = onchain.commitments;
    const due: readonly Due[] = dutiesOf(chain, 'remote', { commitments, preimages: this.#nodeKnows })
      .filter(({ output }) => !waiting.has(outpoint(output)))
      .map(({ output, how, requirement, level, fromHeight, untilHeight }) => ({
        output: output.kind,
        at: outpoint(output),
        how,
        requirement,
        level,
        fromHeight,
        untilHeight,
      }));
    return {
      kind: close.kind,
      ...(close.kind === 'commitment' && { owner: close.owner, status: close.status }),
      tx: closedBy.tx,
      height: closedBy.height,
      outputs: outputs.map(({ output, spentBy }) => ({
        kind: output.kind,
        txid: output.txid,
        vout: output.vout,
        amountSat: output.amountSat,
        spentBy: spentBy?.tx ?? waiting.get(outpoint(output)),
      })),
      due,
      preimages: onchain.preimages,
    };
  }

  async owed(): Promise<readonly Transaction[]> {
    const { onchain } = await this.#look();
    const missing: Located[] = [];
    this.#owed(onchain, missing);
    for (const output of missing) this.#coins.set(outpoint(output), await this.#coin());
    const needed = missing.flatMap((output) => this.#coins.get(outpoint(output))?.tx ?? []);
    const owed = this.#owed(onchain, []);
    for (const { txid } of owed) this.#channel.ownTxids.add(txid);
    return [...needed, ...owed];
  }

  async take(): Promise<readonly Transaction[]> {
    const owed = await this.owed();
    for (const tx of owed) await this.#chain.broadcast(tx);
    return owed;
  }

  get #chain(): CaseChain {
    const { chain } = this.#channel.talk.links;
    if (chain) return chain;
    throw new BoltgridError(
      'suite.chain-mode',
      'harness',
      "a channel is watched in a case with chain: 'none'",
    );
  }

  get #commitments(): Commitments {
    return this.#options.commitments ?? this.#channel.commitments;
  }

  async #look(): Promise<Look> {
    const { earlier = [], shutdownScripts = [] } = this.#options;
    const height = await this.#chain.height();
    let onchain = [...this.#known].reduce(
      learnPreimage,
      watchChannel({ commitments: this.#commitments, earlier, shutdownScripts }, height),
    );
    const waiting = new Map<string, Transaction>();
    const looked = new Set<string>();
    for (;;) {
      const next = watchedOutpoints(onchain).find((each) => !looked.has(each));
      if (next === undefined) return { onchain, waiting };
      looked.add(next);
      const [txid = '', vout] = next.split(':');
      const spender = await this.#chain.spender(txid, Number(vout));
      if (!spender) continue;
      const seenAt = spender.blockHeight === undefined ? height : spender.blockHeight - 1;
      this.#firstSeen.set(spender.txid, Math.min(this.#firstSeen.get(spender.txid) ?? Infinity, seenAt));
      if (spender.blockHeight === undefined) {
        waiting.set(next, spender);
        onchain = seeUnconfirmed(onchain, spender);
      } else onchain = seeConfirmed(onchain, spender, spender.blockHeight);
    }
  }

  #judge(onchain: Onchain, waiting: readonly Transaction[]): void {
    const broadcast = [...onchain.seen.map(({ tx }) => tx), ...waiting].filter(
      ({ txid }) => !this.#channel.ownTxids.has(txid),
    );
    const [fault] = [
      ...broadcast.flatMap((tx) =>
        judgeBroadcast(onchain, tx, this.#firstSeen.get(tx.txid) ?? onchain.height),
      ),
      ...judgeOverdue(onchain, { preimages: this.#nodeKnows, graceBlocks: Infinity }),
    ];
    if (fault) throw this.#departure(fault);
  }

  #departure({ requirement, expected, got, note }: Fault): BoltgridError {
    return unexpected({
      requirement,
      step: note === undefined ? 'judge the chain' : `judge the chain: ${note}`,
      expected,
      got,
      awaited: 'state',
      link: this.#channel.talk.link,
    });
  }

  #owed(onchain: Onchain, missing: Located[]): readonly Transaction[] {
    const { transactions } = owedOnchain(onchain, {
      feerate_per_kw: SWEEP_FEERATE_PER_KW,
      script: p2wpkh(this.#channel.publicKey),
      penalties: 'separate',
      coinsFor: (output) => {
        const coin = this.#coins.get(outpoint(output));
        if (!coin) missing.push(output);
        return coin ? [coin.claim] : [];
      },
    });
    return transactions.map(({ tx }) => tx);
  }

  /** With anchors an HTLC transaction pays no fee by itself. */
  async #coin(): Promise<Coin> {
    const { key } = this.#channel.talk;
    const tx = await this.#chain.fund(p2wpkh(defaultCrypto.curve.publicKey(key)), COIN_SAT);
    return { tx, claim: claimCoin({ txid: tx.txid, vout: 0, amountSat: COIN_SAT }, key) };
  }
}
