import { outpoint } from '../../bitcoin/transaction.ts';
import {
  type CommitmentOutput,
  type HtlcOutput,
  secondStageOutputs,
  type SecondStageOutput,
} from '../transactions/outputs.ts';
import type { Onchain, Seen } from './onchain.ts';
import { type Close, type CommitmentClose, fundingSpentBy, recogniseClose } from './recognise.ts';

/** An output that is on the chain. */
export interface FollowedOutput {
  readonly output: CommitmentOutput | SecondStageOutput;
  /** Of a second stage: the HTLC whose transaction has it. */
  readonly parent?: HtlcOutput;
  /** Of the block that has it. */
  readonly height: number;
  readonly spentBy: Seen | undefined;
}

/** A channel that is closed on the chain, as far as it has come. */
export interface Followed {
  readonly close: Close;
  /** The transaction that spent the funding output. */
  readonly closedBy: Seen;
  /** Of the commitment, and of HTLC transactions; none after a mutual close. */
  readonly outputs: readonly FollowedOutput[];
}

/** `undefined` as long as no transaction that closes the channel is in a block. */
export function followed(onchain: Onchain): Followed | undefined {
  for (const closedBy of onchain.seen) {
    const live = fundingSpentBy(onchain.commitments, closedBy.tx);
    if (!live) continue;
    const close = recogniseClose(onchain, live, closedBy.tx);
    return { close, closedBy, outputs: outputsOf(onchain.seen, close, closedBy) };
  }
  return undefined;
}

/** `txid:vout` of all outputs whose spends are to be told of: funding outputs, then what a commitment came to. */
export const watchedOutpoints = (onchain: Onchain): readonly string[] => [
  ...onchain.commitments.fundings.map(({ funding: { txid, output_index } }) =>
    outpoint({ txid, vout: output_index }),
  ),
  ...(followed(onchain)?.outputs.map(({ output }) => outpoint(output)) ?? []),
];

function outputsOf(seen: readonly Seen[], close: Close, closedBy: Seen): readonly FollowedOutput[] {
  switch (close.kind) {
    case 'mutual_close':
    case 'unknown':
      return [];
    case 'ahead':
      return close.to_remote ? [follow(seen, close.to_remote, closedBy.height)] : [];
    case 'commitment':
      return close.commitment.outputs.flatMap((output) => {
        const first = follow(seen, output, closedBy.height);
        return [first, ...secondStageOf(seen, close, first)];
      });
  }
}

const follow = (seen: readonly Seen[], output: FollowedOutput['output'], height: number): FollowedOutput => ({
  output,
  height,
  spentBy: seen.find(({ tx }) => tx.inputs.some((input) => outpoint(input) === outpoint(output))),
});

/** With SIGHASH_SINGLE, an HTLC's output is where its input is (BOLT 5, Generation of HTLC Transactions). */
function secondStageOf(
  seen: readonly Seen[],
  { commitment }: CommitmentClose,
  { output, spentBy }: FollowedOutput,
): readonly FollowedOutput[] {
  if (!('htlc' in output) || !spentBy) return [];
  const at = spentBy.tx.inputs.findIndex((input) => outpoint(input) === outpoint(output));
  return secondStageOutputs(commitment.parameters, spentBy.tx)
    .filter(({ vout }) => vout === at)
    .map((second) => ({ ...follow(seen, second, spentBy.height), parent: output }));
}
