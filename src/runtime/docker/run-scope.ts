import { createServer } from 'node:net';
import type Dockerode from 'dockerode';
import type { ProcessIdentity } from '../../core/process-identity.ts';
import type { Place, Runtime } from '../runtime.ts';
import type { EngineVersion } from './connect.ts';
import { ask } from './errors.ts';
import { labelsOf } from './labels.ts';
import { DockerPlace } from './place.ts';
import { nameIn, type Run, type RunData } from './run.ts';
import { removeRun } from './sweep.ts';

/** What of Docker one run uses. */
export interface RunScope {
  /** For `Engine.joinRun` in another process. */
  readonly data: RunData;
  runtime(): Runtime;
  /** Removes all that carries the run's label; of a scope that joined, what was made through it. Idempotent. */
  close(): Promise<void>;
}

/** Makes the run's network. Throws `docker.no-addresses`. */
export async function openScope(
  docker: Dockerode,
  version: EngineVersion,
  { runId, owner }: { runId: string; owner: ProcessIdentity },
): Promise<RunScope> {
  const name = nameIn(runId, 'net');
  const labels = labelsOf(runId, owner);
  const network = await ask(`making the network of run ${runId}`, () =>
    docker.createNetwork({
      Name: name,
      Driver: 'bridge',
      CheckDuplicate: true,
      Labels: { ...labels },
      // Wherever a port is published without an address, it is on loopback.
      Options: { 'com.docker.network.bridge.host_binding_ipv4': '127.0.0.1' },
    }),
  );
  const { IPAM } = await ask(`inspecting the network of run ${runId}`, () => network.inspect());
  const gateway = IPAM?.Config?.[0]?.Gateway;
  const isOurs = gateway !== undefined && (await canListenOn(gateway));
  const data: RunData = {
    runId,
    owner,
    network: { id: network.id, name },
    // Where containers run in a virtual machine (Docker Desktop, rootless) the bridge is not one of ours: a name leads back.
    back: isOurs ? { listen: gateway, dial: gateway } : { listen: '127.0.0.1', dial: 'host.docker.internal' },
    needsHostName: !isOurs,
  };
  const scope = joinScope(docker, version, data);
  return {
    ...scope,
    close: async () => {
      try {
        await scope.close();
      } finally {
        await removeRun(docker, runId);
      }
    },
  };
}

export function joinScope(docker: Dockerode, version: EngineVersion, data: RunData): RunScope {
  const run: Run = {
    docker,
    data,
    labels: labelsOf(data.runId, data.owner),
    hasInit: version.hasInit,
  };
  const runtime = dockerRuntime(run);
  return { data, runtime: () => runtime, close: () => runtime.close() };
}

function dockerRuntime(run: Run): Runtime {
  const places = new Set<Place>();
  return {
    kind: 'docker',
    back: run.data.back,
    place: async (spec) => {
      const place = await DockerPlace.make(run, spec);
      places.add(place);
      return place;
    },
    close: async () => {
      await Promise.all([...places].map((place) => place.remove()));
      places.clear();
    },
  };
}

function canListenOn(host: string): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => {
      resolve(false);
    });
    server.listen({ host, port: 0 }, () => {
      server.close(() => {
        resolve(true);
      });
    });
  });
}
