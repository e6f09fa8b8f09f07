import { groupBy } from '../core/collections.ts';
import { isRed, worst, type Verdict } from '../core/verdict.ts';
import { isCovered, type DocumentCoverage, type Standing } from '../spec/coverage.ts';
import type { RequirementId } from '../spec/requirement.ts';
import type { Report, ReportResult } from './schema.ts';

/** What a node came to at one requirement. */
interface JudgedRequirement {
  readonly verdict: Verdict;
  /** The run that decided. */
  readonly case: string;
}

/** Of each cell of one node, by requirement: what the cases that were shown to judge it came to. */
export type JudgedOnCells = ReadonlyMap<string, ReadonlyMap<RequirementId, JudgedRequirement>>;

/**
 * The requirements that are covered, on each node of a run. A case judges several: here a red one counts for the requirement that it
 * was red at, and for those whose checks had held before it.
 */
export function judgedOnCells(report: Report, documents: readonly DocumentCoverage[]): JudgedOnCells {
  const covered = documents.flatMap(({ standings }) => standings).filter(isCovered);
  const subjects = report.results.filter(({ kind }) => kind === 'subject');
  return new Map(
    [...groupBy(subjects, ({ cell }) => cell)].map(([cell, results]) => {
      const byCase = groupBy(results, ({ caseId }) => caseId);
      return [
        cell,
        new Map(
          covered.flatMap((standing) => {
            const judged = judge(standing, byCase);
            return judged ? [[standing.requirement.id, judged]] : [];
          }),
        ),
      ];
    }),
  );
}

function judge(
  { requirement, cases }: Standing,
  results: ReadonlyMap<string, readonly ReportResult[]>,
): JudgedRequirement | undefined {
  const found = cases
    .flatMap((id) => results.get(id) ?? [])
    .map((result) => ({ verdict: verdictAt(result, requirement.id), case: result.case }));
  // What one case could not try, another has judged.
  const judged = found.filter(({ verdict }) => isJudged(verdict));
  const telling = judged.length > 0 ? judged : found;
  const decided = worst(telling.map(({ verdict }) => verdict));
  return telling.find(({ verdict }) => verdict === decided);
}

/** Whether it says something of the node. */
export const isJudged = (verdict: Verdict): boolean =>
  verdict === 'pass' ||
  verdict === 'warn' ||
  (isRed(verdict) && verdict !== 'setup-error' && verdict !== 'harness-error');

function verdictAt({ verdict, requirement, checks }: ReportResult, id: RequirementId): Verdict {
  if (!isJudged(verdict) || verdict === 'pass' || requirement === id) return verdict;
  const own = checks.filter((check) => check.requirement === id);
  if (own.length === 0) return 'not-run';
  const broken = own.find(({ ok }) => !ok);
  if (!broken) return 'pass';
  return broken.level === 'must' ? 'fail' : 'warn';
}
