import { canCommit } from './commit.ts';
import type { Commitments } from './commitments.ts';

/** A command of ours: `resend`, `revoke`, `commit`. */
export type Owed = 'resend' | 'revoke' | 'commit';

/** Which commands the remote waits for, in the order in which they are to be given. */
export function owed(commitments: Commitments): readonly Owed[] {
  if (commitments.missing.length > 0) return ['resend'];
  const all: Owed[] = [];
  if (commitments.unrevoked.local) all.push('revoke');
  // What revoking lets through is signed together with the rest.
  if (canCommit(commitments)) all.push('commit');
  return all;
}
