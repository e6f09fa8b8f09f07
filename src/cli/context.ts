import pc from 'picocolors';
import { PLAIN, type Colours } from '../report/text/colours.ts';

/** A stream that a command writes to; `process.stdout` is one. */
export interface Output {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly rows?: number;
}

/** All that a command knows of the process it runs in, so that tests run commands without one. */
export interface CliContext {
  readonly stdout: Output;
  readonly stderr: Output;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** Aborted when the user asks to stop. */
  readonly signal: AbortSignal;
}

/** https://no-color.org and its counterpart: NO_COLOR holds over FORCE_COLOR, both over what the stream is. */
function hasColours(output: Output, env: CliContext['env']): boolean {
  if ((env.NO_COLOR ?? '') !== '') return false;
  const forced = env.FORCE_COLOR;
  if (forced !== undefined && forced !== '') return forced !== '0' && forced !== 'false';
  return output.isTTY === true && env.TERM !== 'dumb';
}

export function coloursFor(output: Output, env: CliContext['env']): Colours {
  if (!hasColours(output, env)) return PLAIN;
  const { green, red, yellow, gray, magenta, blue, bold, dim } = pc.createColors(true);
  return { green, red, yellow, grey: gray, magenta, blue, bold, dim };
}

export const printLines = (output: Output, lines: readonly string[]): void => {
  output.write(lines.map((line) => `${line}\n`).join(''));
};

/** A value for other programs. Amounts are decimal strings. */
export const printJson = (output: Output, value: unknown): void => {
  const text = JSON.stringify(
    value,
    (_, inner: unknown) => (typeof inner === 'bigint' ? inner.toString() : inner),
    2,
  );
  output.write(`${text}\n`);
};
