/** Who a fault is charged to. It decides the verdict of the case or cell in which it happens. */
export type Blame = 'node' | 'setup' | 'harness' | 'user';

export interface ErrorDetails {
  /** What the reader can do about it, one sentence. */
  readonly hint?: string;
  /** Compared values and context, as data: shown in the journal and in `--verbose`. */
  readonly details?: Readonly<Record<string, unknown>>;
  readonly cause?: unknown;
}

/**
 * The one error class of boltgrid. `code` is stable (`noise.act2.bad-tag`, `matrix.unknown-key`), `message` is for people,
 * `blame` says whose fault it is.
 */
export class BoltgridError extends Error {
  override readonly name = 'BoltgridError';
  readonly code: string;
  readonly blame: Blame;
  readonly hint: string | undefined;
  readonly details: Readonly<Record<string, unknown>>;

  constructor(code: string, blame: Blame, message: string, { hint, details, cause }: ErrorDetails = {}) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
    this.blame = blame;
    this.hint = hint;
    this.details = details ?? {};
  }
}

export const isBoltgridError = (error: unknown): error is BoltgridError => error instanceof BoltgridError;

/** The text of anything that was thrown; never throws itself. */
export function messageOf(error: unknown): string {
  if (error instanceof Error) return error.message;
  try {
    return String(error);
  } catch {
    return 'an unprintable value was thrown';
  }
}
