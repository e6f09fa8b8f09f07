import { basename } from 'node:path';
import type { ChainManifest } from '../chain-manifest.ts';
import { fillTemplate } from '../control/template.ts';
import type { BuildSpec, ImageSpec } from '../manifest-values.ts';
import type { NodePlan } from '../resolve.ts';

/** All that is asked about the image of one version of a node or chain. */
export interface ImagePlan {
  /** For people: `lnd@0.21.2`, `bitcoind@29.4`. */
  readonly id: string;
  /** Implementation, or the name of a chain. */
  readonly implementation: string;
  readonly version: string;
  /** Of the manifest, absolute. */
  readonly folder: string;
  /** File name of the manifest: it is no part of a build. */
  readonly manifestName: string;
  readonly image: ImageSpec;
}

/** `undefined` when the node has no image. An image that the user named stands for all that the manifest says. */
export function imagePlanOfNode(plan: NodePlan): ImagePlan | undefined {
  const { manifest, implementation, version, substitute } = plan;
  const image: ImageSpec | undefined =
    substitute.image === undefined ? plan.image : { pull: escapeTemplate(substitute.image) };
  if (!image) return undefined;
  const id = `${implementation}@${version}`;
  return {
    id,
    implementation,
    version,
    folder: manifest.folder,
    manifestName: basename(manifest.file),
    image,
  };
}

/** The images of a chain's versions, in the order of the manifest: the first that is present is used. */
export function imagePlansOfChain({ data, file, folder }: ChainManifest): ImagePlan[] {
  return Object.entries(data.versions).flatMap(([version, release]) => {
    const image = release.image ?? data.image;
    if (!image) return [];
    const id = `${data.name}@${version}`;
    return [{ id, implementation: data.name, version, folder, manifestName: basename(file), image }];
  });
}

/** `lightninglabs/lnd:v0.21.2-beta`; `undefined` when the manifest names none. */
export const publicReference = ({ image, version }: ImagePlan): string | undefined =>
  image.pull === undefined ? undefined : fillTemplate(image.pull, imageValues(version));

/** Build arguments as they are handed over, but for BASE and those of proxies. */
export const buildArguments = (version: string, { args = {} }: BuildSpec): Record<string, string> =>
  Object.fromEntries(
    Object.entries(args).map(([name, value]) => [name, fillTemplate(value, imageValues(version))]),
  );

/** What templates about images may name. */
export const imageValues = (version: string): { version: string; node: { version: string } } => ({
  version,
  node: { version },
});

const escapeTemplate = (text: string): string => text.replaceAll('{', '{{');
