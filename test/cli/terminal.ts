import type { CliContext, Output } from '../../src/cli/context.ts';
import { main } from '../../src/cli/main.ts';

/** A stream that keeps what is written to it. */
export class FakeOutput implements Output {
  text = '';
  readonly isTTY: boolean;
  readonly columns: number;
  readonly rows: number;

  constructor({ isTTY = false, columns = 100, rows = 24 } = {}) {
    this.isTTY = isTTY;
    this.columns = columns;
    this.rows = rows;
  }

  write(text: string): boolean {
    this.text += text;
    return true;
  }

  get lines(): string[] {
    return this.text.split('\n').slice(0, -1);
  }
}

export interface FakeContext extends CliContext {
  readonly stdout: FakeOutput;
  readonly stderr: FakeOutput;
}

export function fakeContext(cwd: string, more: Partial<FakeContext> = {}): FakeContext {
  return {
    stdout: new FakeOutput(),
    stderr: new FakeOutput(),
    env: {},
    cwd,
    signal: new AbortController().signal,
    ...more,
  };
}

export interface CommandOutcome {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** One command line, in this process. */
export async function boltgrid(cwd: string, ...argv: string[]): Promise<CommandOutcome> {
  const context = fakeContext(cwd);
  const code = await main(argv, context);
  return { code, out: context.stdout.text, err: context.stderr.text };
}
