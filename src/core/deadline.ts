import { BoltgridError } from './error.ts';

/**
 * Rejects with `core.deadline` when `work` has not settled after `ms`, counted as `awakeTimeout` does, or with the signal's reason
 * when it is aborted first. `work` gets a signal that is aborted in both cases, so that it can let go of what it holds.
 */
export async function withDeadline<T>(
  what: string,
  ms: number,
  work: (signal: AbortSignal) => Promise<T>,
  outer?: AbortSignal,
): Promise<T> {
  outer?.throwIfAborted();
  const inner = new AbortController();
  let cancel: (() => void) | undefined;
  let onAbort: (() => void) | undefined;
  const ended = new Promise<never>((_, reject) => {
    const end = (reason: unknown): void => {
      // Reject first: the caller hears the reason, not the error of the work that is being torn down.
      reject(reason instanceof Error ? reason : cancelled(reason));
      inner.abort(reason);
    };
    cancel = awakeTimeout(ms, () => {
      end(
        new BoltgridError('core.deadline', 'node', `${what}: nothing within ${ms} ms`, { details: { ms } }),
      );
    });
    onAbort = () => {
      end(outer?.reason);
    };
    outer?.addEventListener('abort', onAbort, { once: true });
  });
  try {
    return await Promise.race([work(inner.signal), ended]);
  } finally {
    cancel?.();
    if (onAbort) outer?.removeEventListener('abort', onAbort);
  }
}

function cancelled(reason: unknown): BoltgridError {
  return new BoltgridError('core.cancelled', 'user', 'cancelled', { cause: reason });
}

const SHORTEST_SLICE_MS = 50;
const SLICES = 20;

/**
 * Calls back after `ms` in which this process was awake to notice. Time in which the event loop was blocked counts only in part, so
 * that a busy machine of ours is not charged to a node. Returns the canceller, which tells how many of the `ms` were left.
 */
export function awakeTimeout(ms: number, callback: () => void): () => number {
  const longest = Math.max(SHORTEST_SLICE_MS, ms / SLICES);
  let left = ms;
  let slice = 0;
  let from = 0;
  let timer: NodeJS.Timeout;
  let last: NodeJS.Immediate | undefined;
  // A slice that took much longer than asked was spent asleep: it counts for at most twice its length.
  const used = (): number => Math.min(performance.now() - from, 2 * slice);
  const next = (): void => {
    slice = Math.min(longest, left);
    from = performance.now();
    timer = setTimeout(() => {
      left -= used();
      // What arrived while the loop was blocked is read before an immediate runs, so it still counts.
      if (left <= 0.5) last = setImmediate(callback);
      else next();
    }, slice);
  };
  next();
  return () => {
    clearTimeout(timer);
    clearImmediate(last);
    return last ? 0 : Math.max(0, left - used());
  };
}
