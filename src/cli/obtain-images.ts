import { messageOf } from '../core/error.ts';
import type { CliContext } from './context.ts';
import type { SelectOptions } from './select.ts';

export interface ObtainOptions extends SelectOptions {
  readonly pull?: true;
  readonly build?: true;
  readonly verbose?: true;
}

/**
 * `--pull` and `--build`: has what the chosen nodes lack. What fails is told, and gives the reason by the image's id: cells of such
 * nodes are set-up errors, and all else runs.
 */
export async function obtainImages(
  context: CliContext,
  options: ObtainOptions,
): Promise<ReadonlyMap<string, string>> {
  const failures = new Map<string, string>();
  const ways = [...(options.pull ? (['pull'] as const) : []), ...(options.build ? (['build'] as const) : [])];
  if (ways.length === 0) return failures;
  const [{ choosePlan }, { chooseImages }, { connectImages }, { makeJobs, possibleImages }, { makeImages }] =
    await Promise.all([
      import('./select.ts'),
      import('./images/choose.ts'),
      import('./images/engine.ts'),
      import('./images/make-jobs.ts'),
      import('./images/options.ts'),
    ]);
  const engine = await connectImages();
  for (const way of ways) {
    const { plan } = await choosePlan(context, options);
    const lacking = new Set(plan.nodes.flatMap(({ missing }) => missing?.id ?? []));
    const needsChain = plan.cells.some(({ world }) => world === 'docker');
    const { nodes, chains } = await chooseImages([], context, options, options.node);
    const wanted = {
      nodes: nodes.filter(({ id }) => lacking.has(id)),
      chains: needsChain ? chains : [],
    };
    const plans = await possibleImages(wanted, way, engine);
    if (plans.length === 0) continue;
    const own = options.verbose ? { verbose: options.verbose } : {};
    const results = await makeImages(
      await makeJobs(way, plans, engine, context, own),
      // The run's own output comes after; this is on the way to it.
      { ...context, stdout: context.stderr },
      own,
    );
    for (const { id, made, error } of results) {
      if (made) failures.delete(id);
      else failures.set(id, `its image could not be had: ${messageOf(error)}`);
    }
  }
  context.signal.throwIfAborted();
  return failures;
}
