import type { Readable, Writable } from 'node:stream';
import type { ProgramLog } from './log.ts';

/** What to start. Nothing is interpreted by a shell. */
export interface ProgramSpec {
  readonly argv: readonly [string, ...string[]];
  /** The whole environment: nothing of ours is handed on but what stands here. */
  readonly env: Readonly<Record<string, string>>;
  /** Working directory. */
  readonly folder: string;
}

export interface ProgramExit {
  readonly code: number | null;
  readonly signal: string | null;
}

/** A program that was started. It never outlives us. */
export interface Program {
  readonly input: Writable;
  readonly output: Readable;
  /** What it wrote to its standard error; it goes on after a restart of the same node. */
  readonly log: ProgramLog;
  /** Resolves when it has ended and its output is drained. Never rejects. */
  readonly exited: Promise<ProgramExit>;
  /**
   * Ends its input, then asks it to terminate after `graceMs`, then kills it after as long again. Resolves when it and everything
   * that it started have ended. Idempotent.
   */
  stop(graceMs: number): Promise<ProgramExit>;
  /** Ends it and everything that it started, now. */
  kill(): Promise<ProgramExit>;
}

export interface Runtime {
  /** Rejects with `runtime.cannot-start` (set-up) when there is no such program or it may not be run. */
  start(spec: ProgramSpec, log: ProgramLog): Promise<Program>;
}
