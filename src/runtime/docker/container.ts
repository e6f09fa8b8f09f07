import type Dockerode from 'dockerode';
import { BoltgridError } from '../../core/error.ts';
import type { ProgramSpec } from '../program.ts';
import type { Endpoint, Endpoints, PlaceSpec } from '../runtime.ts';
import type { Run } from './run.ts';

/** On every machine, however little a manifest says of its node. */
const DEFAULT_MEMORY_MB = 2048;
const DEFAULT_PIDS = 1024;
const LOOPBACK = '127.0.0.1';

export interface ContainerSpec {
  readonly place: PlaceSpec;
  readonly name: string;
  readonly image: string;
  readonly volume: string;
  readonly mount: string;
  /** Whether a new volume begins with what the image has at the mount point. */
  readonly copyImageFiles: boolean;
}

/** A container that is never started: files go in and out of its volume. */
export const fileContainer = (run: Run, spec: ContainerSpec): Dockerode.ContainerCreateOptions => ({
  ...common(run, spec),
  Entrypoint: ['/never-run'],
  HostConfig: { ...hostConfig(spec), NetworkMode: 'none' },
});

/** The container of a program. `published`: host ports from an earlier start; Docker chooses when there are none. */
export function programContainer(
  run: Run,
  spec: ContainerSpec,
  program: ProgramSpec,
  published: Endpoints,
): Dockerode.ContainerCreateOptions {
  const ports = Object.entries(spec.place.ports);
  const hasInput = program.endsOn === 'input';
  return {
    ...common(run, spec),
    Entrypoint: [...program.argv],
    Env: Object.entries(program.env).map(([name, value]) => `${name}=${value}`),
    AttachStdin: hasInput,
    AttachStdout: true,
    AttachStderr: true,
    OpenStdin: hasInput,
    StdinOnce: hasInput,
    ExposedPorts: Object.fromEntries(ports.map(([, port]) => [`${port}/tcp`, {}])),
    HostConfig: {
      ...hostConfig(spec),
      Init: run.hasInit,
      NetworkMode: run.data.network.name,
      PortBindings: Object.fromEntries(
        ports.map(([name, port]) => [
          `${port}/tcp`,
          [{ HostIp: LOOPBACK, HostPort: String(published[name]?.port ?? '') }],
        ]),
      ),
      ...(run.data.needsHostName && { ExtraHosts: [`${run.data.back.dial}:host-gateway`] }),
    },
    NetworkingConfig: { EndpointsConfig: { [run.data.network.name]: { Aliases: [spec.place.name] } } },
  };
}

function common(run: Run, { name, image, mount }: ContainerSpec): Dockerode.ContainerCreateOptions {
  return {
    name,
    Image: image,
    Cmd: [],
    WorkingDir: mount,
    Labels: { ...run.labels },
    Tty: false,
    Healthcheck: { Test: ['NONE'] },
  };
}

function hostConfig({ place, volume, mount, copyImageFiles }: ContainerSpec): Dockerode.HostConfig {
  const { memoryMb = DEFAULT_MEMORY_MB, cpus, pids = DEFAULT_PIDS, capabilities = [] } = place.limits ?? {};
  const memory = memoryMb * 1024 * 1024;
  return {
    Mounts: [
      {
        Type: 'volume',
        Source: volume,
        Target: mount,
        ...(!copyImageFiles && {
          VolumeOptions: { NoCopy: true, Labels: {}, DriverConfig: { Name: 'local', Options: {} } },
        }),
      },
    ],
    CapDrop: ['ALL'],
    CapAdd: [...capabilities],
    SecurityOpt: ['no-new-privileges'],
    Privileged: false,
    Memory: memory,
    MemorySwap: memory,
    PidsLimit: pids,
    ...(cpus !== undefined && { NanoCpus: Math.round(cpus * 1e9) }),
    // Its output is read as it comes, and never kept by the engine.
    LogConfig: { Type: 'none', Config: {} },
    RestartPolicy: { Name: 'no' },
  };
}

/**
 * Where a running container is reached, having seen that nothing else reaches it: bound to loopback, on the run's network only.
 * Throws `runtime.exposed`.
 */
export function publishedPorts(
  run: Run,
  place: PlaceSpec,
  { NetworkSettings, HostConfig }: Dockerode.ContainerInspectInfo,
): Endpoints {
  const wrong: string[] = [];
  const networks = Object.keys(NetworkSettings.Networks);
  if (networks.length !== 1 || networks[0] !== run.data.network.name) {
    wrong.push(`networks ${networks.join(', ')}`);
  }
  if (HostConfig.Privileged === true) wrong.push('privileged');
  const wanted = new Map(Object.entries(place.ports).map(([name, port]) => [`${port}/tcp`, name]));
  const found: [string, Endpoint][] = [];
  const all = NetworkSettings.Ports as Record<string, { HostIp: string; HostPort: string }[] | null>;
  for (const [port, bindings] of Object.entries(all)) {
    const name = wanted.get(port);
    for (const { HostIp, HostPort } of bindings ?? []) {
      if (name === undefined || HostIp !== LOOPBACK) wrong.push(`${HostIp}:${HostPort} for ${port}`);
      else found.push([name, { host: LOOPBACK, port: Number(HostPort) }]);
    }
  }
  if (wrong.length > 0) {
    throw new BoltgridError(
      'runtime.exposed',
      'setup',
      `${place.name} is open to more than this machine: ${wrong.join('; ')}`,
      {
        hint: 'Look into the configuration of the Docker engine: it publishes more than it was asked for.',
        details: { wrong },
      },
    );
  }
  return Object.fromEntries(found);
}
