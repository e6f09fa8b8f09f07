import { commitmentOf, type Commitments } from '../state/commitments.ts';
import { otherSide, type Side } from '../state/update.ts';
import type { Commitment } from '../transactions/commitment.ts';
import type { CommitmentSide, Htlc } from '../transactions/types.ts';
import { previousOfRemote } from './recognise.ts';

interface Unrevoked {
  readonly owner: Side;
  readonly commitment: Commitment;
}

/** An HTLC by who offered it, whatever commitment it is in. */
export interface OfferedHtlc extends Omit<Htlc, 'offeredBy'> {
  readonly by: Side;
}

/** The commitments that may still come to the chain without a breach, of every live funding. */
export const unrevokedCommitments = (commitments: Commitments): readonly Unrevoked[] =>
  commitments.fundings.flatMap((live) => {
    const previous = previousOfRemote(commitments, live);
    return [
      { owner: 'local' as const, commitment: commitmentOf(commitments, 'local', 'latest', live) },
      { owner: 'remote' as const, commitment: commitmentOf(commitments, 'remote', 'latest', live) },
      ...(previous ? [{ owner: 'remote' as const, commitment: previous }] : []),
    ];
  });

/** All HTLCs of these commitments, each once. */
export function unrevokedHtlcs(commitments: Commitments): readonly OfferedHtlc[] {
  const htlcs = new Map<string, OfferedHtlc>();
  for (const { owner, commitment } of unrevokedCommitments(commitments))
    for (const { offeredBy, ...htlc } of commitment.specification.htlcs) {
      const by = offererOf(offeredBy, owner);
      htlcs.set(`${by} ${htlc.id}`, { ...htlc, by });
    }
  return [...htlcs.values()];
}

export const offererOf = (offeredBy: CommitmentSide, owner: Side): Side =>
  offeredBy === 'owner' ? owner : otherSide(owner);

/** Whether both sides are irrevocably committed to the HTLC: before that its preimage is not to be shown (BOLT 5). */
export const isCommitted = ({ ledger }: Commitments, by: Side, id: bigint): boolean =>
  ledger.htlcs.some((htlc) => htlc.by === by && htlc.add.id === id);
