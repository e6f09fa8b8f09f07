import { withDeadline } from '../core/deadline.ts';
import { BoltgridError, isBoltgridError } from '../core/error.ts';
import type { ExecOptions } from './runtime.ts';

/** `withDeadline` for what is ours or the machine's to do: running out of time is `runtime.deadline`, blame `setup`. */
export async function inTime<T>(
  what: string,
  ms: number,
  work: (signal: AbortSignal) => Promise<T>,
  outer?: AbortSignal,
): Promise<T> {
  try {
    return await withDeadline(what, ms, work, outer);
  } catch (error) {
    if (!isBoltgridError(error) || error.code !== 'core.deadline') throw error;
    throw new BoltgridError('runtime.deadline', 'setup', error.message, {
      details: error.details,
      cause: error,
    });
  }
}

export const execDeadline = <T>(
  argv: readonly string[],
  { deadlineMs, signal }: ExecOptions,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> => inTime(argv.slice(0, 3).join(' '), deadlineMs, work, signal);
