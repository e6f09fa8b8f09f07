import { groupBy } from '../core/collections.ts';
import { isRed, VERDICTS, worst, type Verdict } from '../core/verdict.ts';
import type { PlannedCell } from '../matrix/plan.ts';
import { notRunHere } from './not-here.ts';
import type { ReportResult, ReportSummary, VerdictCounts } from './schema.ts';

/** Verdicts that say nothing of a node's behaviour because the case did not run on it. */
const UNTRIED: ReadonlySet<Verdict> = new Set<Verdict>([
  'unsupported',
  'undrivable',
  'not-negotiated',
  'not-run',
]);

/** Our own node: what holds on it is not shown to hold on a real one. */
const REFERENCE_IMPLEMENTATION = 'reference';

export const wasTried = ({ verdict }: Pick<ReportResult, 'verdict'>): boolean => !UNTRIED.has(verdict);

/** Results of one case on one cell: one for each of its parameters. */
export interface CaseOnCell {
  readonly cell: string;
  readonly caseId: string;
  readonly verdict: Verdict;
  readonly results: readonly ReportResult[];
}

/** A case counts once, whatever its `each`: its most severe parameter decides. */
export function foldParameters(results: readonly ReportResult[]): CaseOnCell[] {
  const groups = groupBy(results, ({ cell, caseId }) => `${cell}\u0000${caseId}`);
  return [...groups.values()].flatMap((group) => {
    const [first] = group;
    if (!first) return [];
    return {
      cell: first.cell,
      caseId: first.caseId,
      verdict: worst(group.map(({ verdict }) => verdict)),
      results: group,
    };
  });
}

export function summarise(
  cells: readonly PlannedCell[],
  results: readonly ReportResult[],
  complete: boolean,
): ReportSummary {
  const notHere = notRunHere(cells, results);
  const absent = new Set(notHere.cells);
  const unproven = unprovenCases(results, complete);
  const counted = foldParameters(results).filter(
    ({ caseId, cell }) => !unproven.has(caseId) && !absent.has(cell),
  );
  const ofCell = groupBy(counted, ({ cell }) => cell);
  return {
    verdicts: count(counted),
    perCell: cells
      .filter(({ cell }) => !absent.has(cell))
      .map(({ cell, kind }) => ({ cell, kind, verdicts: count(ofCell.get(cell) ?? []) })),
    cases: new Set(counted.map(({ caseId }) => caseId)).size,
    unproven: [...unproven],
    disputed: [...new Set(results.filter(({ disputed }) => disputed).map(({ caseId }) => caseId))],
    known: results.filter(({ known }) => known !== undefined).length,
    notHere,
  };
}

export function count(items: readonly { readonly verdict: Verdict }[]): VerdictCounts {
  const counts = Object.fromEntries(VERDICTS.map((verdict) => [verdict, 0])) as VerdictCounts;
  for (const { verdict } of items) counts[verdict]++;
  return counts;
}

export function addCounts(cells: readonly { readonly verdicts: VerdictCounts }[]): VerdictCounts {
  const sum = count([]);
  for (const { verdicts } of cells) for (const verdict of VERDICTS) sum[verdict] += verdicts[verdict];
  return sum;
}

/** What came of the cases of a cell or group, in four numbers. */
export interface Tally {
  readonly pass: number;
  readonly warn: number;
  /** Broken by the node. */
  readonly red: number;
  /** Set-up and harness errors: never the node's, so not among those it was judged by. */
  readonly errors: number;
  readonly judged: number;
}

export function tally(counts: VerdictCounts): Tally {
  const { pass, warn } = counts;
  const errors = counts['setup-error'] + counts['harness-error'];
  const red = VERDICTS.filter(isRed).reduce((sum, verdict) => sum + counts[verdict], 0) - errors;
  return { pass, warn, red, errors, judged: pass + warn + red };
}

/** Cases judged on no real node. What a run that was cut short did not reach may yet be: it is not among them. */
function unprovenCases(results: readonly ReportResult[], complete: boolean): Set<string> {
  const real = results.filter(
    ({ nodes }) => !nodes.every((node) => implementationOf(node) === REFERENCE_IMPLEMENTATION),
  );
  const mayCount = (result: ReportResult): boolean =>
    wasTried(result) || (!complete && result.verdict === 'not-run');
  const proven = new Set(real.filter(mayCount).map(({ caseId }) => caseId));
  return new Set(results.map(({ caseId }) => caseId).filter((caseId) => !proven.has(caseId)));
}

const implementationOf = (node: string): string => node.split('@', 1)[0] ?? node;
