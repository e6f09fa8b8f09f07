import { BoltgridError } from '../../core/error.ts';
import type { Commitments } from './commitments.ts';

/** After a reconnection what was lost goes first (BOLT 2, Message Retransmission). Throws `channel.send-missing-first`. */
export function assertNothingMissing({ missing }: Commitments): void {
  if (missing.length === 0) return;
  throw new BoltgridError(
    'channel.send-missing-first',
    'harness',
    `the remote has yet to get our ${missing.join(' and ')} again`,
  );
}
