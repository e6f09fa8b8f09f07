import { spawn } from 'node:child_process';
import type { Writable } from 'node:stream';

/**
 * Ends process groups when this process is gone, however it ended: its input ends then, and only then. Told of groups by `+` and of
 * their end by `-`.
 */
const GUARD = `
  const groups = new Set();
  require('node:readline').createInterface({ input: process.stdin })
    .on('line', (line) => groups[line[0] === '+' ? 'add' : 'delete'](Number(line.slice(1))))
    .on('close', () => {
      for (const group of groups) try { process.kill(-group, 'SIGKILL'); } catch {}
    });
`;

let input: Writable | undefined;

/** For a program that does not end with its input: when we are killed, nothing else would end it. */
export function guardGroup(group: number): void {
  input ??= startGuard();
  input.write(`+${group}\n`);
}

export function unguardGroup(group: number): void {
  input?.write(`-${group}\n`);
}

function startGuard(): Writable {
  const guard = spawn(process.execPath, ['-e', GUARD], {
    env: {},
    stdio: ['pipe', 'ignore', 'ignore'],
    // Not in our process group: what ends us from the terminal must not end it before.
    detached: true,
  });
  guard.on('error', () => undefined);
  guard.stdin.on('error', () => undefined);
  // Neither it nor its input keeps us from ending.
  guard.unref();
  (guard.stdin as Writable & { unref(): void }).unref();
  return guard.stdin;
}
