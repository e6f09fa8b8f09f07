import type { ProgramSpec } from '../../src/runtime/program.ts';

type Argv = ProgramSpec['argv'];

/** Programs that do the same in each runtime. */
export interface ContractPrograms {
  /** Writes `ready` to its log, answers each line of input with `got <line>`, and ends with code 3 when its input ends. */
  readonly echo: Argv;
  /** Ends with code 4 at once. */
  readonly exits: Argv;
  /** Writes `ready` and ends only when it is killed. */
  readonly ignoresAll: Argv;
  /** Writes `ready` and runs until SIGTERM, which ends it. */
  readonly waits: Argv;
  /** Writes the value of the variable GIVEN as a line, then ends with code 0. */
  readonly printsGiven: Argv;
  /** Copies its input to its output, writes `on stderr` there, and ends with code 5. */
  readonly copies: Argv;
  /** Never stops to write. */
  readonly floods: Argv;
  /** Never ends, whatever its input. */
  readonly hangs: Argv;
  readonly absent: Argv;
}

const shell = (script: string): Argv => ['/bin/sh', '-c', script];

/** For runtimes that have a shell, `cat` and `sleep` in /bin. */
export const SHELL_PROGRAMS: ContractPrograms = {
  echo: shell('echo ready >&2; while read line; do echo "got $line"; done; exit 3'),
  exits: shell('exit 4'),
  ignoresAll: shell('trap "" TERM; echo ready; while true; do sleep 1; done'),
  // A shell without a trap: the signal ends it, and that is told as the end by a signal.
  waits: shell('echo ready; exec sleep 600'),
  printsGiven: shell('echo "$GIVEN"'),
  copies: shell('cat; echo on stderr >&2; exit 5'),
  floods: shell('while true; do echo 0123456789012345678901234567890123456789; done'),
  hangs: shell('exec sleep 60'),
  absent: ['/no/such/program'],
};
