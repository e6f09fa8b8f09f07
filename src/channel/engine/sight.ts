import { type FundingSight, seeFunding } from '../state/open/ready.ts';
import type { Received } from '../state/step.ts';
import type { Channel } from './channel.ts';

/** What the chain says of the funding output. A channel without first commitments has none to look at. */
export function see(channel: Channel, sight: FundingSight): Received<Channel> {
  if (channel.name === 'opening') return { state: channel, faults: [] };
  const { state, faults } = seeFunding(channel.readying, sight);
  return { state: { ...channel, readying: state }, faults };
}
