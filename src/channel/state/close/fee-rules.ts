import type { Fault, Message } from '../step.ts';
import { otherSide, type Side } from '../update.ts';

/** Which fees may be proposed, and which are agreed (BOLT 2, Legacy Closing Negotiation). */

export type FeeRange = NonNullable<Message<'closing_signed'>['fields']['tlvs']['fee_range']>;

export interface FeeProposal {
  readonly fee_satoshis: bigint;
  readonly fee_range?: FeeRange;
}

/** The last of each side since the negotiation began, or began again. */
export type FeeProposals = Readonly<Partial<Record<Side, FeeProposal>>>;

/** `undefined` where no fee is in both. */
export function overlap(a: FeeRange, b: FeeRange): FeeRange | undefined {
  const min_fee_satoshis = a.min_fee_satoshis > b.min_fee_satoshis ? a.min_fee_satoshis : b.min_fee_satoshis;
  const max_fee_satoshis = a.max_fee_satoshis < b.max_fee_satoshis ? a.max_fee_satoshis : b.max_fee_satoshis;
  return min_fee_satoshis <= max_fee_satoshis ? { min_fee_satoshis, max_fee_satoshis } : undefined;
}

/** Whether a proposal ends the negotiation: it is what the other has proposed, or within what the other offered. */
export const isAgreed = ({ fee_satoshis }: FeeProposal, theirs: FeeProposal | undefined): boolean =>
  theirs !== undefined && (fee_satoshis === theirs.fee_satoshis || isWithin(fee_satoshis, theirs.fee_range));

export function feeFaults(
  by: Side,
  opener: Side,
  proposals: FeeProposals,
  proposal: FeeProposal,
): readonly Fault[] {
  const theirs = proposals[otherSide(by)];
  if (!theirs) {
    if (by === opener) return [];
    return [
      {
        requirement: 'bolt02-closing-signed-01',
        expected: 'closing_signed of the funding node first',
        got: 'closing_signed of the other',
      },
    ];
  }
  if (proposal.fee_satoshis === theirs.fee_satoshis) return [];
  if (proposal.fee_range && theirs.fee_range)
    return rangeFaults(by === opener, proposals[by], theirs, theirs.fee_range, proposal, proposal.fee_range);
  return isAgreed(proposal, theirs) ? [] : betweenFaults(proposals[by], theirs, proposal);
}

/**
 * What a side answers that has these wishes, and knows the proposals; `undefined` where nothing that it may send can lead on. Without
 * ranges it goes half of the way.
 */
export function answerFee(
  by: Side,
  opener: Side,
  proposals: FeeProposals,
  wish: FeeProposal,
): FeeProposal | undefined {
  const mine = proposals[by];
  const theirs = proposals[otherSide(by)];
  if (!theirs) return by === opener ? wish : undefined;
  if (mine && isAgreed(theirs, mine)) return { ...mine, fee_satoshis: theirs.fee_satoshis };
  if (wish.fee_range && theirs.fee_range) {
    const common = overlap(wish.fee_range, theirs.fee_range);
    if (!common) return undefined;
    const isAnswer = by === opener && isWithin(theirs.fee_satoshis, common);
    return { ...wish, fee_satoshis: isAnswer ? theirs.fee_satoshis : nearest(wish.fee_satoshis, common) };
  }
  if (!mine) return wish;
  const half = (mine.fee_satoshis + theirs.fee_satoshis) / 2n;
  const isBetween = isStrictlyBetween(half, mine.fee_satoshis, theirs.fee_satoshis);
  return { ...wish, fee_satoshis: isBetween ? half : theirs.fee_satoshis };
}

const isWithin = (fee: bigint, range: FeeRange | undefined): boolean =>
  range !== undefined && fee >= range.min_fee_satoshis && fee <= range.max_fee_satoshis;

const isStrictlyBetween = (fee: bigint, a: bigint, b: bigint): boolean =>
  a < b ? a < fee && fee < b : b < fee && fee < a;

function nearest(fee: bigint, { min_fee_satoshis, max_fee_satoshis }: FeeRange): bigint {
  if (fee < min_fee_satoshis) return min_fee_satoshis;
  return fee > max_fee_satoshis ? max_fee_satoshis : fee;
}

function rangeFaults(
  isOpener: boolean,
  mine: FeeProposal | undefined,
  theirs: FeeProposal,
  theirRange: FeeRange,
  { fee_satoshis }: FeeProposal,
  range: FeeRange,
): readonly Fault[] {
  if (isOpener) {
    const common = mine?.fee_range && overlap(mine.fee_range, theirRange);
    if (!isWithin(theirs.fee_satoshis, common)) return [];
    return [{ requirement: 'bolt02-closing-signed-17', expected: theirs.fee_satoshis, got: fee_satoshis }];
  }
  const common = overlap(range, theirRange);
  // Where there is no overlap nobody is at fault: the negotiation fails.
  if (!common || isWithin(fee_satoshis, common)) return [];
  return [{ requirement: 'bolt02-closing-signed-19', expected: common, got: fee_satoshis }];
}

function betweenFaults(
  mine: FeeProposal | undefined,
  theirs: FeeProposal,
  { fee_satoshis }: FeeProposal,
): readonly Fault[] {
  if (!mine || isStrictlyBetween(fee_satoshis, mine.fee_satoshis, theirs.fee_satoshis)) return [];
  return [
    {
      requirement: 'bolt02-closing-signed-22',
      expected: `a fee strictly between ${mine.fee_satoshis} and ${theirs.fee_satoshis}`,
      got: fee_satoshis,
    },
  ];
}
