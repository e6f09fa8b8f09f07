import { CappedBytes } from '../capped.ts';
import { execDeadline } from '../deadline.ts';
import type { ExecOptions, ExecResult } from '../runtime.ts';
import { signalGroup } from './groups.ts';
import { spawnGroup } from './program.ts';

/** Runs a program to its end; it and all that it started are killed at the deadline. */
export async function execProcess(
  argv: readonly [string, ...string[]],
  env: Readonly<Record<string, string>>,
  folder: string,
  options: ExecOptions,
): Promise<ExecResult> {
  return execDeadline(argv, options, async (signal) => {
    const { child, group } = await spawnGroup(argv, { ...env, ...options.env }, folder);
    const kill = (): void => {
      signalGroup(group, 'SIGKILL');
      child.stdout.destroy();
      child.stderr.destroy();
    };
    signal.addEventListener('abort', kill, { once: true });
    if (signal.aborted) kill();
    child.stdin.on('error', () => undefined);
    child.stdin.end(options.input ?? '');
    const stdout = new CappedBytes(`the output of ${argv[0]}`);
    const stderr = new CappedBytes(`the output of ${argv[0]}`);
    return new Promise((resolve, reject) => {
      const collect = (into: CappedBytes) => (chunk: Buffer) => {
        const error = into.push(chunk);
        if (!error) return;
        kill();
        reject(error);
      };
      child.stdout.on('data', collect(stdout));
      child.stderr.on('data', collect(stderr));
      child.on('close', (code) => {
        signal.removeEventListener('abort', kill);
        // Killed by a signal: a code as a shell would tell it is of no use to anyone, so it is simply a failure.
        resolve({ code: code ?? -1, stdout: stdout.text(), stderr: stderr.text() });
      });
    });
  });
}
