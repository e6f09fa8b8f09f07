import type { FoundImage, ImageEngine } from '../../nodes/images/image-engine.ts';
import type { ImagePlan } from '../../nodes/images/image-plan.ts';
import type { Command } from '../command.ts';
import { coloursFor, printJson, printLines } from '../context.ts';
import { chooseImages } from '../images/choose.ts';
import type { ConnectImages } from '../images/engine.ts';
import { megabytes, table } from '../images/table.ts';
import { MATRIX_OPTION, type ProjectOptions } from '../project.ts';

interface ListOptions extends ProjectOptions {
  readonly json?: true;
}

/** An image as it is shown. */
interface ListedImage {
  readonly id: string;
  readonly public: string | undefined;
  /** The name under which boltgrid builds it from what the manifest's folder holds now. */
  readonly built: string | undefined;
  readonly found: FoundImage | undefined;
  /** What building it costs, in the manifest's words. */
  readonly buildCost: string | undefined;
}

export const listCommand = (connect: ConnectImages): Command<ListOptions> => ({
  name: 'list',
  description: 'List the images of the nodes and of the chain: which are here, and what the others cost.',
  args: [{ name: '[nodes...]', description: 'only these: lnd@0.21.2, or lnd for all its versions' }],
  options: [
    MATRIX_OPTION,
    { flags: '--json', description: 'images[] with id, public, built, found, buildCost' },
  ],
  examples: [
    ['boltgrid images list', 'all that the matrix names'],
    ['boltgrid images list lnd', 'all versions of one'],
  ],
  async run(context, patterns, options) {
    const { nodes, chains } = await chooseImages(patterns, context, options);
    const engine = await connect();
    const images = await Promise.all([...nodes, ...chains].map((plan) => look(plan, engine)));
    const colours = coloursFor(context.stdout, context.env);
    if (options.json) printJson(context.stdout, { images });
    else printLines(context.stdout, table(HEADS, images.map(row), colours));
    return 0;
  },
});

async function look(plan: ImagePlan, engine: ImageEngine): Promise<ListedImage> {
  const [{ findImage }, { publicReference }, { builtTag }] = await Promise.all([
    import('../../nodes/images/find-image.ts'),
    import('../../nodes/images/image-plan.ts'),
    import('../../nodes/images/build-inputs.ts'),
  ]);
  const { build } = plan.image;
  return {
    id: plan.id,
    public: publicReference(plan),
    built: build && (await builtTag(plan, build)),
    found: await findImage(plan, engine),
    buildCost: build?.cost,
  };
}

const HEADS = ['image', 'here', 'size', 'public', 'built', 'to have it'];

function row({ id, public: name, built, found, buildCost }: ListedImage): string[] {
  const ways = [
    ...(name === undefined ? [] : ['pull']),
    ...(buildCost === undefined ? [] : [`build: ${buildCost}`]),
  ];
  return [
    id,
    found?.source ?? 'no',
    found ? megabytes(found.sizeBytes) : '',
    name ?? '',
    built ?? '',
    found ? '' : ways.join(', or '),
  ];
}
