import type { Duplex } from 'node:stream';
import type Dockerode from 'dockerode';
import { CappedBytes } from '../capped.ts';
import { execDeadline } from '../deadline.ts';
import type { ExecOptions, ExecResult } from '../runtime.ts';
import { ask } from './errors.ts';
import { FrameSplitter } from './frames.ts';

/** Runs a program in a running container. The engine cannot end it alone: at the deadline it is left to end with its container. */
export async function execInContainer(
  container: Dockerode.Container,
  argv: readonly [string, ...string[]],
  options: ExecOptions,
): Promise<ExecResult> {
  return execDeadline(argv, options, async (signal) => {
    const exec = await ask(`running ${argv[0]}`, () =>
      container.exec({
        Cmd: [...argv],
        Env: Object.entries(options.env ?? {}).map(([name, value]) => `${name}=${value}`),
        AttachStdin: true,
        AttachStdout: true,
        AttachStderr: true,
      }),
    );
    const socket = await ask(`running ${argv[0]}`, () => exec.start({ hijack: true, stdin: true }));
    const output = await collect(argv[0], socket, options.input ?? '', signal);
    const { ExitCode } = await ask(`running ${argv[0]}`, () => exec.inspect());
    return { code: ExitCode ?? -1, ...output };
  });
}

function collect(
  file: string,
  socket: Duplex,
  input: string,
  signal: AbortSignal,
): Promise<{ stdout: string; stderr: string }> {
  return new Promise((resolve, reject) => {
    const stdout = new CappedBytes(`the output of ${file}`);
    const stderr = new CappedBytes(`the output of ${file}`);
    const into = (bytes: CappedBytes) => (chunk: Buffer) => {
      const error = bytes.push(chunk);
      if (!error) return;
      socket.destroy();
      reject(error);
    };
    const frames = new FrameSplitter(into(stdout), into(stderr));
    signal.addEventListener('abort', () => socket.destroy(), { once: true });
    socket.on('data', (chunk: Buffer) => {
      frames.push(chunk);
    });
    socket.on('error', () => undefined); // Input to a program that has ended: 'close' follows.
    socket.on('close', () => {
      resolve({ stdout: stdout.text(), stderr: stderr.text() });
    });
    socket.end(input);
  });
}
