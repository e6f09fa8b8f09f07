import type { ImageEngine } from '../../nodes/images/image-engine.ts';
import type { ImagePlan } from '../../nodes/images/image-plan.ts';
import type { Command } from '../command.ts';
import { printLines } from '../context.ts';
import { chooseImages, type ChosenImages } from '../images/choose.ts';
import type { ConnectImages } from '../images/engine.ts';
import { exitCodeOf } from '../images/jobs.ts';
import { makeJobs, possibleImages, type Way } from '../images/make-jobs.ts';
import { CA_OPTION, MAKE_OPTIONS, makeImages, type MakeOptions } from '../images/options.ts';
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
    const plans = await wanted(chosen, patterns, 'pull', engine);
    const jobs = await makeJobs('pull', plans, engine, context, options);
    return exitCodeOf(await makeImages(jobs, context, options));
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
    const engine = await connect();
    const plans = await wanted(chosen, patterns, 'build', engine);
    const jobs = await makeJobs('build', plans, engine, context, options);
    if (jobs.length === 0) printLines(context.stderr, ['Nothing of the matrix is built here.']);
    return exitCodeOf(await makeImages(jobs, context, options));
  },
});

/**
 * What is named is wanted, also where it cannot be had in this way: its job says so. `bitcoind` alone means those of its versions that
 * can, where any can.
 */
async function wanted(
  chosen: ChosenImages,
  patterns: readonly string[],
  way: Way,
  engine: ImageEngine,
): Promise<readonly ImagePlan[]> {
  if (patterns.length === 0) return possibleImages(chosen, way, engine);
  const chains = chosen.chains.filter(({ id, image }) => image[way] !== undefined || patterns.includes(id));
  return [...chosen.nodes, ...(chains.length > 0 ? chains : chosen.chains)];
}
