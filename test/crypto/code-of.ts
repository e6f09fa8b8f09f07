import { isBoltgridError } from '../../src/core/error.ts';

/** The code of the BoltgridError that `action` throws; what else it throws is thrown on. */
export function codeOf(action: () => unknown): string | undefined {
  try {
    action();
  } catch (error) {
    if (isBoltgridError(error)) return error.code;
    throw error;
  }
  return undefined;
}
