import type { Readable, Writable } from 'node:stream';
import type { ProgramLog } from './log.ts';

/** What to start. Nothing is interpreted by a shell. */
export interface ProgramSpec {
  readonly argv: readonly [string, ...string[]];
  /** The whole environment: nothing of ours is handed on but what stands here. */
  readonly env: Readonly<Record<string, string>>;
  /** How it is asked to end: a driver by the end of its input (it has none otherwise), any other program by SIGTERM. */
  readonly endsOn: 'input' | 'signal';
}

export interface ProgramExit {
  readonly code: number | null;
  readonly signal: string | null;
  /** What else is known of its end: `out of memory (limit 512 MiB)`. */
  readonly note?: string;
  /** Certainly not the program's doing: its container was removed, or the engine is gone. */
  readonly outside?: true;
}

/** `with code 7`, `by SIGKILL: out of memory (limit 512 MiB)` */
export function howItEnded({ code, signal, note }: ProgramExit): string {
  const how = signal === null ? `with code ${code ?? 'unknown'}` : `by ${signal}`;
  return note === undefined ? how : `${how}: ${note}`;
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
   * Ends its input or sends SIGTERM (`endsOn`); a driver that stays gets SIGTERM after `graceMs`; what still runs after as long again
   * is killed. Resolves when it and everything that it started have ended. Idempotent.
   */
  stop(graceMs: number): Promise<ProgramExit>;
  /** Ends it and everything that it started, now. */
  kill(): Promise<ProgramExit>;
}
