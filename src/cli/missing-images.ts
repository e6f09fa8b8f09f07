import { groupBy } from '../core/collections.ts';
import type { MissingImage } from '../matrix/here.ts';
import type { Plan } from '../matrix/plan.ts';

/**
 * What `--pull` and `--build` would add to a run, and at what cost: none, one or two lines. An image counts once, whatever its
 * profiles; a node that runs anyway lacks nothing.
 */
export function missingImageLines(
  { nodes, missingChain }: Pick<Plan, 'nodes' | 'missingChain'>,
  command: string,
): string[] {
  const lacking = nodes.filter(({ cannotRun, missing }) => cannotRun !== undefined && missing);
  const ofNodes = lacking.flatMap(({ missing }) => missing ?? []);
  const images = [
    ...new Map(
      [...ofNodes, ...(missingChain ? [missingChain] : [])].map((image) => [image.id, image]),
    ).values(),
  ];
  const ways = [pullText(images, command), buildText(images, command)].filter((text) => text !== undefined);
  if (images.length === 0) return [];
  const what = `${images.length === 1 ? '1 image is' : `${images.length} images are`} not here${lacking.length > 0 ? `, for ${lacking.length} node${lacking.length === 1 ? '' : 's'}` : ''}`;
  return [what, ...ways].map((text, i) => `${(i === 0 ? 'images' : '').padEnd(10)} ${text}`);
}

/** By repository: `lightninglabs/lnd (4 versions)`. */
function pullText(images: readonly MissingImage[], command: string): string | undefined {
  const references = images.flatMap(({ pull }) => pull ?? []);
  if (references.length === 0) return undefined;
  const repositories = [...groupBy(references, (reference) => reference.replace(/:[^/:]*$/, ''))].map(
    ([repository, [only = '', ...more]]) =>
      more.length === 0 ? only : `${repository} (${more.length + 1} versions)`,
  );
  return `${command} --pull fetches ${references.length}: ${repositories.join(', ')}`;
}

function buildText(images: readonly MissingImage[], command: string): string | undefined {
  const built = images.filter(({ build }) => build !== undefined);
  if (built.length === 0) return undefined;
  const kinds = [...groupBy(built, ({ id }) => id.split('@', 1)[0] ?? id)].map(([name, [first, ...more]]) => {
    const what = more.length === 0 ? (first?.id ?? name) : `${more.length + 1} of ${name}`;
    return `${what} (${first?.build ?? ''})`;
  });
  return `${command} --build makes ${built.length}: ${kinds.join(', ')}`;
}
