/** Leaders of the process groups that are alive. */
const groups = new Set<number>();

// Only for an orderly exit of ours: when we are killed, a driver sees its input end, and the guard ends the others.
process.on('exit', () => {
  for (const leader of groups) send(leader, 'SIGKILL');
});

export function groupStarted(leader: number): void {
  groups.add(leader);
}

/** The leader has ended: ends what it left behind. */
export function groupEnded(leader: number): void {
  signalGroup(leader, 'SIGKILL');
  groups.delete(leader);
}

/** Does nothing once the group has ended, since its id may be another's by then. */
export function signalGroup(leader: number, signal: NodeJS.Signals): void {
  if (groups.has(leader)) send(leader, signal);
}

function send(leader: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-leader, signal);
  } catch {
    // The group is empty already.
  }
}
