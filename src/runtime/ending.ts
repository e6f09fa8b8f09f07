import type { ProgramExit, ProgramSpec } from './program.ts';

/** The three ways to make a program end, from polite to certain. None may throw. */
export interface Endable {
  readonly endsOn: ProgramSpec['endsOn'];
  readonly exited: Promise<ProgramExit>;
  endInput(): void;
  terminate(): void;
  kill(): void;
}

/** The escalation that `Program.stop` promises. */
export async function endGracefully(program: Endable, graceMs: number): Promise<ProgramExit> {
  const timers: NodeJS.Timeout[] = [];
  const after = (ms: number, act: () => void): void => {
    timers.push(setTimeout(act, ms));
  };
  let killAfterMs = graceMs;
  if (program.endsOn === 'signal') {
    program.terminate();
  } else {
    program.endInput();
    after(graceMs, () => {
      program.terminate();
    });
    killAfterMs += graceMs;
  }
  after(killAfterMs, () => {
    program.kill();
  });
  try {
    return await program.exited;
  } finally {
    for (const timer of timers) clearTimeout(timer);
  }
}
