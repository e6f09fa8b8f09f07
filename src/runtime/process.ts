import { spawn, type ChildProcessByStdio } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import { BoltgridError, messageOf } from '../core/error.ts';
import type { ProgramLog } from './log.ts';
import type { Program, ProgramExit, ProgramSpec, Runtime } from './program.ts';

type Child = ChildProcessByStdio<Writable, Readable, Readable>;

/** Programs as processes of this machine, each with a process group of its own. */
export const processRuntime: Runtime = { start: startProcess };

/** Leaders of the process groups that are alive. */
const groups = new Set<number>();

// Only for an orderly exit of ours: when we are killed, a program sees its input end.
process.on('exit', () => {
  for (const leader of groups) signalGroup(leader, 'SIGKILL');
});

async function startProcess(spec: ProgramSpec, log: ProgramLog): Promise<Program> {
  const [file, ...args] = spec.argv;
  const child = spawn(file, args, {
    cwd: spec.folder,
    env: { ...spec.env },
    stdio: ['pipe', 'pipe', 'pipe'],
    // A session and process group of its own: Ctrl-C in the terminal reaches only us, and the group can be ended as a whole.
    detached: true,
  });
  const leader = await spawned(child, file);
  groups.add(leader);
  child.stdin.on('error', () => undefined); // A write to a program that has ended; `exited` tells.
  child.stderr.on('data', (chunk: Buffer) => {
    log.push(chunk);
  });
  child.on('exit', () => {
    // The leader is gone, but not reaped by anyone else yet: what it left behind is still its group.
    signalGroup(leader, 'SIGKILL');
    groups.delete(leader);
  });
  const exited = new Promise<ProgramExit>((resolve) => {
    child.on('close', (code, signal) => {
      log.end();
      resolve({ code, signal });
    });
  });
  return {
    input: child.stdin,
    output: child.stdout,
    log,
    exited,
    stop: (graceMs) => stopGroup(child, leader, exited, graceMs),
    kill: () => {
      killGroup(child, leader);
      return exited;
    },
  };
}

function spawned(child: Child, file: string): Promise<number> {
  return new Promise((resolve, reject) => {
    child.once('error', (cause) => {
      reject(
        new BoltgridError('runtime.cannot-start', 'setup', `cannot start ${file}: ${messageOf(cause)}`, {
          details: { file },
          cause,
        }),
      );
    });
    child.once('spawn', () => {
      child.on('error', () => undefined); // A signal that could not be sent.
      resolve(child.pid ?? 0);
    });
  });
}

async function stopGroup(
  child: Child,
  leader: number,
  exited: Promise<ProgramExit>,
  graceMs: number,
): Promise<ProgramExit> {
  child.stdin.end();
  const terminate = setTimeout(() => {
    signalGroup(leader, 'SIGTERM');
  }, graceMs);
  const kill = setTimeout(() => {
    killGroup(child, leader);
  }, 2 * graceMs);
  try {
    return await exited;
  } finally {
    clearTimeout(terminate);
    clearTimeout(kill);
  }
}

function killGroup(child: Child, leader: number): void {
  if (groups.has(leader)) signalGroup(leader, 'SIGKILL');
  // A grandchild that left the group may hold these open; nothing that it writes matters any more.
  child.stdout.destroy();
  child.stderr.destroy();
}

function signalGroup(leader: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-leader, signal);
  } catch {
    // The group is empty already.
  }
}
