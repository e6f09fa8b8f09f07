import { BoltgridError, isBoltgridError, messageOf } from '../../core/error.ts';
import { fillTemplate } from '../control/template.ts';
import { noBase, ownBase, suiteOf } from './base-image.ts';
import { checkTools, makeContext, type ContextOptions } from './build-context.ts';
import { builtTag } from './build-inputs.ts';
import { found, type FoundImage, type ImageEngine } from './image-engine.ts';
import { buildArguments, imageValues, type ImagePlan } from './image-plan.ts';
import { pull } from './pull-image.ts';
import { throwIfCancelled } from './run-tool.ts';

export interface BuildOptions extends ContextOptions {
  /** Builds also what is there already. */
  readonly force?: boolean;
}

/**
 * The image of what the manifest's folder holds now; built only when there is none (or with `force`). A build that fails leaves nothing
 * under its name. Throws `image.no-build` (user), `image.no-context` (user), `image.tool-absent`, `image.no-base`,
 * `image.prepare-failed`, `image.wrong-version` (set-up), what the engine throws, and `core.cancelled`.
 */
export async function buildImage(
  plan: ImagePlan,
  engine: ImageEngine,
  options: BuildOptions,
): Promise<FoundImage> {
  const { build } = plan.image;
  if (!build) {
    throw new BoltgridError('image.no-build', 'user', `${plan.id} cannot be built here`, {
      hint: `boltgrid images pull ${plan.id}`,
    });
  }
  const tag = await builtTag(plan, build);
  const there = options.force === true ? undefined : await engine.images.find(tag);
  if (there) return found(tag, there, 'built');
  checkTools(plan, build);
  const base = build.base === undefined ? undefined : await findBase(plan, build.base, engine, options);
  await using context = await makeContext(plan, build, options);
  throwIfCancelled(options.signal);
  const built = await engine.images.build(
    {
      context: context.folder,
      dockerfile: build.dockerfile,
      tag,
      args: {
        ...proxyArguments(options),
        ...buildArguments(plan.version, build),
        ...(base && { BASE: base }),
      },
    },
    { onProgress: options.onLine, ...(options.signal && { signal: options.signal }) },
  );
  try {
    await assertVersion(plan, tag, engine, options);
  } catch (error) {
    await engine.images.remove(tag);
    throw error;
  }
  return found(tag, built, 'built');
}

/** Known to every builder of Docker without being declared in the Dockerfile, and no part of the image. */
const proxyArguments = ({ access }: BuildOptions): Readonly<Record<string, string>> => access.proxy;

/** The public base where it is present or can be pulled, or else what `boltgrid images base` made. */
async function findBase(
  plan: ImagePlan,
  base: string,
  engine: ImageEngine,
  options: ContextOptions,
): Promise<string> {
  if (await engine.images.find(base)) return base;
  const failure = await pull(base, engine, options).then(
    () => undefined,
    (error: unknown) => error,
  );
  if (failure === undefined) return base;
  if (isBoltgridError(failure) && failure.code === 'core.cancelled') throw failure;
  const suite = suiteOf(base);
  if (suite !== undefined && (await engine.images.find(ownBase(suite)))) return ownBase(suite);
  throw noBase(plan.id, base, messageOf(failure));
}

/** An image whose program is of another version than its name says is worse than none. */
async function assertVersion(
  { id, version, image }: ImagePlan,
  tag: string,
  engine: ImageEngine,
  { onLine, signal }: ContextOptions,
): Promise<void> {
  const { asserts } = image;
  if (!asserts) return;
  const fill = (word: string): string => fillTemplate(word, imageValues(version));
  const [file, ...rest] = asserts.argv;
  onLine(`asking it for its version: ${asserts.argv.join(' ')}`);
  const { code, output } = await engine.run(tag, [fill(file), ...rest.map(fill)], signal);
  if (matcher(asserts.matches, version).test(output)) return;
  throw new BoltgridError(
    'image.wrong-version',
    'setup',
    `${id}: what was built says it is ${JSON.stringify(output.trim().slice(0, 300))} (exit code ${code ?? 'none'})`,
    {
      hint: `It has to match ${asserts.matches}. Has the source moved on?`,
      details: { output, matches: asserts.matches },
    },
  );
}

/** `{version}` in the expression stands for itself: its dots are dots. */
const matcher = (matches: string, version: string): RegExp =>
  new RegExp(
    fillTemplate(matches, imageValues(version), (value) => value.replaceAll(/[^\w]/g, String.raw`\$&`)),
    'm',
  );
