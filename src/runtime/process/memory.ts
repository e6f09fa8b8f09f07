import { readdir, readFile } from 'node:fs/promises';
import { BoltgridError } from '../../core/error.ts';

/** Resident memory of all processes of a group. Throws `runtime.no-usage` where the system has no /proc. */
export async function groupMemoryBytes(group: number): Promise<number> {
  const entries = await readdir('/proc').catch((cause: unknown) => {
    throw new BoltgridError('runtime.no-usage', 'setup', 'memory of a process is known on Linux only', {
      cause,
    });
  });
  const pids = entries.filter((entry) => /^\d+$/.test(entry));
  const sizes = await Promise.all(pids.map(async (pid) => memoryOf(pid, group)));
  return sizes.reduce((sum, size) => sum + size, 0);
}

async function memoryOf(pid: string, group: number): Promise<number> {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, 'latin1');
    // After the program's name, which may hold anything: state, parent, process group.
    const [, , processGroup] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (Number(processGroup) !== group) return 0;
    const status = await readFile(`/proc/${pid}/status`, 'latin1');
    return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1] ?? 0) * 1024;
  } catch {
    return 0; // It has ended since.
  }
}
