import { groupBy } from '../core/collections.ts';
import { parseNodeId } from '../core/ids.ts';
import type { PlannedCell } from '../matrix/plan.ts';
import type { Gathered, NodeStarted } from './gather.ts';
import type { ReportNode } from './schema.ts';

/** All planned nodes, also those that never came up, in the order of the plan. `featureName` gives the BOLT 9 name of a bit. */
export function buildNodes(
  { header, starts }: Gathered,
  featureName: (bit: number) => string | undefined = () => undefined,
): ReportNode[] {
  const ids = new Set([...header.cells.flatMap(({ nodes }) => nodes), ...starts.keys()]);
  return [...ids].map((id) => {
    const builds = byBuild(starts.get(id) ?? []);
    const shown = builds.findLast(isOf(header.cells.find(({ cell }) => cell === id))) ?? builds.at(-1);
    const others = builds.filter((build) => build !== shown);
    const latest = shown?.at(-1);
    const name = parseNodeId(id) ?? { implementation: id, version: '', profile: '' };
    return {
      id,
      ...name,
      ...latest?.identity,
      started: latest !== undefined,
      features: (latest?.features ?? []).map((bit) => {
        const known = featureName(bit);
        return { bit, ...(known !== undefined && { name: known }) };
      }),
      ...startsOf(shown ?? []),
      ...(others.length > 0 && { otherBuilds: others.flatMap(otherBuild) }),
    };
  });
}

/** Each world starts its own: they are one as long as they were made from the same, and say the same of themselves. */
const byBuild = (started: readonly NodeStarted[]): NodeStarted[][] => [
  ...groupBy(started, ({ identity: { build, reported, image } }) =>
    [build, reported, image?.digest ?? ''].join('\u0000'),
  ).values(),
];

/** Whether it is what the node's own cell ran: in Docker an image, else a process of this machine. */
const isOf =
  (cell: PlannedCell | undefined) =>
  ([first]: readonly NodeStarted[]): boolean =>
    cell !== undefined && (cell.world === 'docker') === (first?.identity.image !== undefined);

function startsOf(started: readonly NodeStarted[]): Pick<ReportNode, 'startedAt' | 'startMs' | 'starts'> {
  const [first] = started;
  return {
    ...(first && { startedAt: first.at, startMs: Math.max(...started.map(({ startMs }) => startMs)) }),
    starts: started.length,
  };
}

function otherBuild(started: readonly NodeStarted[]): NonNullable<ReportNode['otherBuilds']> {
  const [first] = started;
  if (!first) return [];
  const { build, reported, image } = first.identity;
  return [{ build, reported, ...(image && { image }), ...startsOf(started) }];
}
