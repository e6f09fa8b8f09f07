import { shutdownReconnected } from '../state/close/shutdown.ts';
import type { Negotiation } from '../state/open/negotiation.ts';
import { noQuiescence } from '../state/quiescence.ts';
import { disconnected } from '../state/reestablish.ts';
import type { Channel, LiveChannel } from './channel.ts';
import { withCommitments } from './channel.ts';

/** The connection is gone. What has no first commitments yet is forgotten: `undefined` (BOLT 2, Message Retransmission). */
export function lost(channel: Channel): LiveChannel | undefined {
  if (channel.name === 'opening') return undefined;
  return {
    ...withCommitments(channel, disconnected(channel.readying.commitments)),
    quiescence: noQuiescence,
    shutdown: shutdownReconnected(channel.shutdown),
    // The negotiation begins again.
    closing: undefined,
    link: { isUp: false, reestablished: NOBODY, repeatsChannelReady: NOBODY },
  };
}

const NOBODY = { local: false, remote: false };

/** There is a connection with the peer again; its features may be others now. */
export const reconnected = (live: LiveChannel, negotiation: Negotiation): LiveChannel => ({
  ...live,
  negotiation,
  link: { ...live.link, isUp: true },
});
