import { BoltgridError } from './error.ts';

/**
 * Rejects with `core.deadline` when `work` has not settled after `ms`, or with the signal's reason when it is aborted first.
 * `work` gets a signal that is aborted in both cases, so that it can let go of what it holds.
 */
export async function withDeadline<T>(
  what: string,
  ms: number,
  work: (signal: AbortSignal) => Promise<T>,
  outer?: AbortSignal,
): Promise<T> {
  outer?.throwIfAborted();
  const inner = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  let onAbort: (() => void) | undefined;
  const ended = new Promise<never>((_, reject) => {
    const end = (reason: unknown): void => {
      // Reject first: the caller hears the reason, not the error of the work that is being torn down.
      reject(reason instanceof Error ? reason : cancelled(reason));
      inner.abort(reason);
    };
    timer = setTimeout(() => {
      end(
        new BoltgridError('core.deadline', 'node', `${what}: nothing within ${ms} ms`, { details: { ms } }),
      );
    }, ms);
    onAbort = () => {
      end(outer?.reason);
    };
    outer?.addEventListener('abort', onAbort, { once: true });
  });
  try {
    return await Promise.race([work(inner.signal), ended]);
  } finally {
    clearTimeout(timer);
    if (onAbort) outer?.removeEventListener('abort', onAbort);
  }
}

function cancelled(reason: unknown): BoltgridError {
  return new BoltgridError('core.cancelled', 'user', 'cancelled', { cause: reason });
}

const SLICE_MS = 50;

/**
 * Calls back after `ms` in which this process was awake to notice. Time in which the event loop was blocked counts only in part, so
 * that a busy machine of ours is not charged to a node. Returns the canceller.
 */
export function awakeTimeout(ms: number, callback: () => void): () => void {
  let left = ms;
  let timer: NodeJS.Timeout;
  const next = (): void => {
    const slice = Math.min(SLICE_MS, left);
    const from = performance.now();
    timer = setTimeout(() => {
      // A slice that took much longer than asked was spent asleep: it counts for at most twice its length.
      left -= Math.min(performance.now() - from, 2 * slice);
      if (left <= 0.5) callback();
      else next();
    }, slice);
  };
  next();
  return () => {
    clearTimeout(timer);
  };
}
