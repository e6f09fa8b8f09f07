import type { RequirementId } from '../../spec/requirement.ts';
import type { Commitments } from '../state/commitments.ts';
import type { Side } from '../state/update.ts';
import type { HtlcOutput } from '../transactions/outputs.ts';
import type { Followed, FollowedOutput } from './follow.ts';
import { knownPreimage } from './onchain.ts';
import type { CommitmentClose } from './recognise.ts';
import { isCommitted, offererOf } from './unrevoked.ts';

/** An output that a side is to take, or may. */
export interface Duty extends Terms {
  readonly output: FollowedOutput['output'];
  /** The sentence that calls for it. */
  readonly requirement: RequirementId;
  readonly level: 'must' | 'should' | 'may';
  /** With `htlc_success` and `preimage`. */
  readonly payment_preimage?: Uint8Array;
}

interface Terms {
  /** By which branch: the names are those of the transactions, or of the key. */
  readonly how: How;
  /** Once the latest block has this height, a transaction that takes it fits in the next. */
  readonly fromHeight: number;
  /** From this height of the latest block on the other side can take it too; `undefined` where that hangs on no height. */
  readonly untilHeight: number | undefined;
}

type How = 'delayed' | 'to_remote' | 'htlc_timeout' | 'htlc_success' | 'timeout' | 'preimage' | 'revocation';

export interface Knowledge {
  readonly commitments: Commitments;
  /** That the side has. */
  readonly preimages: readonly Uint8Array[];
}

/** What `side` is to take, whether it can be taken already or not; what is spent in a block is left out. */
export const dutiesOf = (
  { close, outputs }: Pick<Followed, 'close' | 'outputs'>,
  side: Side,
  knowledge: Knowledge,
): readonly Duty[] =>
  outputs.flatMap((each) => (each.spentBy ? [] : (dutyOf(close, each, side, knowledge) ?? [])));

/** What BOLT 5 makes of one output for `side`; `undefined` where there is nothing that it is to take. */
export function dutyOf(
  close: Followed['close'],
  each: FollowedOutput,
  side: Side,
  knowledge: Knowledge,
): Duty | undefined {
  if (close.kind === 'ahead')
    return side === 'local' ? toRemote(each, 'bolt05-remote-commitment-02') : undefined;
  if (close.kind !== 'commitment') return undefined;
  if (side === close.owner)
    return close.status === 'revoked' ? undefined : dutyOfOwner(close, each, knowledge);
  return close.status === 'revoked' ? dutyOfPunisher(close, each) : dutyOfOther(close, each, knowledge);
}

/** BOLT 5, Unilateral Close Handling: Local Commitment Transaction. */
function dutyOfOwner(
  close: CommitmentClose,
  { output, parent, height }: FollowedOutput,
  knowledge: Knowledge,
): Duty | undefined {
  const { to_self_delay } = close.commitment.parameters;
  const delayed = {
    output,
    how: 'delayed',
    level: 'should',
    fromHeight: afterBlocks(height, to_self_delay),
    untilHeight: undefined,
  } as const;
  switch (output.kind) {
    case 'to_local':
      return { ...delayed, requirement: 'bolt05-local-commitment-01' };
    case 'second_stage':
      return {
        ...delayed,
        requirement:
          parent?.kind === 'offered_htlc'
            ? 'bolt05-local-commitment-local-offers-05'
            : 'bolt05-local-commitment-remote-offers-05',
      };
    case 'offered_htlc':
      return timedOut(output, height, 'htlc_timeout', 'bolt05-local-commitment-local-offers-02');
    case 'received_htlc':
      return byPreimage(
        close,
        output,
        height,
        'htlc_success',
        'bolt05-local-commitment-remote-offers-01',
        knowledge,
      );
    case 'to_remote':
    case 'to_local_anchor':
    case 'to_remote_anchor':
      return undefined;
  }
}

/** BOLT 5, Unilateral Close Handling: Remote Commitment Transaction. */
function dutyOfOther(close: CommitmentClose, each: FollowedOutput, knowledge: Knowledge): Duty | undefined {
  const { output, height } = each;
  switch (output.kind) {
    case 'to_remote':
      return toRemote(each, 'bolt05-remote-commitment-02');
    case 'received_htlc':
      return timedOut(output, height, 'timeout', 'bolt05-remote-commitment-local-offers-02');
    case 'offered_htlc':
      return byPreimage(
        close,
        output,
        height,
        'preimage',
        'bolt05-remote-commitment-remote-offers-01',
        knowledge,
      );
    case 'to_local':
    case 'second_stage':
    case 'to_local_anchor':
    case 'to_remote_anchor':
      return undefined;
  }
}

/** BOLT 5, Revoked Transaction Close Handling. */
function dutyOfPunisher({ commitment }: CommitmentClose, each: FollowedOutput): Duty | undefined {
  const { output, parent, height } = each;
  const delayedUntil = afterBlocks(height, commitment.parameters.to_self_delay);
  const penalty = (requirement: RequirementId, untilHeight: number | undefined): Duty => ({
    output,
    requirement,
    level: 'must',
    how: 'revocation',
    fromHeight: height,
    untilHeight,
  });
  switch (output.kind) {
    case 'to_local':
      return penalty('bolt05-revoked-03', delayedUntil);
    case 'offered_htlc':
      return penalty('bolt05-revoked-04', output.htlc.cltv_expiry);
    case 'received_htlc':
      return penalty('bolt05-revoked-05', undefined);
    case 'second_stage':
      return penalty(
        parent?.kind === 'offered_htlc' ? 'bolt05-revoked-06' : 'bolt05-revoked-07',
        delayedUntil,
      );
    case 'to_remote':
      return toRemote(each, 'bolt05-revoked-02');
    case 'to_local_anchor':
    case 'to_remote_anchor':
      return undefined;
  }
}

/** With anchors it takes one block more, which is the one that a broadcast now is for. */
const toRemote = ({ output, height }: FollowedOutput, requirement: RequirementId): Duty => ({
  output,
  requirement,
  level: 'may',
  how: 'to_remote',
  fromHeight: height,
  untilHeight: undefined,
});

/** The side's own offer, once the latest block has the height of the expiry. */
const timedOut = (output: HtlcOutput, height: number, how: How, requirement: RequirementId): Duty => ({
  output,
  requirement,
  level: 'must',
  how,
  fromHeight: Math.max(height, output.htlc.cltv_expiry),
  untilHeight: undefined,
});

/** What the side was offered, where it has the preimage and the offerer is irrevocably committed. */
function byPreimage(
  { owner }: CommitmentClose,
  output: HtlcOutput,
  height: number,
  how: How,
  requirement: RequirementId,
  { commitments, preimages }: Knowledge,
): Duty | undefined {
  const { offeredBy, id, payment_hash, cltv_expiry } = output.htlc;
  const payment_preimage = knownPreimage(preimages, payment_hash);
  if (!payment_preimage || !isCommitted(commitments, offererOf(offeredBy, owner), id)) return undefined;
  return {
    output,
    requirement,
    level: 'must',
    how,
    payment_preimage,
    fromHeight: height,
    untilHeight: cltv_expiry,
  };
}

/** The height of the latest block from which on a spend with a relative lock time of `blocks` fits in the next one. */
const afterBlocks = (height: number, blocks: number): number => height + blocks - 1;
