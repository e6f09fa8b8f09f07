import type { OpeningState } from './states.ts';

/** A command of ours, by the message that it sends. */
export type OpeningCommand =
  'accept_channel' | 'funding_created' | 'funding_signed' | 'broadcast_funding' | 'channel_ready';

/** What BOLT 2 calls for, in order. */
export function owed(state: OpeningState): readonly OpeningCommand[] {
  switch (state.name) {
    case 'awaits_funding':
      return ['funding_created'];
    case 'has_open_channel':
      return ['accept_channel'];
    case 'has_funding_created':
      return ['funding_signed'];
    case 'awaits_channel_ready':
    case 'open': {
      const { unbroadcast, isSent, depth, minimum_depth } = state;
      const isReady = !isSent && depth >= minimum_depth;
      return [
        ...(unbroadcast ? (['broadcast_funding'] as const) : []),
        ...(isReady ? (['channel_ready'] as const) : []),
      ];
    }
    case 'awaits_accept_channel':
    case 'awaits_funding_signed':
    case 'awaits_open_channel':
    case 'awaits_funding_created':
      return [];
  }
}
