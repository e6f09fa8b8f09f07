import type { RequirementId } from '../../spec/requirement.ts';

/**
 * What becomes of a channel whose peer departed from a BOLT.
 * - `fail_channel`: an `error` for it, and its commitment goes to the chain where it has one
 * - `warn_and_close`: a `warning` for it, and the connection is closed; the channel goes on after a reconnection
 * - `warn`: a `warning`; the message is ignored
 * - `close`: the connection is closed without a word
 * - `ignore`: nothing
 * - `later`: the message is kept, and received again when the chain has gone on
 */
export type Reaction = 'fail_channel' | 'warn_and_close' | 'warn' | 'close' | 'ignore' | 'later';

/** By the requirement that was not kept: what its BOLT says the other side does. For those that are not here, `fail_channel`. */
export const REACTIONS: Readonly<Partial<Record<RequirementId, Reaction>>> = {
  // The peer's view of the chain may be ahead of ours.
  'bolt02-channel-ready-02': 'later',
  'bolt02-channel-ready-12': 'later',
  // bolt02-shutdown-16, -12
  'bolt02-shutdown-09': 'warn_and_close',
  'bolt02-shutdown-10': 'warn',
  // bolt02-closing-complete-21 to -26
  'bolt02-closing-complete-05': 'warn_and_close',
  'bolt02-closing-complete-21': 'warn_and_close',
  'bolt02-closing-complete-24': 'warn_and_close',
  // The BOLTs give their readers no rule: the channel can go on after a reconnection.
  'bolt02-commitment-signed-01': 'warn_and_close',
  'bolt02-shutdown-03': 'warn_and_close',
  'bolt02-shutdown-04': 'warn_and_close',
  'bolt02-shutdown-05': 'warn_and_close',
  'bolt02-shutdown-06': 'warn_and_close',
  'bolt02-shutdown-07': 'warn_and_close',
  'bolt02-closing-signed-01': 'warn_and_close',
  'bolt02-closing-complete-01': 'warn_and_close',
  'bolt02-closing-complete-18': 'warn_and_close',
  'bolt02-reestablish-09': 'warn_and_close',
  'bolt02-reestablish-10': 'warn_and_close',
  'bolt02-reestablish-49': 'warn_and_close',
  'bolt02-update-add-htlc-22': 'warn_and_close',
};
