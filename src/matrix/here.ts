import { BoltgridError, isBoltgridError } from '../core/error.ts';
import { findImage } from '../nodes/images/find-image.ts';
import { imagePlanOfNode, publicReference, type ImagePlan } from '../nodes/images/image-plan.ts';
import type { ImageIdentity } from '../nodes/node.ts';
import { packageFolder } from '../nodes/package.ts';
import type { NodePlan } from '../nodes/resolve.ts';
import { connectEngine, type Engine } from '../runtime/docker/engine.ts';

/** What this machine has for running nodes. */
export interface Here {
  /** Docker, or why it cannot be used. */
  engine(): Promise<Engine | BoltgridError>;
  /** Why an image could not be had just now, by its id. */
  readonly failures: ReadonlyMap<string, string>;
}

/** Docker is looked for when it is first asked about. */
export function lookHere(failures: Here['failures'] = new Map()): Here {
  let engine: Promise<Engine | BoltgridError> | undefined;
  return {
    failures,
    engine: () => {
      engine ??= connectEngine().catch((error: unknown) => {
        if (isBoltgridError(error)) return error;
        throw error;
      });
      return engine;
    },
  };
}

/** For who only wants to know what there is: Docker is not asked. */
export const askNothing = (): Here => ({
  failures: new Map(),
  engine: () =>
    Promise.resolve(new BoltgridError('docker.not-asked', 'setup', 'Docker was not asked about it')),
});

/** How a node can be had where its image is not present. */
export interface MissingImage {
  /** `lnd@0.21.2`, as `boltgrid images` knows it. */
  readonly id: string;
  /** The public image. */
  readonly pull?: string;
  /** What building it costs. */
  readonly build?: string;
}

export type Presence =
  { readonly image: ImageIdentity } | { readonly reason: string; readonly missing?: MissingImage };

/** The image of a plan on this machine, or why there is none. */
export async function presenceOf(image: ImagePlan, here: Here): Promise<Presence> {
  const engine = await here.engine();
  if (engine instanceof BoltgridError) return { reason: engine.message };
  const found = await findImage(image, engine);
  if (found) return { image: { reference: found.reference, digest: found.digest } };
  const pull = publicReference(image);
  const build = image.image.build?.cost;
  const missing = {
    id: image.id,
    ...(pull !== undefined && { pull }),
    ...(build !== undefined && { build }),
  };
  return { reason: `there is no image of ${image.id} on this machine`, missing };
}

/** How one node can run here. */
export interface NodePlace {
  /** As a process on a memory chain; else why not. */
  readonly embedded: true | string;
  /**
   * In a world in Docker: in a container, or as a process beside containers (without `image`); or it will fail to start, since its image
   * could not be had; else why not.
   */
  readonly inDocker: { readonly image?: ImageIdentity; readonly failure?: string } | string;
  readonly missing?: MissingImage;
}

export async function placeOf(plan: NodePlan, here: Here): Promise<NodePlace> {
  const process = whyNoProcess(plan);
  const { chain } = plan.manifest.data.needs;
  const chainFits = chain === 'memory' || chain === 'none';
  const embedded = chainFits ? (process ?? true) : `it needs ${CHAINS[chain]}`;
  const image = imagePlanOfNode(plan);
  const own = plan.substitute.program !== undefined;
  // Only where it matters is Docker asked.
  if (!image || own) return { embedded, inDocker: process ?? {} };
  const presence = await presenceOf(image, here);
  if ('image' in presence) return { embedded, inDocker: { image: presence.image } };
  const failure = here.failures.get(image.id);
  if (failure !== undefined) return { embedded, inDocker: { failure } };
  const inDocker = chainFits && process === undefined ? {} : presence.reason;
  return { embedded, inDocker, ...(presence.missing && { missing: presence.missing }) };
}

const CHAINS = { bitcoind: 'a real bitcoind', electrum: 'an Electrum server' } as const;

/** Why a node cannot be a process of this machine. */
function whyNoProcess(plan: NodePlan): string | undefined {
  const { run } = plan.manifest.data;
  if (plan.substitute.program !== undefined) return undefined;
  if (plan.substitute.image !== undefined || 'program' in run) return `${plan.id} runs in a container`;
  if (plan.image && !('bundle' in run.driver)) return `${plan.id} runs in a container`;
  if (plan.package === undefined) return undefined;
  try {
    packageFolder(plan.package, plan.manifest.folder);
    return undefined;
  } catch (error) {
    if (isBoltgridError(error)) return error.message;
    throw error;
  }
}
