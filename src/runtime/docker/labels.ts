import type { ProcessIdentity } from '../../core/process-identity.ts';

/**
 * What marks containers, networks and volumes as ours. Never set on images: a container inherits its image's labels, and
 * sweeping goes by labels.
 */
export const RUN_LABEL = 'boltgrid.run';
const HOST = 'boltgrid.host';
const BOOT = 'boltgrid.boot';
const PID = 'boltgrid.pid';
const START = 'boltgrid.start';

export type Labels = Readonly<Record<string, string>>;

export const labelsOf = (runId: string, owner: ProcessIdentity): Labels => ({
  [RUN_LABEL]: runId,
  [HOST]: owner.host,
  [BOOT]: owner.bootId,
  [PID]: String(owner.pid),
  [START]: owner.startTicks,
});

/** `undefined` where the labels do not tell all of it. */
export function ownerIn(labels: Labels): ProcessIdentity | undefined {
  const { [HOST]: host, [BOOT]: bootId, [PID]: pid, [START]: startTicks } = labels;
  if (host === undefined || bootId === undefined || startTicks === undefined) return undefined;
  if (pid === undefined || !/^[1-9]\d{0,9}$/.test(pid)) return undefined;
  return { host, bootId, pid: Number(pid), startTicks };
}
