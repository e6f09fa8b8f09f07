import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type Dockerode from 'dockerode';
import { BoltgridError } from '../../core/error.ts';
import { inTime } from '../deadline.ts';
import { absent, dockerError, notPermitted } from './errors.ts';

/** 20.10: the oldest engine with all that is used here. */
const OLDEST_API = '1.41';
const CONNECT_MS = 20_000;

export interface EngineVersion {
  readonly engine: string;
  readonly api: string;
  /** `Debian GNU/Linux 12 (bookworm)` */
  readonly system: string;
  readonly cpus: number;
  readonly memoryBytes: number;
  readonly builder: 'classic' | 'buildkit';
  /** Whether a small init can be put before a program, which then gets signals as any process does. */
  readonly hasInit: boolean;
  /** How and where (by the engine's own path) images and volumes are kept. */
  readonly storage: { readonly driver: string; readonly folder: string };
}

export interface Connection {
  readonly docker: Dockerode;
  readonly version: EngineVersion;
}

/**
 * Finds the engine as testcontainers does (DOCKER_HOST, the usual sockets, rootless and Docker Desktop), and the Docker context
 * besides. Throws `docker.absent`, `docker.not-permitted`, `docker.remote`, `docker.too-old`.
 */
export async function findEngine(): Promise<Connection> {
  const host = process.env.DOCKER_HOST ?? contextHost();
  if (host !== undefined) process.env.DOCKER_HOST = host; // The one way to tell it.
  const docker = await inTime('looking for Docker', CONNECT_MS, connectWithLibrary).catch(
    async (cause: unknown) => {
      throw await whyNot(host, cause);
    },
  );
  // The library goes on to the usual sockets: another engine than the one that was named is none.
  if (host !== undefined && !isEngineAt(docker, host)) throw await whyNot(host, undefined);
  mustBeLocal(docker);
  const [{ Version, ApiVersion, Components }, info] = await inTime('asking Docker', CONNECT_MS, () =>
    Promise.all([docker.version(), docker.info() as Promise<Info>]),
  ).catch((cause: unknown) => {
    throw dockerError('asking Docker', cause);
  });
  mustBeNew(Version, ApiVersion);
  return {
    docker,
    version: {
      engine: Version,
      api: ApiVersion,
      system: info.OperatingSystem,
      cpus: info.NCPU,
      memoryBytes: info.MemTotal,
      builder: builderOf(Version),
      hasInit: Components.some(({ Name }) => Name === 'docker-init'),
      storage: { driver: info.Driver, folder: info.DockerRootDir },
    },
  };
}

interface Info {
  readonly OperatingSystem: string;
  readonly NCPU: number;
  readonly MemTotal: number;
  readonly Driver: string;
  readonly DockerRootDir: string;
}

/** Only what finds the engine is loaded: the reaper of testcontainers is no part of it, and so can never be started. */
async function connectWithLibrary(): Promise<Dockerode> {
  // When we run in a container ourselves it would look for the host by running a container.
  process.env.TESTCONTAINERS_HOST_OVERRIDE ??= 'localhost';
  const { getContainerRuntimeClient } = await import('testcontainers/build/container-runtime/index.js');
  return (await getContainerRuntimeClient()).container.dockerode;
}

/** The socket of the Docker context that is in use, unless it is the default one. */
function contextHost(): string | undefined {
  const folder = process.env.DOCKER_CONFIG ?? join(homedir(), '.docker');
  const name = process.env.DOCKER_CONTEXT ?? readJson(join(folder, 'config.json')).currentContext;
  if (typeof name !== 'string' || name === '' || name === 'default') return undefined;
  const id = createHash('sha256').update(name).digest('hex');
  const meta = readJson(join(folder, 'contexts', 'meta', id, 'meta.json')) as {
    Endpoints?: { docker?: { Host?: unknown } };
  };
  const host = meta.Endpoints?.docker?.Host;
  return typeof host === 'string' ? host : undefined;
}

function readJson(file: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(readFileSync(file, 'utf8'));
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {}; // Without a readable file Docker uses the default context, too.
  }
}

async function whyNot(host: string | undefined, cause: unknown): Promise<BoltgridError> {
  const socket = host === undefined ? '/var/run/docker.sock' : host.replace(/^unix:\/\//, '');
  const failure = existsSync(socket) ? await connectFailure(socket) : undefined;
  return failure === 'EACCES' ? notPermitted(cause) : absent(cause);
}

function connectFailure(path: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    const socket = connect({ path });
    socket.once('connect', () => {
      socket.destroy();
      resolve(undefined);
    });
    socket.once('error', (error: NodeJS.ErrnoException) => {
      resolve(error.code);
    });
  });
}

function isEngineAt({ modem }: Dockerode, host: string): boolean {
  const { socketPath, host: name } = modem as { socketPath?: unknown; host?: string };
  if (!URL.canParse(host)) return false;
  const { hostname, pathname } = new URL(host);
  return hostname === '' ? socketPath === pathname : name === hostname;
}

function mustBeLocal({ modem }: Dockerode): void {
  const { socketPath, host } = modem as { socketPath?: unknown; host?: string };
  if (socketPath !== undefined || /^(localhost|127\.|\[?::1)/.test(host ?? '')) return;
  throw new BoltgridError(
    'docker.remote',
    'setup',
    `the Docker engine is on another machine (${host ?? '?'})`,
    {
      hint: 'Nodes are reached on 127.0.0.1: run boltgrid on that machine, or unset DOCKER_HOST.',
    },
  );
}

function mustBeNew(engine: string, api: string): void {
  const [major = 0, minor = 0] = api.split('.').map(Number);
  const [oldestMajor = 0, oldestMinor = 0] = OLDEST_API.split('.').map(Number);
  if (major > oldestMajor || (major === oldestMajor && minor >= oldestMinor)) return;
  throw new BoltgridError(
    'docker.too-old',
    'setup',
    `Docker ${engine} is too old (version ${api} of its API)`,
    {
      hint: `Version ${OLDEST_API} is needed: Docker 20.10 or newer.`,
    },
  );
}

/** As the engine's own command line chooses: BuildKit from 23.0 on, unless DOCKER_BUILDKIT says otherwise. */
function builderOf(engine: string): EngineVersion['builder'] {
  const asked = process.env.DOCKER_BUILDKIT;
  if (asked !== undefined && asked !== '') return asked === '0' ? 'classic' : 'buildkit';
  return Number(engine.split('.')[0]) >= 23 ? 'buildkit' : 'classic';
}
