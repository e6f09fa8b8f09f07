import type Dockerode from 'dockerode';
import { BoltgridError } from '../../core/error.ts';
import { stateOf } from '../../core/process-identity.ts';
import { ask, askGone } from './errors.ts';
import { ownerIn, RUN_LABEL, type Labels } from './labels.ts';

/** A container, network or volume that carries our labels. */
export interface Leftover {
  readonly kind: 'container' | 'volume' | 'network';
  readonly name: string;
  readonly runId: string;
  /** Whether the process that runs the run is there: `unknown` for another machine's, and where the labels do not tell. */
  readonly owner: 'alive' | 'dead' | 'unknown';
  /** Process id of the owner. */
  readonly pid: number | undefined;
}

/** All that carries our labels, those of one run only when asked for. In the order in which it can be removed. */
export async function leftovers(docker: Dockerode, runId?: string): Promise<readonly Leftover[]> {
  const filters = { label: [runId === undefined ? RUN_LABEL : `${RUN_LABEL}=${runId}`] };
  const [containers, { Volumes: volumes }, networks] = await ask('listing what is left of runs', () =>
    Promise.all([
      docker.listContainers({ all: true, filters }),
      docker.listVolumes({ filters }),
      docker.listNetworks({ filters }),
    ]),
  );
  return [
    ...containers.map(({ Names: [name], Id, Labels }) =>
      leftover('container', name?.replace(/^\//, '') ?? Id, Labels),
    ),
    ...volumes.map(({ Name, Labels }) => leftover('volume', Name, Labels)),
    ...networks.map(({ Name, Labels }) => leftover('network', Name, Labels)),
  ];
}

/** Removes what belongs to a process of this machine that has provably ended, and nothing else. */
export async function sweep(docker: Dockerode): Promise<readonly Leftover[]> {
  return removeAll(
    docker,
    (await leftovers(docker)).filter(({ owner }) => owner === 'dead'),
  );
}

/** Removes what a run left. Throws `docker.run-alive` when its process is there. */
export async function sweepRun(docker: Dockerode, runId: string): Promise<readonly Leftover[]> {
  const found = await leftovers(docker, runId);
  const alive = found.find(({ owner }) => owner === 'alive');
  if (alive) {
    throw new BoltgridError(
      'docker.run-alive',
      'user',
      `run ${runId} is running (process ${alive.pid ?? '?'})`,
      {
        hint: 'End it first.',
      },
    );
  }
  return removeAll(docker, found);
}

/** Removes what carries the run's label, whoever it belongs to. */
export async function removeRun(docker: Dockerode, runId: string): Promise<void> {
  await removeAll(docker, await leftovers(docker, runId));
}

async function removeAll(docker: Dockerode, all: readonly Leftover[]): Promise<readonly Leftover[]> {
  // Volumes and networks can be removed when no container has them any more.
  for (const kind of ['container', 'volume', 'network'] as const) {
    await Promise.all(all.filter((one) => one.kind === kind).map((one) => remove(docker, one)));
  }
  return all;
}

async function remove(docker: Dockerode, { kind, name }: Leftover): Promise<void> {
  await askGone(`removing ${kind} ${name}`, () => {
    switch (kind) {
      case 'container':
        return docker.getContainer(name).remove({ force: true, v: true });
      case 'volume':
        return docker.getVolume(name).remove({ force: true });
      case 'network':
        return docker.getNetwork(name).remove();
    }
  });
}

function leftover(kind: Leftover['kind'], name: string, labels: Labels | null | undefined): Leftover {
  const owner = ownerIn(labels ?? {});
  return {
    kind,
    name,
    runId: labels?.[RUN_LABEL] ?? '',
    owner: owner ? stateOf(owner) : 'unknown',
    pid: owner?.pid,
  };
}
