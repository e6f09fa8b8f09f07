import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';

/**
 * Which process exactly: a pid is given again after its process ended, a pid with its start time within one boot is not.
 * Where the system does not tell (outside Linux) start time and boot id are empty, and the pid has to do.
 */
export interface ProcessIdentity {
  readonly host: string;
  readonly bootId: string;
  readonly pid: number;
  /** Clock ticks since boot. */
  readonly startTicks: string;
}

export const thisProcess = (): ProcessIdentity => identityOf(process.pid);

/** Of a process of this machine that is there. */
export const identityOf = (pid: number): ProcessIdentity => ({
  host: hostname(),
  bootId: bootId(),
  pid,
  startTicks: statOf(pid).startTicks ?? '',
});

/** `unknown` for a process of another machine. */
export function stateOf(identity: ProcessIdentity): 'alive' | 'dead' | 'unknown' {
  if (identity.host !== hostname()) return 'unknown';
  if (identity.bootId !== bootId()) return 'dead';
  if (!signalReaches(identity.pid)) return 'dead';
  const { state, startTicks = '' } = statOf(identity.pid);
  // One that has ended, and whose parent has not asked how, does nothing any more.
  return state !== 'Z' && identity.startTicks === startTicks ? 'alive' : 'dead';
}

function bootId(): string {
  return readProc('/proc/sys/kernel/random/boot_id')?.trim() ?? '';
}

function statOf(pid: number): {
  readonly state?: string | undefined;
  readonly startTicks?: string | undefined;
} {
  // The second field is the program's name in brackets and may hold spaces and brackets itself; the third is the state, the 22nd the
  // start time.
  const stat = readProc(`/proc/${pid}/stat`);
  const fields = stat?.slice(stat.lastIndexOf(')') + 2).split(' ') ?? [];
  return { state: fields[0], startTicks: fields[19] };
}

function readProc(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}

function signalReaches(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
