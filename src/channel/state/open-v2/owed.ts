import { isOurTurn } from '../interactive/signatures.ts';
import { hasCommitment } from './fund.ts';
import type { DualOpeningState } from './states.ts';

/** A command of ours, by the message that it sends; `construction` stands for whichever of its messages. */
export type DualOpeningCommand =
  | 'accept_channel2'
  | 'construction'
  | 'commitment_signed'
  | 'tx_signatures'
  | 'tx_ack_rbf'
  | 'tx_abort'
  | 'broadcast_funding';

/** What BOLT 2 calls for, in order. */
export function owed(state: DualOpeningState): readonly DualOpeningCommand[] {
  switch (state.name) {
    case 'has_open_channel2':
      return ['accept_channel2'];
    case 'constructing_funding':
      return state.construction.turn === 'local' ? ['construction'] : [];
    case 'signing_funding': {
      if (!state.hasSentCommitment) return ['commitment_signed'];
      if (state.missing.length > 0) return state.missing;
      return hasCommitment(state) && isOurTurn(state.signing) ? ['tx_signatures'] : [];
    }
    case 'dual_funded':
      return [...state.missing, ...(state.unbroadcast ? (['broadcast_funding'] as const) : [])];
    case 'has_tx_init_rbf':
      return ['tx_ack_rbf'];
    case 'has_tx_abort':
      return ['tx_abort'];
    case 'awaits_accept_channel2':
    case 'awaits_open_channel2':
    case 'awaits_tx_ack_rbf':
    case 'awaits_tx_abort':
    case 'forgotten':
      return [];
  }
}
