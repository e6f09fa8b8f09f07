import { pairGrid, type PairGrid, type PairSquare } from '../pair-grid.ts';
import type { Report } from '../schema.ts';
import { nameOfNode } from './view-nodes.ts';
import { verdictView } from './view-verdict.ts';

/** More columns than these, and squares are a glyph with a count. */
const WIDE_COLUMNS = 5;

const EXPLAINED: Readonly<Record<PairGrid['kind'], string>> = {
  pair: 'A real link between two nodes. The node on the left acts first: it connects and opens.',
  upgrade: 'The old version (left) with live channels is replaced by the new one (top) on the same volume.',
};

/** Pairs or upgrades, first node × second node. */
export function matrixView(report: Report, kind: PairGrid['kind']): unknown {
  const grid = pairGrid(report, kind);
  if (!grid) return undefined;
  const at = new Map(report.nodes.map((node, i) => [node.id, i]));
  const heads = (ids: readonly string[]) =>
    ids.map((id, i) => ({
      ...{ id, at: at.get(id) ?? 0 },
      ...nameOfNode(id),
      // Versions of one implementation stand together, and apart from the next.
      opensGroup: i > 0 && nameOfNode(ids[i - 1] ?? '').implementation !== nameOfNode(id).implementation,
    }));
  const seconds = heads(grid.seconds);
  return {
    kind,
    title: kind === 'pair' ? 'Pairs' : 'Upgrades',
    explained: EXPLAINED[kind],
    cases: grid.cases === 1 ? '1 case' : `${grid.cases} cases`,
    count: grid.rows.flat().filter((square) => square !== undefined).length,
    dense: seconds.length > WIDE_COLUMNS,
    first: kind === 'pair' ? 'opens' : 'old',
    second: kind === 'pair' ? 'accepts' : 'new',
    seconds,
    rows: heads(grid.firsts).map((head, row) => ({
      ...head,
      squares: (grid.rows[row] ?? []).map((square, column) => ({
        opensGroup: seconds[column]?.opensGroup ?? false,
        ...squareView(square, kind),
      })),
    })),
  };
}

function squareView(square: PairSquare | undefined, kind: PairGrid['kind']): Record<string, unknown> {
  if (!square) return { planned: false };
  const { cell, verdicts, verdict, ...counts } = square;
  const [first = '', second = ''] = cell.nodes;
  const joint = kind === 'pair' ? 'to' : 'upgraded to';
  const shown = verdictView(verdict);
  const outcome = counts.judged === 0 ? 'not judged' : `${counts.pass} of ${counts.judged} pass`;
  return {
    planned: true,
    cell: cell.cell,
    nodes: cell.nodes.join(' '),
    verdicts: verdicts.join(' '),
    ...{ first, joint, second },
    label: `${first} ${joint} ${second}: ${String(shown.word)}, ${outcome}`,
    ...shown,
    ...counts,
  };
}
