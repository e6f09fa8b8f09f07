import { spawn, type ChildProcessByStdio } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import { BoltgridError, messageOf } from '../../core/error.ts';
import { endGracefully } from '../ending.ts';
import type { ProgramLog } from '../log.ts';
import type { Program, ProgramExit, ProgramSpec } from '../program.ts';
import { guardGroup, unguardGroup } from './guard.ts';
import { groupEnded, groupStarted, signalGroup } from './groups.ts';

type Child = ChildProcessByStdio<Writable, Readable, Readable>;

/** A program whose process group can be signalled as a whole. */
export interface ProcessProgram extends Program {
  /** Id of its process group. */
  readonly group: number;
}

/** Throws `runtime.cannot-start`. */
export async function startProcess(
  spec: ProgramSpec,
  folder: string,
  log: ProgramLog,
): Promise<ProcessProgram> {
  const { child, group } = await spawnGroup(spec.argv, spec.env, folder);
  child.stdin.on('error', () => undefined); // A write to a program that has ended; `exited` tells.
  if (spec.endsOn === 'signal') {
    child.stdin.end();
    guardGroup(group);
    child.on('exit', () => {
      unguardGroup(group);
    });
  }
  child.stderr.on('data', (chunk: Buffer) => {
    log.push(chunk);
  });
  const exited = new Promise<ProgramExit>((resolve) => {
    child.on('close', (code, signal) => {
      log.end();
      resolve({ code, signal });
    });
  });
  const kill = (): void => {
    signalGroup(group, 'SIGKILL');
    // A grandchild that left the group may hold these open; nothing that it writes matters any more.
    child.stdout.destroy();
    child.stderr.destroy();
  };
  return {
    group,
    input: child.stdin,
    output: child.stdout,
    log,
    exited,
    stop: (graceMs) => {
      signalGroup(group, 'SIGCONT'); // One that is paused would not hear the rest.
      const endable = {
        endsOn: spec.endsOn,
        exited,
        endInput: () => child.stdin.end(),
        terminate: () => {
          signalGroup(group, 'SIGTERM');
        },
        kill,
      };
      return endGracefully(endable, graceMs);
    },
    kill: () => {
      kill();
      return exited;
    },
  };
}

/**
 * Starts a program in a session and process group of its own: Ctrl-C in the terminal reaches only us, and the group can be ended as a
 * whole. What is left of the group when its leader ends is killed. Throws `runtime.cannot-start`.
 */
export async function spawnGroup(
  [file, ...args]: readonly [string, ...string[]],
  env: Readonly<Record<string, string>>,
  folder: string,
): Promise<{ child: Child; group: number }> {
  const child = spawn(file, args, {
    cwd: folder,
    env: { ...env },
    stdio: ['pipe', 'pipe', 'pipe'],
    detached: true,
  });
  const group = await spawned(child, file);
  groupStarted(group);
  child.on('exit', () => {
    // The leader is gone, but not reaped by anyone else yet: what it left behind is still its group.
    groupEnded(group);
  });
  return { child, group };
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
