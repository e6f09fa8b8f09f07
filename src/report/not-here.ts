import type { PlannedCell } from '../matrix/plan.ts';
import type { ReportResult, ReportSummary } from './schema.ts';

type NotHere = ReportSummary['notHere'];

/** Cells that could not run on this machine, and did not: a run that was resumed on another one may have run them after all. */
export function notRunHere(cells: readonly PlannedCell[], results: readonly ReportResult[]): NotHere {
  const tried = new Set(results.filter(({ attempts }) => attempts.length > 0).map(({ cell }) => cell));
  const absent = cells.filter(({ cell, cannotRun }) => cannotRun !== undefined && !tried.has(cell));
  const ids = new Set(absent.map(({ cell }) => cell));
  const here = new Set(cells.flatMap(({ cell, nodes }) => (ids.has(cell) ? [] : nodes)));
  const nodes = new Set(absent.flatMap((cell) => cell.nodes).filter((node) => !here.has(node)));
  return {
    cells: [...ids],
    nodes: [...nodes],
    tests: results.filter(({ cell }) => ids.has(cell)).length,
    reasons: byReason(absent, nodes),
  };
}

function byReason(absent: readonly PlannedCell[], absentNodes: ReadonlySet<string>): NotHere['reasons'] {
  const groups = new Map<string, { readonly nodes: Set<string>; readonly cells: Set<string> }>();
  const groupOf = (reason: string) => {
    const group = groups.get(reason) ?? { nodes: new Set<string>(), cells: new Set<string>() };
    groups.set(reason, group);
    return group;
  };
  for (const { cell, nodes, cannotRun = '' } of absent) {
    for (const { node, reason } of reasonsOf(nodes, cannotRun)) {
      const group = groupOf(reason);
      if (node !== undefined && absentNodes.has(node)) group.nodes.add(node);
      else if (!nodes.some((each) => absentNodes.has(each))) group.cells.add(cell);
    }
  }
  return [...groups]
    .map(([reason, group]) => ({ reason, nodes: [...group.nodes], cells: [...group.cells] }))
    .filter((group) => group.nodes.length + group.cells.length > 0);
}

/** The planner names the node before each reason of a cell that has two: `lnd@0.21.2: there is no image …; cln@26.06: …`. */
function reasonsOf(nodes: readonly string[], text: string): { node?: string; reason: string }[] {
  const [only, second] = nodes;
  if (only !== undefined && second === undefined) return [{ node: only, reason: withoutName(text, only) }];
  const starts = nodes
    .flatMap((node) => {
      const at = text.startsWith(`${node}: `) ? 0 : text.indexOf(`; ${node}: `) + 1;
      return at === 0 && !text.startsWith(`${node}: `) ? [] : [{ node, at }];
    })
    .sort((a, b) => a.at - b.at);
  if (starts.length === 0) return [{ reason: text }];
  return starts.map(({ node, at }, i) => {
    const part = text
      .slice(at, starts[i + 1]?.at)
      .replace(/^ /, '')
      .replace(/;$/, '');
    return { node, reason: withoutName(part.slice(node.length + 2), node) };
  });
}

/** `there is no image of lnd@0.21.2 on this machine` is the same reason for every node. Images are named without the profile. */
const withoutName = (reason: string, node: string): string =>
  reason.replaceAll(node, 'it').replaceAll(node.replace(/\+.*$/, ''), 'it');
