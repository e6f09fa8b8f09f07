import { randomBytes } from 'node:crypto';
import { mkdir, readFile } from 'node:fs/promises';
import type { RpcEndpoint } from '../chain/chain.ts';
import { toHex } from '../core/bytes.ts';
import { BoltgridError, messageOf } from '../core/error.ts';
import { ProgramLog } from '../runtime/log.ts';
import type { ProgramSpec } from '../runtime/program.ts';
import type { Place, PlaceSpec, Runtime } from '../runtime/runtime.ts';
import type { Values } from './control/control.ts';
import { fillTemplate } from './control/template.ts';
import { launchDriver } from './driver-life.ts';
import { DRIVER_PROTOCOL } from './driver-protocol.ts';
import { DRIVER_FILE, driverProgram, inheritedEnvironment } from './driver-program.ts';
import type { Launch } from './life.ts';
import { ManagedNode } from './managed-node.ts';
import type { ProgramSection } from './manifest-values.ts';
import type { ImageIdentity, NodeIdentity, RunningNode } from './node.ts';
import { folderHash, packageFolder } from './package.ts';
import { launchProgram, writeFiles } from './program-life.ts';
import type { NodePlan } from './resolve.ts';

/** bitcoind (or the memory chain) as the node's program reaches it. */
export interface ChainAccess extends RpcEndpoint {
  readonly zmqBlock?: string;
  readonly zmqTx?: string;
  /** A wallet of bitcoind that is this node's alone. */
  readonly wallet?: string;
}

export interface StartOptions {
  readonly plan: NodePlan;
  readonly runtime: Runtime;
  /** What the container is made from, where the runtime is Docker. */
  readonly image?: ImageIdentity;
  /** Unique within the run. */
  readonly name: string;
  /** The node's own folder on this machine. */
  readonly folder: string;
  /** Not needed by a node whose manifest says `needs.chain: none`. */
  readonly chain?: ChainAccess;
  readonly electrum?: { readonly host: string; readonly port: number };
  /** 32 bytes: where the program can be given one, the same seed is the same node. */
  readonly seed: Uint8Array;
  readonly signal?: AbortSignal;
  /** The manifest's `timing.startMs` when not given. */
  readonly deadlineMs?: number;
}

/**
 * Starts a node and waits until it can be used. Throws `node.did-not-start` (blame `setup`, with the end of its log),
 * `node.package-absent`, `node.driver-broken`, or what aborted it.
 */
export async function startNode(options: StartOptions): Promise<RunningNode> {
  const { plan, runtime, signal } = options;
  await mkdir(options.folder, { recursive: true, mode: 0o700 });
  const password = randomBytes(16).toString('hex');
  const log = new ProgramLog([password, ...(options.chain ? [options.chain.password] : [])]);
  signal?.throwIfAborted();
  const place = await runtime.place(placeSpec(options));
  try {
    const { launch, argv } = await prepare(options, place, log, password);
    const mask = (word: string): string =>
      [password, options.chain?.password ?? password].reduce(
        (text, secret) => text.replaceAll(secret, '***'),
        word,
      );
    return await ManagedNode.start(
      {
        plan,
        place,
        back: runtime.back,
        log,
        launch,
        build: await buildOf(options, place),
        made: { ...imageOf(options), argv: argv.map(mask) },
      },
      { deadlineMs: options.deadlineMs ?? plan.timing.startMs, signal },
    );
  } catch (cause) {
    await place.remove();
    if (signal?.aborted === true) throw cause;
    const tail = log.tail(20);
    throw new BoltgridError('node.did-not-start', 'setup', `${plan.id} did not start: ${messageOf(cause)}`, {
      hint: tail.length === 0 ? 'It wrote nothing to its log.' : `The end of its log:\n${tail.join('\n')}`,
      details: { node: plan.id, log: tail, ...(cause instanceof BoltgridError && { code: cause.code }) },
      cause,
    });
  }
}

function placeSpec({ plan, runtime, image, name, folder }: StartOptions): PlaceSpec {
  const { run, mount, limits } = plan.manifest.data;
  const ports = 'program' in run ? run.program.ports : runtime.kind === 'docker' ? { p2p: run.port } : {};
  return {
    name,
    ports,
    folder,
    mount,
    ...(image && { image: image.reference }),
    ...(limits && { limits: definedOf(limits) }),
  };
}

interface Prepared {
  readonly launch: Launch;
  readonly argv: readonly string[];
}

async function prepare(
  options: StartOptions,
  place: Place,
  log: ProgramLog,
  password: string,
): Promise<Prepared> {
  const { plan, runtime, chain, seed } = options;
  const { run } = plan.manifest.data;
  if ('program' in run) {
    const values = valuesFor(options, place, password);
    const spec = programSpec(run.program, plan, values);
    await writeFiles(run.program, place, values);
    const parts = { section: run.program, place, spec, log, values, recipes: plan.recipes };
    return { launch: launchProgram(parts), argv: spec.argv };
  }
  const { argv, env, packagePath, bundle } = await driverProgram(plan, runtime.kind, place.volume);
  if (bundle !== undefined) await place.writeFile(DRIVER_FILE, await readFile(bundle));
  const spec: ProgramSpec = { argv, env, endsOn: 'input' };
  const launch = launchDriver({
    place,
    host: runtime.back.listen,
    spec,
    log,
    start: {
      protocol: DRIVER_PROTOCOL,
      network: 'regtest',
      seed: toHex(seed),
      folder: place.volume,
      ...(chain && { chain: { url: chain.url, user: chain.user, password: chain.password } }),
      ...(packagePath !== undefined && { package: packagePath }),
      settings: plan.settings,
    },
  });
  return { launch, argv };
}

function valuesFor(
  { plan, chain, electrum, name, seed }: StartOptions,
  place: Place,
  password: string,
): Values {
  const { implementation, version, profile, settings } = plan;
  return {
    version,
    node: {
      implementation,
      version,
      profile,
      name,
      alias: name.slice(0, 32),
      seed: toHex(seed),
      password,
      volume: place.volume,
      settings,
    },
    listen: place.listen,
    announced: place.announced,
    ...(chain && { chain: { ...chain, ...hostAndPort(chain.url) } }),
    ...(electrum && { electrum }),
  };
}

function programSpec(section: ProgramSection, plan: NodePlan, values: Values): ProgramSpec {
  const [file, ...rest] = section.argv;
  const own = plan.substitute.program;
  const fill = (text: string): string => fillTemplate(text, values);
  const env = Object.entries({ ...section.env, ...plan.env }).map(([name, value]) => [name, fill(value)]);
  return {
    argv: [own ?? fill(file), ...[...rest, ...plan.argv].map(fill)],
    env: { ...(own !== undefined && inheritedEnvironment()), ...(Object.fromEntries(env) as object) },
    endsOn: 'signal',
  };
}

async function buildOf({ plan, image }: StartOptions, place: Place): Promise<string> {
  if (image) return image.digest;
  if (place.build !== undefined) return place.build;
  const folder =
    plan.package === undefined ? plan.manifest.folder : packageFolder(plan.package, plan.manifest.folder);
  return folderHash(folder);
}

const imageOf = ({ image }: StartOptions): Pick<NodeIdentity, 'image'> =>
  image ? { image: { reference: image.reference, digest: image.digest } } : {};

const definedOf = <T extends object>(object: T): { [K in keyof T]: NonNullable<T[K]> } =>
  Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined)) as never;

function hostAndPort(url: string): { readonly host: string; readonly port: number } {
  const { hostname, port } = new URL(url);
  return { host: hostname, port: Number(port) };
}
