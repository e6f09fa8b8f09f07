import type { Bolts } from '../../wire/bolts.ts';
import type { MessageFields } from '../../wire/types.ts';

export type Side = 'local' | 'remote';

export const otherSide = (side: Side): Side => (side === 'local' ? 'remote' : 'local');

export type UpdateName =
  | 'update_add_htlc'
  | 'update_fulfill_htlc'
  | 'update_fail_htlc'
  | 'update_fail_malformed_htlc'
  | 'update_fee';

/** A message that changes both commitments once both sides have signed and revoked. Kept whole, since it may have to be sent again. */
export type Update = {
  readonly [N in UpdateName]: {
    readonly name: N;
    readonly fields: Omit<MessageFields<Bolts, N>, 'channel_id'>;
  };
}[UpdateName];

export type UpdateOf<N extends UpdateName> = Extract<Update, { readonly name: N }>;

/** One that takes an HTLC away again. */
export type Removal = Exclude<Update, UpdateOf<'update_add_htlc'> | UpdateOf<'update_fee'>>;

/**
 * How far an update has come (BOLT 2, Normal Operation). Its sender offered it; then it goes through, in this order,
 *
 * - `offered`: pending on the receiver
 * - `signed`: in the receiver's latest commitment
 * - `acknowledged`: the receiver has revoked the one before; now it is pending on the sender
 * - `countersigned`: in the sender's latest commitment
 *
 * and when the sender has revoked the one before, it is irrevocably committed: no pending update any more.
 */
export type Stage = 'offered' | 'signed' | 'acknowledged' | 'countersigned';

export interface PendingUpdate {
  readonly by: Side;
  readonly stage: Stage;
  readonly update: Update;
}
