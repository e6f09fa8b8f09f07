import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import { BoltgridError, messageOf } from '../core/error.ts';
import { RpcClient } from '../chain/rpc-client.ts';
import { ProgramLog } from '../runtime/log.ts';
import type { Program } from '../runtime/program.ts';
import type { Endpoint, Endpoints, Runtime } from '../runtime/runtime.ts';
import type { ChainManifest } from './chain-manifest.ts';
import { fillTemplate } from './control/template.ts';
import type { ImageIdentity } from './node.ts';
import { startProgram, writeFiles } from './program-life.ts';
import type { ChainAccess } from './start.ts';

export interface BitcoindOptions {
  readonly manifest: ChainManifest;
  readonly version: string;
  readonly image?: ImageIdentity;
  readonly runtime: Runtime;
  /** Unique within the run. */
  readonly name: string;
  readonly folder: string;
  readonly signal?: AbortSignal;
}

/** A bitcoind that boltgrid started, as boltgrid and as containers reach it. */
export interface RunningBitcoind {
  readonly fromHost: ChainAccess;
  readonly fromContainers: ChainAccess;
  readonly exited: Program['exited'];
  /** Makes (or finds) a wallet of its own for a node. */
  addWallet(name: string): Promise<void>;
  logTail(lines: number): readonly string[];
  stop(): Promise<void>;
}

const USER = 'boltgrid';
const GRACE_MS = 10_000;

/** Throws `chain.did-not-start` (set-up) with the end of its log. */
export async function startBitcoind(options: BitcoindOptions): Promise<RunningBitcoind> {
  const { manifest, version, image, runtime, name, folder, signal } = options;
  const { data } = manifest;
  const password = randomBytes(16).toString('hex');
  const log = new ProgramLog([password]);
  const place = await runtime.place({
    name,
    folder,
    ports: data.program.ports,
    mount: data.mount,
    ...(image && { image: image.reference }),
    ...(data.limits && { limits: JSON.parse(JSON.stringify(data.limits)) as object }),
  });
  const values = {
    version,
    node: { name, version, volume: place.volume, password },
    chain: { user: USER, password },
    listen: place.listen,
    announced: place.announced,
  };
  const fill = (text: string): string => fillTemplate(text, values);
  const [file, ...rest] = data.program.argv;
  const more = data.versions[version]?.argv ?? [];
  const env = Object.fromEntries(
    Object.entries(data.program.env ?? {}).map(([key, value]) => [key, fill(value)]),
  );
  try {
    await writeFiles(data.program, place, values);
    const { program, control } = await startProgram(
      {
        section: data.program,
        place,
        spec: { argv: [fill(file), ...[...rest, ...more].map(fill)], env, endsOn: 'signal' },
        log,
        values,
      },
      { deadlineMs: data.startMs, signal },
    );
    control.close();
    const fromHost = access(place.reached, password);
    const rpc = new RpcClient(fromHost);
    return {
      fromHost,
      fromContainers: access(place.announced, password),
      exited: program.exited,
      addWallet: async (wallet) => {
        await rpc.call('createwallet', [wallet], z.unknown());
      },
      logTail: (lines) => log.tail(lines),
      stop: async () => {
        await program.stop(GRACE_MS);
        await place.remove();
      },
    };
  } catch (cause) {
    await place.remove();
    if (signal?.aborted === true) throw cause;
    const tail = log.tail(20);
    throw new BoltgridError('chain.did-not-start', 'setup', `bitcoind did not start: ${messageOf(cause)}`, {
      hint: tail.length === 0 ? 'It wrote nothing to its log.' : `The end of its log:\n${tail.join('\n')}`,
      details: { log: tail },
      cause,
    });
  }
}

function access(ports: Endpoints, password: string): ChainAccess {
  const { host: rpcHost, port: rpcPort } = endpointOf(ports, 'rpc');
  const zmq = (name: string): string => {
    const { host, port } = endpointOf(ports, name);
    return `tcp://${host}:${port}`;
  };
  return {
    url: `http://${rpcHost}:${rpcPort}/`,
    user: USER,
    password,
    zmqBlock: zmq('zmq-block'),
    zmqTx: zmq('zmq-tx'),
  };
}

function endpointOf(ports: Endpoints, name: string): Endpoint {
  const endpoint = ports[name];
  if (endpoint) return endpoint;
  throw new BoltgridError('manifest.invalid', 'user', `a chain has a port ${JSON.stringify(name)}`);
}
