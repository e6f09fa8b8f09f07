import type { FoundImage, ImageEngine } from '../../nodes/images/image-engine.ts';
import type { ImagePlan } from '../../nodes/images/image-plan.ts';
import type { Command } from '../command.ts';
import { printLines } from '../context.ts';
import { chooseImages, type ChosenImages } from '../images/choose.ts';
import type { ConnectImages } from '../images/engine.ts';
import type { ImageJob, Made } from '../images/jobs.ts';
import { accessOf, CA_OPTION, MAKE_OPTIONS, makeImages, type MakeOptions } from '../images/options.ts';
import { MATRIX_OPTION, type ProjectOptions } from '../project.ts';

type Options = MakeOptions & ProjectOptions;

const NODES = { name: '[nodes...]', description: 'only these: lnd@0.21.2, or lnd for all its versions' };
const MISSING = { flags: '--missing', description: 'only what is not here, pulled or built (as without it)' };

export const pullCommand = (connect: ConnectImages): Command<Options> => ({
  name: 'pull',
  description: 'Pull the public images of the nodes and of the chain.',
  args: [NODES],
  options: [MISSING, ...MAKE_OPTIONS, MATRIX_OPTION],
  examples: [
    ['boltgrid images pull', 'all that the matrix names and that is not here'],
    ['boltgrid images pull cln --force', 'again, in case the tag has moved'],
  ],
  async run(context, patterns, options) {
    const chosen = await chooseImages(patterns, context, options);
    const engine = await connect();
    const { pullImage } = await import('../../nodes/images/pull-image.ts');
    const plans = await wanted(chosen, patterns, 'pull', engine);
    const jobs = plans.map((plan) =>
      job(plan, engine, options, async (onLine, signal) => {
        const image = await pullImage(plan, engine, { onLine, signal });
        return made('pulled', image);
      }),
    );
    return makeImages(jobs, context, options);
  },
});

export const buildCommand = (connect: ConnectImages): Command<Options> => ({
  name: 'build',
  description: 'Build the images of the nodes and of the chain on this machine.',
  args: [NODES],
  options: [MISSING, ...MAKE_OPTIONS, CA_OPTION, MATRIX_OPTION],
  examples: [
    ['boltgrid images build', 'all that the matrix names and that is not here'],
    ['boltgrid images build lnd@0.21.2 bitcoind', 'these alone'],
  ],
  async run(context, patterns, options) {
    const chosen = await chooseImages(patterns, context, options);
    const access = await accessOf(context, options);
    const engine = await connect();
    const { buildImage } = await import('../../nodes/images/build-image.ts');
    const plans = await wanted(chosen, patterns, 'build', engine);
    const jobs = plans.map((plan) =>
      job(plan, engine, options, async (onLine, signal) => {
        const force = options.force === true;
        return made('built', await buildImage(plan, engine, { access, onLine, signal, force }));
      }),
    );
    if (jobs.length === 0) printLines(context.stderr, ['Nothing of the matrix is built here.']);
    return makeImages(jobs, context, options);
  },
});

const made = (outcome: Made['outcome'], { reference, sizeBytes }: FoundImage): Made => ({
  outcome,
  reference,
  sizeBytes,
});

function job(plan: ImagePlan, engine: ImageEngine, { force }: MakeOptions, make: ImageJob['run']): ImageJob {
  return {
    id: plan.id,
    run: async (onLine, signal) => {
      const { findImage } = await import('../../nodes/images/find-image.ts');
      const here = force === true ? undefined : await findImage(plan, engine);
      return here ? made('present', here) : make(onLine, signal);
    },
  };
}

/**
 * What is named is wanted, also where it cannot be had in this way: its job says so. Without names all that can be had in this way; of
 * the chain one version is enough.
 */
async function wanted(
  { nodes, chains }: ChosenImages,
  patterns: readonly string[],
  way: 'pull' | 'build',
  engine: ImageEngine,
): Promise<readonly ImagePlan[]> {
  if (patterns.length > 0) return [...nodes, ...chains];
  const { findImage } = await import('../../nodes/images/find-image.ts');
  const possible = (plan: ImagePlan): boolean => plan.image[way] !== undefined;
  const here = await Promise.all(chains.map((plan) => findImage(plan, engine)));
  const chain = chains.find((_, index) => here[index] !== undefined) ?? chains.find(possible);
  return [...nodes.filter(possible), ...(chain ? [chain] : [])];
}
