import type { FoundImage, ImageEngine } from '../../nodes/images/image-engine.ts';
import type { ImagePlan } from '../../nodes/images/image-plan.ts';
import type { CliContext } from '../context.ts';
import type { ChosenImages } from './choose.ts';
import type { ImageJob, Made } from './jobs.ts';
import { accessOf, type MakeOptions } from './options.ts';

export type Way = 'pull' | 'build';

/** A job for each image that is to be had in this way; what is here already is only told, unless forced. */
export async function makeJobs(
  way: Way,
  plans: readonly ImagePlan[],
  engine: ImageEngine,
  context: CliContext,
  options: MakeOptions,
): Promise<readonly ImageJob[]> {
  const make = way === 'pull' ? await pulling(engine) : await building(engine, context, options);
  return plans.map((plan) => ({
    id: plan.id,
    run: async (onLine, signal) => {
      const { findImage } = await import('../../nodes/images/find-image.ts');
      const here = options.force === true ? undefined : await findImage(plan, engine);
      return here ? made('present', here) : make(plan, onLine, signal);
    },
  }));
}

type Make = (plan: ImagePlan, ...run: Parameters<ImageJob['run']>) => Promise<Made>;

async function pulling(engine: ImageEngine): Promise<Make> {
  const { pullImage } = await import('../../nodes/images/pull-image.ts');
  return async (plan, onLine, signal) => made('pulled', await pullImage(plan, engine, { onLine, signal }));
}

async function building(engine: ImageEngine, context: CliContext, options: MakeOptions): Promise<Make> {
  const access = await accessOf(context, options);
  const { buildImage } = await import('../../nodes/images/build-image.ts');
  const force = options.force === true;
  return async (plan, onLine, signal) =>
    made('built', await buildImage(plan, engine, { access, onLine, signal, force }));
}

const made = (outcome: Made['outcome'], { reference, sizeBytes }: FoundImage): Made => ({
  outcome,
  reference,
  sizeBytes,
});

/** All that can be had in this way; of the chain one version is enough. */
export async function possibleImages(
  { nodes, chains }: ChosenImages,
  way: Way,
  engine: ImageEngine,
): Promise<readonly ImagePlan[]> {
  const { findImage } = await import('../../nodes/images/find-image.ts');
  const possible = (plan: ImagePlan): boolean => plan.image[way] !== undefined;
  const here = await Promise.all(chains.map((plan) => findImage(plan, engine)));
  const chain = chains.find((_, index) => here[index] !== undefined) ?? chains.find(possible);
  return [...nodes.filter(possible), ...(chain ? [chain] : [])];
}
