import { builtTag } from './build-inputs.ts';
import { found, type FoundImage, type ImageEngine } from './image-engine.ts';
import { publicReference, type ImagePlan } from './image-plan.ts';

/** The image that a version is run from, if it is here: the public one, or else the one that was built from what the folder holds now. */
export async function findImage(
  plan: ImagePlan,
  { images }: Pick<ImageEngine, 'images'>,
): Promise<FoundImage | undefined> {
  const reference = publicReference(plan);
  const pulled = reference === undefined ? undefined : await images.find(reference);
  if (reference !== undefined && pulled) return found(reference, pulled, 'public');
  if (!plan.image.build) return undefined;
  const tag = await builtTag(plan, plan.image.build);
  const built = await images.find(tag);
  return built && found(tag, built, 'built');
}
