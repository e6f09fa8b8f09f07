import { groupBy } from '../core/collections.ts';
import { worst, type Verdict } from '../core/verdict.ts';
import type { PlannedCell } from '../matrix/plan.ts';
import type { Report, ReportResult } from './schema.ts';
import { count, foldParameters, tally, type Tally } from './summary.ts';

/** What an ordered pair, or an upgrade, came to. */
export interface PairSquare extends Tally {
  readonly cell: PlannedCell;
  /** Of each case. */
  readonly verdicts: readonly Verdict[];
  /** The most severe; what was not tried says little beside what was. */
  readonly verdict: Verdict;
}

/** First node × second node, both in the order of the nodes, so that a pair and its reverse mirror each other. */
export interface PairGrid {
  readonly kind: 'pair' | 'upgrade';
  /** How many cases each has. */
  readonly cases: number;
  readonly firsts: readonly string[];
  readonly seconds: readonly string[];
  /** `undefined` where nothing was planned. */
  readonly rows: readonly (readonly (PairSquare | undefined)[])[];
}

/** Nodes that are in no cell that could run here have neither row nor column. `undefined` when nothing is left. */
export function pairGrid(report: Report, kind: PairGrid['kind']): PairGrid | undefined {
  const absent = new Set(report.summary.notHere.cells);
  const ofKind = report.cells.filter((cell) => cell.kind === kind);
  const here = ofKind.filter(({ cell }) => !absent.has(cell));
  const cases = new Set(report.cases.filter((each) => each.kind === kind).map(({ caseId }) => caseId)).size;
  if (here.length === 0 || cases === 0) return undefined;
  const [firsts, seconds] = [0, 1].map((side) => {
    const onSide = new Set(here.map(({ nodes }) => nodes[side]));
    return report.nodes.map(({ id }) => id).filter((id) => onSide.has(id));
  }) as [string[], string[]];
  const byNodes = new Map(ofKind.map((cell) => [cell.nodes.join('\u0000'), cell]));
  const results = groupBy(report.results, ({ cell }) => cell);
  return {
    ...{ kind, cases, firsts, seconds },
    rows: firsts.map((first) =>
      seconds.map((second) => {
        const cell = byNodes.get(`${first}\u0000${second}`);
        return cell && square(cell, results.get(cell.cell) ?? []);
      }),
    ),
  };
}

function square(cell: PlannedCell, results: readonly ReportResult[]): PairSquare | undefined {
  const folded = foldParameters(results);
  if (folded.length === 0) return undefined;
  const counts = tally(count(folded));
  const verdicts = folded.map(({ verdict }) => verdict);
  const telling = verdicts.filter((verdict) => counts.judged === 0 || !SKIPPED.has(verdict));
  return { cell, verdicts, verdict: worst(telling), ...counts };
}

const SKIPPED: ReadonlySet<Verdict> = new Set<Verdict>([
  'unsupported',
  'undrivable',
  'not-negotiated',
  'not-run',
]);
