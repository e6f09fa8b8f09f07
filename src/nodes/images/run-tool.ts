import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { BoltgridError } from '../../core/error.ts';
import { cleanText } from '../../core/text.ts';
import { LineSplitter } from '../../runtime/lines.ts';
import { signalGroup } from '../../runtime/process/groups.ts';
import { spawnGroup } from '../../runtime/process/program.ts';

export interface ToolOptions {
  readonly env: Readonly<Record<string, string>>;
  readonly folder: string;
  /** Each line that it prints, cleaned. */
  readonly onLine: (line: string) => void;
  /** Told its process id, which is that of its group, too. */
  readonly onStart?: (pid: number) => void;
  readonly signal?: AbortSignal | undefined;
}

const LINE_BYTES = 64 * 1024;
const LINE_LIMIT = 500;
const GRACE_MS = 5_000;

/**
 * Runs a program of this machine and gives its exit code. When aborted, its process group gets SIGTERM, and SIGKILL after five
 * seconds; then rejects with `core.cancelled`. `runtime.cannot-start` when there is no such program.
 */
export async function runTool(
  argv: readonly [string, ...string[]],
  { env, folder, onLine, onStart, signal }: ToolOptions,
): Promise<number> {
  throwIfCancelled(signal);
  const { child, group } = await spawnGroup(argv, env, folder);
  onStart?.(group);
  child.stdin.on('error', () => undefined);
  child.stdin.end();
  const splitters = [child.stdout, child.stderr].map((stream) => {
    const print = (line: string): void => {
      onLine(cleanText(line, LINE_LIMIT));
    };
    const splitter = new LineSplitter(LINE_BYTES, print, print);
    stream.on('data', (chunk: Buffer) => {
      splitter.push(chunk);
    });
    return splitter;
  });
  let kill: NodeJS.Timeout | undefined;
  const end = (): void => {
    signalGroup(group, 'SIGTERM');
    kill = setTimeout(() => {
      signalGroup(group, 'SIGKILL');
      child.stdout.destroy();
      child.stderr.destroy();
    }, GRACE_MS);
  };
  signal?.addEventListener('abort', end, { once: true });
  if (signal?.aborted) end();
  try {
    const code = await new Promise<number>((resolve) => {
      child.on('close', (exit) => {
        resolve(exit ?? -1);
      });
    });
    for (const splitter of splitters) splitter.end();
    throwIfCancelled(signal);
    return code;
  } finally {
    clearTimeout(kill);
    signal?.removeEventListener('abort', end);
  }
}

/** Throws `core.cancelled`. */
export function throwIfCancelled(signal: AbortSignal | undefined): void {
  if (signal?.aborted)
    throw new BoltgridError('core.cancelled', 'user', 'cancelled', { cause: signal.reason });
}

/** The file that a program's name stands for, as `which` finds it. */
export function findTool(name: string, path: string = process.env.PATH ?? ''): string | undefined {
  return path
    .split(delimiter)
    .filter((folder) => folder !== '')
    .map((folder) => join(folder, name))
    .find(isProgram);
}

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}

const HOW_TO_INSTALL: Readonly<Record<string, string>> = {
  go: 'Install Go from https://go.dev/dl/ (or: apt-get install golang-go).',
  cargo: 'Install Rust from https://rustup.rs/ (or: apt-get install cargo).',
  debootstrap: 'apt-get install debootstrap',
};

export const howToInstall = (tool: string): string =>
  HOW_TO_INSTALL[tool] ?? `Install ${tool}, or put it on PATH.`;

/** Debian keeps programs for administration where the PATH of a user does not look. */
export const ADMIN_PATH = ['/usr/sbin', '/sbin'].join(delimiter);

/** The last lines of what was printed, for an error. */
export class LastLines {
  readonly #count: number;
  #lines: string[] = [];

  constructor(count = 30) {
    this.#count = count;
  }

  push(line: string): void {
    this.#lines.push(line);
    if (this.#lines.length > 2 * this.#count) this.#lines = this.lines();
  }

  lines(): string[] {
    return this.#lines.slice(-this.#count);
  }

  asHint(): string {
    return this.#lines.length === 0 ? 'It wrote nothing.' : `Its last lines:\n${this.lines().join('\n')}`;
  }
}
