import { owesAbort } from './abort.ts';
import { owesCommitmentSigned, owesTxSignatures } from './signing.ts';
import type { Splicing } from './states.ts';

/** A message of ours; `construction` for whichever of it, `tx_signatures_again` for those that were sent before. */
export type OwedOfSplice =
  | 'tx_abort'
  | 'splice_ack'
  | 'tx_ack_rbf'
  | 'construction'
  | 'commitment_signed'
  | 'tx_signatures'
  | 'tx_signatures_again';

/** What the remote waits for, in the order in which it is to be sent. A request may be answered by `tx_abort` too. */
export function owedOfSplice(state: Splicing): readonly OwedOfSplice[] {
  const { negotiation, again } = state;
  if (owesAbort(state) || isOverdue(state)) return ['tx_abort'];
  const owed: OwedOfSplice[] = [];
  if (negotiation?.name === 'requested' && negotiation.initiator === 'remote')
    owed.push(negotiation.kind === 'splice' ? 'splice_ack' : 'tx_ack_rbf');
  if (negotiation?.name === 'constructing' && negotiation.construction.turn === 'local')
    owed.push('construction');
  if (owesCommitmentSigned(state)) owed.push('commitment_signed');
  if (again.includes('tx_signatures')) owed.push('tx_signatures_again');
  if (owesTxSignatures(state)) owed.push('tx_signatures');
  return owed;
}

/** One of the transactions to be replaced is locked: the attempt must be abandoned (BOLT 2, tx_init_rbf, Rationale). */
const isOverdue = ({ negotiation, pending }: Splicing): boolean =>
  negotiation?.kind === 'rbf' &&
  pending.length === 0 &&
  !(negotiation.name === 'signing' && negotiation.construction.signatures.local);
