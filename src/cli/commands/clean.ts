import { messageOf } from '../../core/error.ts';
import type { Engine } from '../../runtime/docker/engine.ts';
import type { Leftover } from '../../runtime/docker/sweep.ts';
import type { Command } from '../command.ts';
import { EXIT } from '../command.ts';
import { coloursFor, printJson, printLines } from '../context.ts';
import { megabytes } from '../images/table.ts';

interface CleanOptions {
  readonly run?: string;
  readonly allImages?: true;
  readonly dryRun?: true;
  readonly json?: true;
}

/** The part of the engine that is cleaned. */
export interface CleanEngine extends Pick<Engine, 'sweep' | 'sweepRun' | 'leftovers'> {
  readonly images: Pick<Engine['images'], 'list' | 'remove'>;
}

interface Cleaned {
  /** What was removed, or with `--dry-run` would be. */
  readonly removed: readonly Leftover[];
  /** What belongs to runs that go on, or to nobody knows whom. */
  readonly left: readonly Leftover[];
  readonly images: readonly {
    readonly reference: string;
    readonly sizeBytes: number;
    readonly error?: string;
  }[];
}

/** The command around an engine: tests give one of their own. */
export const cleanCommand = (connect: () => Promise<CleanEngine>): Command<CleanOptions> => ({
  name: 'clean',
  description: 'Remove from Docker what runs left behind that have ended.',
  options: [
    {
      flags: '--run <id>',
      description: 'what this run left, also where nobody can tell whether it goes on (another machine)',
    },
    {
      flags: '--all-images',
      description: 'also all images that boltgrid made: they are built again when needed',
    },
    { flags: '--dry-run', description: 'only say what would go' },
    { flags: '--json', description: 'removed[], left[] and images[] as JSON' },
  ],
  examples: [
    ['boltgrid clean', 'containers, volumes and networks of runs whose process has ended'],
    ['boltgrid clean --all-images --dry-run', 'what the images of boltgrid take'],
  ],
  async run(context, _, options) {
    const cleaned = await clean(await connect(), options);
    if (options.json) printJson(context.stdout, cleaned);
    else
      printLines(context.stdout, cleanedLines(cleaned, options, coloursFor(context.stdout, context.env).dim));
    return cleaned.images.some(({ error }) => error !== undefined) ? EXIT.red : EXIT.ok;
  },
});

const connectHere = async (): Promise<CleanEngine> =>
  (await import('../../runtime/docker/engine.ts')).connectEngine();

export default cleanCommand(connectHere);

async function clean(engine: CleanEngine, { run, allImages, dryRun }: CleanOptions): Promise<Cleaned> {
  const all = await engine.leftovers();
  const goes = ({ owner, runId }: Leftover): boolean =>
    run === undefined ? owner === 'dead' : runId === run && owner !== 'alive';
  const removed = dryRun
    ? all.filter(goes)
    : await (run === undefined ? engine.sweep() : engine.sweepRun(run));
  const names = new Set(removed.map(nameOf));
  return {
    removed,
    left: all.filter((one) => !names.has(nameOf(one))),
    images: allImages ? await cleanImages(engine, dryRun === true) : [],
  };
}

async function cleanImages({ images }: CleanEngine, dryRun: boolean): Promise<Cleaned['images']> {
  const all = (await images.list('boltgrid/')).map(({ reference, sizeBytes }) => ({ reference, sizeBytes }));
  if (dryRun) return all;
  const done: Cleaned['images'][number][] = [];
  for (const image of all) {
    try {
      await images.remove(image.reference);
      done.push(image);
    } catch (error) {
      done.push({ ...image, error: messageOf(error) }); // A container has it; the others can go.
    }
  }
  return done;
}

const nameOf = ({ kind, name }: Leftover): string => `${kind} ${name}`;

function cleanedLines(
  { removed, left, images }: Cleaned,
  { dryRun }: CleanOptions,
  dim: (text: string) => string,
): string[] {
  const verb = dryRun ? 'would remove' : 'removed';
  const lines = [
    ...removed.map((one) => `${verb} ${nameOf(one)}  ${dim(`run ${one.runId}`)}`),
    ...images.map(({ reference, sizeBytes, error }) =>
      error === undefined
        ? `${verb} image ${reference}  ${dim(megabytes(sizeBytes))}`
        : `left image ${reference}: ${error}`,
    ),
    ...left.map((one) => `left ${nameOf(one)}: ${whyLeft(one)}`),
  ];
  return lines.length === 0 ? ['Nothing is left of any run.'] : lines;
}

function whyLeft({ owner, runId, pid }: Leftover): string {
  switch (owner) {
    case 'alive':
      return `run ${runId} goes on (process ${pid ?? '?'})`;
    case 'dead':
      return `of run ${runId}, which has ended`;
    case 'unknown':
      return `nobody here can tell whether run ${runId} goes on; if not: boltgrid clean --run ${runId}`;
  }
}
