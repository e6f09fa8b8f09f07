import { withDeadline } from '../core/deadline.ts';
import { isBoltgridError } from '../core/error.ts';
import { stepFailureOf } from '../peer/step.ts';

/**
 * What is left of the node when a case has failed:
 * - `alive`: it serves a fresh peer, and the connection of the failure too (or that connection is closed)
 * - `deaf-connection`: it serves a fresh peer, but answers nothing on the connection of the failure
 * - `dead`: its process has ended, or a fresh peer is not served
 */
export type Liveness = 'alive' | 'deaf-connection' | 'dead';

export interface Patient {
  /** Whether the process still runs. */
  readonly running: () => boolean;
  /** Connects with a fresh key and exchanges init; rejects when that fails. */
  readonly greetFreshPeer: (signal: AbortSignal) => Promise<void>;
  /** Pings on a connection of the case; `undefined` when there is no such open connection with init exchanged. */
  readonly ping: (link: number, signal: AbortSignal) => Promise<void> | undefined;
  readonly answerMs: number;
}

/** Looks into a failure before it is named. Errors that are not about the node leave it `alive`. */
export async function diagnose(error: unknown, patient: Patient): Promise<Liveness> {
  const failure = stepFailureOf(error);
  if (!patient.running()) return 'dead';
  if (!failure && !(isBoltgridError(error) && error.blame === 'node')) return 'alive';
  const served = await succeeds('a fresh peer is served', patient.answerMs, patient.greetFreshPeer);
  if (!served || !patient.running()) return 'dead';
  const missed = isBoltgridError(error) && error.code === 'step.deadline';
  if (!missed || failure?.link === undefined) return 'alive';
  const { link } = failure;
  // A connection that has ended, or never exchanged init, has nobody to ping: `undefined` counts as answered.
  const answered = await succeeds('a ping on the same connection', patient.answerMs, async (signal) => {
    await patient.ping(link, signal);
  });
  return answered ? 'alive' : 'deaf-connection';
}

async function succeeds(
  what: string,
  ms: number,
  work: (signal: AbortSignal) => Promise<void>,
): Promise<boolean> {
  try {
    await withDeadline(what, ms, work);
    return true;
  } catch {
    return false;
  }
}
