/**
 * What everything above BOLT 8 speaks: whole Lightning messages in both directions.
 *
 * Errors are BoltgridErrors: `noise.closed` (the other side closed; `details.how` is `fin` or `reset`), `noise.frame.bad-tag`
 * (a frame that cannot be decrypted, with the raw bytes in `details.raw`), `core.deadline`, `core.cancelled`.
 */
export interface MessageTransport {
  readonly localPublicKey: Uint8Array;
  readonly remotePublicKey: Uint8Array;
  /** Resolves when the bytes were handed to the operating system: deadlines start there. */
  send(message: Uint8Array): Promise<void>;
  /** The next message in order. One caller at a time. Messages that arrived before a close are still delivered first. */
  receive(options: { deadlineMs: number; signal?: AbortSignal }): Promise<Uint8Array>;
  /** Resolves once, when the connection has ended, with who ended it and how. Never rejects. */
  readonly closed: Promise<CloseReason>;
  /** Graceful: flushes, sends FIN, waits briefly for the other side. Idempotent. */
  close(): Promise<void>;
}

export interface CloseReason {
  readonly by: 'local' | 'remote';
  readonly how: 'fin' | 'reset' | 'error';
  readonly error?: Error;
}
