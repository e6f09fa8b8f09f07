import { matchesNode, select } from '../../matrix/selection.ts';
import type { ImagePlan } from '../../nodes/images/image-plan.ts';
import type { CliContext } from '../context.ts';
import { matrixFile, type ProjectOptions } from '../project.ts';

export interface ChosenImages {
  readonly nodes: readonly ImagePlan[];
  /** The first one that is present is used. */
  readonly chains: readonly ImagePlan[];
}

/**
 * The images of all nodes of the matrix that have one, and of the chain; with patterns those that match, and what is named beside the
 * matrix as `--node` names it (`beside`). Throws what reading the matrix throws, and `select.no-match`.
 */
export async function chooseImages(
  patterns: readonly string[],
  context: CliContext,
  options: ProjectOptions,
  beside: readonly string[] = patterns,
): Promise<ChosenImages> {
  const [{ askNothing }, { loadSources }, { imagePlanOfNode }] = await Promise.all([
    import('../../matrix/here.ts'),
    import('../../matrix/sources.ts'),
    import('../../nodes/images/image-plan.ts'),
  ]);
  const { nodes, named, chainImages } = await loadSources(matrixFile(context, options), {
    here: askNothing(),
    named: beside,
    cwd: context.cwd,
  });
  const ofNodes = nodes.flatMap(({ plan }) => imagePlanOfNode(plan) ?? []);
  const all = unique([...ofNodes, ...chainImages]);
  const matches = (pattern: string, id: string): boolean =>
    (named.get(pattern) ?? []).some((one) => matchesNode(id, one)) || matchesNode(pattern, id);
  const chosen = new Set(select('image', patterns, all, ({ id }) => id, matches));
  const ids = new Set(chainImages.map(({ id }) => id));
  return {
    nodes: all.filter((plan) => chosen.has(plan) && !ids.has(plan.id)),
    chains: all.filter((plan) => chosen.has(plan) && ids.has(plan.id)),
  };
}

/** Profiles of a version share its image. */
const unique = (plans: readonly ImagePlan[]): ImagePlan[] => [
  ...new Map(plans.map((plan) => [plan.id, plan])).values(),
];
