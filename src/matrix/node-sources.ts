import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, extname, join, resolve } from 'node:path';
import { BoltgridError } from '../core/error.ts';
import { DEFAULT_PROFILE, nodeId, parseNodeId, type NodeId } from '../core/ids.ts';
import { PACKAGE_ROOT } from '../core/package.ts';
import { loadChainManifest, type ChainManifest } from '../nodes/chain-manifest.ts';
import { imagePlansOfChain, type ImagePlan } from '../nodes/images/image-plan.ts';
import { loadManifest, loadManifests, type Manifest } from '../nodes/manifest.ts';
import { resolveNode, type NodePlan, type Substitute } from '../nodes/resolve.ts';
import { placeOf, presenceOf, type Here, type MissingImage, type NodePlace } from './here.ts';
import type { PlannedChain } from './plan.ts';

export const IMAGES_FOLDER = 'images';

export interface SourceNode {
  readonly plan: NodePlan;
  readonly manifestSha256: string;
  readonly place: NodePlace;
}

/** The bitcoind of Docker worlds, or why there is none. */
export type SourceChain = PlannedChain | { readonly reason: string; readonly missing?: MissingImage };

export interface Manifests {
  readonly nodes: ReadonlyMap<string, Manifest>;
  readonly chains: readonly ChainManifest[];
}

/** Those of the folders given, and those that come with boltgrid; the former may describe an implementation in another way. */
export function readManifests(folders: readonly string[]): Manifests {
  const all = [join(PACKAGE_ROOT, IMAGES_FOLDER), ...folders].filter((folder) => existsSync(folder));
  return {
    nodes: new Map(all.flatMap((folder) => [...loadManifests(folder)])),
    chains: [...all].reverse().flatMap(chainManifests),
  };
}

function chainManifests(folder: string): ChainManifest[] {
  return readdirSync(folder, { withFileTypes: true })
    .map(({ name }) => join(folder, name, 'chain.json'))
    .filter((file) => existsSync(file))
    .map(loadChainManifest);
}

export function knownNodes({ nodes }: Manifests): NodeId[] {
  return [...nodes.values()].flatMap(({ data: { implementation, versions, profiles } }) =>
    Object.keys(versions).flatMap((version) =>
      Object.keys(profiles).map((profile) => nodeId({ implementation, version, profile })),
    ),
  );
}

/** Throws `matrix.unknown-node` and what resolving throws (user). */
export async function sourceNode(
  { nodes }: Manifests,
  id: NodeId,
  here: Here,
  substitute: Substitute = {},
): Promise<SourceNode> {
  const { implementation = '', version = '', profile = DEFAULT_PROFILE } = parseNodeId(id) ?? {};
  const manifest = nodes.get(implementation);
  if (!manifest) throw new BoltgridError('matrix.unknown-node', 'user', `no manifest describes ${id}`);
  return sourceOf(resolveNode(manifest, version, profile, substitute), here);
}

async function sourceOf(plan: NodePlan, here: Here): Promise<SourceNode> {
  const manifestSha256 = createHash('sha256').update(readFileSync(plan.manifest.file)).digest('hex');
  return { plan, manifestSha256, place: await placeOf(plan, here) };
}

/**
 * The versions of bitcoind that there are, in the order in which they are looked for; `wanted` (`bitcoind@29.4`) names one. Throws
 * `matrix.unknown-chain` (user).
 */
export function chainImages(
  { chains }: Manifests,
  wanted: string | undefined,
): { readonly manifest: ChainManifest; readonly image: ImagePlan }[] {
  const found = chains.flatMap((manifest) =>
    imagePlansOfChain(manifest).map((image) => ({ manifest, image })),
  );
  const wantedOnes = found.filter(({ image }) => wanted === undefined || image.id === wanted);
  if (wantedOnes.length > 0) return wantedOnes;
  throw new BoltgridError(
    'matrix.unknown-chain',
    'user',
    `no chain.json describes ${wanted ?? 'a bitcoind'}`,
    { hint: `There are: ${found.map(({ image }) => image.id).join(', ') || 'none'}.` },
  );
}

/** The first one that is present. */
export async function sourceChain(images: ReturnType<typeof chainImages>, here: Here): Promise<SourceChain> {
  let last: SourceChain | undefined;
  for (const { manifest, image } of images) {
    const presence = await presenceOf(image, here);
    if ('image' in presence)
      return { manifest: manifest.file, version: image.version, image: presence.image };
    // The last one is the one to build: public images come first.
    last = presence;
  }
  return last ?? { reason: 'there is no bitcoind' };
}

/**
 * What `--node` may name beside the nodes of the matrix: `lnd@0.17.5` (a version that the manifest lets in), `lnd=IMAGE`,
 * `lnd@0.22=./lnd` (a program of this machine), `./my-node.json` (all its versions). `undefined`: a pattern over the matrix.
 */
export async function namedNodes(
  text: string,
  manifests: Manifests,
  cwd: string,
  here: Here,
): Promise<readonly SourceNode[] | undefined> {
  const given = /^([a-z][a-z0-9-]*)(?:@([0-9A-Za-z][0-9A-Za-z.-]*))?(?:\+([a-z][a-z0-9-]*))?=(.+)$/.exec(
    text,
  );
  if (given) {
    const [, implementation = '', version, profile = DEFAULT_PROFILE, what = ''] = given;
    const substitute = substituteOf(what, cwd);
    const name = { implementation, version: version ?? versionOf(what), profile };
    return [await sourceNode(manifests, nodeId(name), here, substitute)];
  }
  if (extname(text) === '.json') {
    const manifest = loadManifest(resolve(cwd, text));
    return Promise.all(
      Object.keys(manifest.data.versions).map((version) =>
        sourceOf(resolveNode(manifest, version, DEFAULT_PROFILE), here),
      ),
    );
  }
  const name = parseNodeId(text);
  const known = name && manifests.nodes.get(name.implementation);
  return name && known ? [await sourceOf(resolveNode(known, name.version, name.profile), here)] : undefined;
}

/** A path leads to a program; anything else is an image. */
function substituteOf(what: string, cwd: string): Substitute {
  if (!/^(\.{0,2}\/)/.test(what)) return { image: what };
  const program = resolve(cwd, what);
  if (existsSync(program)) return { program };
  throw new BoltgridError('select.no-program', 'user', `there is no program ${program}`);
}

/** The tag of an image, the name of a program. */
function versionOf(what: string): string {
  const tag = /:([^/:]+)$/.exec(what)?.[1] ?? basename(what);
  return tag.replace(/[^0-9A-Za-z.-]/g, '-').replace(/^[^0-9A-Za-z]+/, '') || 'own';
}
