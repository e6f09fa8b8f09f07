import type { CliContext } from './context.ts';

/** `--node <pattern>`, what it does, and how often it may be given. */
export interface OptionSpec {
  /** As commander reads it: `-j, --workers <n>`. */
  readonly flags: string;
  readonly description: string;
  /** May be given several times; the command gets an array. */
  readonly many?: boolean;
  /** Turns the text into a value; throws a BoltgridError for what it does not accept. */
  readonly parse?: (text: string) => unknown;
  readonly choices?: readonly string[];
}

/**
 * One command of `boltgrid`. Its file imports nothing heavy at the top: what it needs it loads in `run`, so that `--help` and the
 * commands that only read are there at once.
 */
export interface Command<O extends object = Record<string, unknown>> {
  readonly name: string;
  readonly description: string;
  /** As commander reads them: `<run>`, `[cell]`, `<folders...>`. */
  readonly args?: readonly { readonly name: string; readonly description: string }[];
  readonly options?: readonly OptionSpec[];
  /** Whole command lines, with what they do. */
  readonly examples?: readonly (readonly [line: string, about: string])[];
  /** Gives the exit code; throws a BoltgridError for everything else. `args` are the words as given, variadic ones spread. */
  run(context: CliContext, args: readonly string[], options: O): Promise<number>;
}

/** Commands that belong together: `boltgrid images list`. */
export interface CommandGroup {
  readonly name: string;
  readonly description: string;
  readonly commands: readonly Command<never>[];
}

/** Exit codes, the first that applies. */
export const EXIT = { ok: 0, red: 1, usage: 2, harness: 3, cancelled: 130 } as const;
