import type { z } from 'zod';

export interface OperationShape {
  readonly params: z.ZodObject;
  readonly result: z.ZodObject;
  readonly deadlineMs: number;
  /**
   * `control`: the manifest says how to ask the node. `runtime`: done by boltgrid to its process and volume, so that no
   * manifest mentions it.
   */
  readonly by: 'control' | 'runtime';
}

export function control<P extends z.ZodObject, R extends z.ZodObject>(
  params: P,
  result: R,
  deadlineMs = 10_000,
) {
  return { params, result, deadlineMs, by: 'control' as const };
}

export function runtime<P extends z.ZodObject, R extends z.ZodObject>(params: P, result: R) {
  return { params, result, deadlineMs: 60_000, by: 'runtime' as const };
}
