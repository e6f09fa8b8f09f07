import { outpoint, type Transaction } from '../../bitcoin/transaction.ts';
import { equalBytes } from '../../core/bytes.ts';
import type { Commitments } from '../state/commitments.ts';
import { paymentHash } from '../transactions/scripts.ts';
import { revealedPreimage } from '../transactions/outputs.ts';
import { followed, watchedOutpoints } from './follow.ts';
import { fundingSpentBy, type KnownChannel } from './recognise.ts';
import { unrevokedHtlcs } from './unrevoked.ts';

/**
 * A channel that is on the chain, or may come there. All that follows from it is derived from what was seen, so that a reorganisation
 * (BOLT 5: be prepared to resolve outputs multiple times) takes nothing but the blocks away.
 */
export interface Onchain extends KnownChannel {
  /** Of the latest block. */
  readonly height: number;
  /** Confirmed transactions that spend what is watched, parents first. */
  readonly seen: readonly Seen[];
  /** All that we know of: of our own payments, from messages, and from witnesses. */
  readonly preimages: readonly Uint8Array[];
  /** The channel is failed: our commitment is to be broadcast until some transaction closes the channel. */
  readonly isFailed: boolean;
  /** The remote has proved that it is ahead of us: our commitment must not be broadcast. */
  readonly isOutdated: boolean;
}

export interface Seen {
  readonly tx: Transaction;
  /** Of the block that it is in. */
  readonly height: number;
}

/** Keep what was seen and learnt, with commitments that go on until the funding output is spent. */
export function watchChannel(
  known: Pick<KnownChannel, 'commitments'> & Partial<KnownChannel>,
  height: number,
): Onchain {
  return withCommitments(
    {
      earlier: [],
      shutdownScripts: [],
      ...known,
      height,
      seen: [],
      preimages: [],
      isFailed: false,
      isOutdated: false,
    },
    known.commitments,
  );
}

/** The commitments went on: preimages in their updates are learnt. */
function withCommitments(onchain: Onchain, commitments: Commitments): Onchain {
  const told = commitments.ledger.pending.flatMap(({ update }) =>
    update.name === 'update_fulfill_htlc' ? [update.fields.payment_preimage] : [],
  );
  return told.reduce(learnPreimage, { ...onchain, commitments });
}

/** `isOutdated` where we know or assume that our state is outdated (BOLT 5, Failing a Channel). */
export const failChannel = (onchain: Onchain, { isOutdated = false } = {}): Onchain => ({
  ...onchain,
  isFailed: true,
  isOutdated: onchain.isOutdated || isOutdated,
});

/** A payment preimage that we got elsewhere: only then may an HTLC that was offered to us be claimed. */
export const learnPreimage = (onchain: Onchain, payment_preimage: Uint8Array): Onchain =>
  onchain.preimages.some((known) => equalBytes(known, payment_preimage))
    ? onchain
    : { ...onchain, preimages: [...onchain.preimages, payment_preimage] };

export const seeHeight = (onchain: Onchain, height: number): Onchain => ({ ...onchain, height });

/** A transaction in the mempool: it settles nothing, but a preimage that it reveals is known from now on. */
export function seeUnconfirmed(onchain: Onchain, tx: Transaction): Onchain {
  const htlcs = [
    ...unrevokedHtlcs(onchain.commitments),
    ...(followed(onchain)?.outputs.flatMap(({ output }) => ('htlc' in output ? [output.htlc] : [])) ?? []),
  ];
  const revealed = tx.inputs.flatMap(({ witness }) =>
    htlcs.flatMap(({ payment_hash }) => revealedPreimage(witness, payment_hash) ?? []),
  );
  return revealed.reduce(learnPreimage, onchain);
}

/** A transaction in the block at `height`. One that spends nothing that is watched changes nothing. Give parents before children. */
export function seeConfirmed(onchain: Onchain, tx: Transaction, height: number): Onchain {
  const watched = new Set(watchedOutpoints(onchain));
  const isKnown = onchain.seen.some((each) => each.tx.txid === tx.txid);
  const concerns =
    fundingSpentBy(onchain.commitments, tx) !== undefined ||
    tx.inputs.some((input) => watched.has(outpoint(input)));
  if (isKnown || !concerns) return onchain;
  const seen = [...onchain.seen, { tx, height }];
  return seeUnconfirmed({ ...onchain, height: Math.max(onchain.height, height), seen }, tx);
}

/** The blocks above `height` are gone. What was learnt stays known. */
export const seeReorg = (onchain: Onchain, height: number): Onchain => ({
  ...onchain,
  height,
  seen: onchain.seen.filter((each) => each.height <= height),
});

export const knownPreimage = (
  preimages: readonly Uint8Array[],
  payment_hash: Uint8Array,
): Uint8Array | undefined => preimages.find((preimage) => equalBytes(paymentHash(preimage), payment_hash));
