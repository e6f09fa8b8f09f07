import { BoltgridError } from '../../core/error.ts';
import type { HostAccess } from '../../nodes/images/host-access.ts';
import type { OptionSpec } from '../command.ts';
import type { CliContext } from '../context.ts';
import { coloursFor, printJson, printLines } from '../context.ts';
import { resultLines, resultsJson, runJobs, type ImageJob, type JobResult } from './jobs.ts';

/** What the commands that make images have in common. */
export interface MakeOptions {
  readonly force?: true;
  readonly jobs?: number;
  readonly ca?: string;
  readonly json?: true;
  readonly verbose?: true;
}

const MAX_JOBS = 32;
const DEFAULT_JOBS = 2;

export const MAKE_OPTIONS: readonly OptionSpec[] = [
  { flags: '--force', description: 'also what is here already' },
  { flags: '--jobs <n>', description: `how many at a time (${DEFAULT_JOBS})`, parse: parseJobs },
  { flags: '--json', description: 'what became of each as JSON; progress goes to stderr' },
  { flags: '--verbose', description: 'all that is printed meanwhile, and where errors come from' },
];

export const CA_OPTION: OptionSpec = {
  flags: '--ca <file>',
  description: 'the certificates that builds are to trust, as PEM (what SSL_CERT_FILE names)',
};

function parseJobs(text: string): number {
  const jobs = Number(text);
  if (Number.isInteger(jobs) && jobs >= 1 && jobs <= MAX_JOBS) return jobs;
  throw new BoltgridError('cli.usage', 'user', `--jobs wants a whole number from 1 to ${MAX_JOBS}`);
}

export async function accessOf(context: CliContext, { ca }: MakeOptions): Promise<HostAccess> {
  const { hostAccess } = await import('../../nodes/images/host-access.ts');
  return hostAccess(context.env, context.cwd, ca);
}

/** Does all of it, and says what became of each. */
export async function makeImages(
  jobs: readonly ImageJob[],
  context: CliContext,
  options: MakeOptions,
): Promise<readonly JobResult[]> {
  const output = options.json ? context.stderr : context.stdout;
  const colours = coloursFor(output, context.env);
  const results = await runJobs(jobs, {
    output,
    colours,
    limit: options.jobs ?? DEFAULT_JOBS,
    signal: context.signal,
    verbose: options.verbose === true,
    now: () => performance.now(),
  });
  if (options.json) printJson(context.stdout, resultsJson(results));
  else printLines(context.stdout, resultLines(results, colours));
  return results;
}
