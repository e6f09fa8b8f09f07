import { groupBy } from '../core/collections.ts';
import { parseNodeId } from '../core/ids.ts';
import { VERDICT_TABLE } from '../core/verdict.ts';
import type { Report, ReportCase, ReportResult } from './schema.ts';

export type Change = 'added' | 'removed' | 'changed' | 'unchanged';

export interface DiffEntry {
  readonly change: Change;
  /** Of a change: whether the new verdict is milder, more severe, or red at another place. */
  readonly direction?: 'better' | 'worse' | 'other';
  readonly before?: ReportResult;
  readonly after?: ReportResult;
}

export interface ReportDiff {
  readonly before: Pick<Report['run'], 'runId' | 'startedAt'>;
  readonly after: Pick<Report['run'], 'runId' | 'startedAt'>;
  /** Nodes that stand for each other although their versions differ, before → after. */
  readonly versions: readonly { readonly before: string; readonly after: string }[];
  readonly counts: Readonly<Record<Change, number>>;
  /** Tests that the machine of one of the runs could not run: nothing is known of a change. */
  readonly notCompared: number;
  readonly entries: readonly DiffEntry[];
}

/**
 * What became of each case on each cell. A case is followed through `formerly`. Nodes match by id; where a version has changed,
 * by implementation and profile, provided that each side has exactly one that did not match by id.
 */
export function diff(before: Report, after: Report): ReportDiff {
  const versions = matchVersions(before, after);
  const idAfter = caseRenames(before.cases, after.cases);
  const renamed = new Map(versions.map((pair) => [pair.before, pair.after]));
  const old = new Map(
    before.results.map((result) => {
      const nodes = result.nodes.map((node) => renamed.get(node) ?? node);
      return [key({ kind: result.kind, nodes, case: idAfter.get(result.case) ?? result.case }), result];
    }),
  );
  const [absentBefore, absentAfter] = [before, after].map((report) => new Set(report.summary.notHere.cells));
  const entries: DiffEntry[] = [];
  let notCompared = 0;
  const add = (entry: DiffEntry): void => {
    const isAbsent =
      absentBefore?.has(entry.before?.cell ?? '') === true ||
      absentAfter?.has(entry.after?.cell ?? '') === true;
    if (isAbsent) notCompared++;
    else entries.push(entry);
  };
  for (const result of after.results) {
    const earlier = old.get(key(result));
    old.delete(key(result));
    add(earlier ? compare(earlier, result) : { change: 'added', after: result });
  }
  for (const result of old.values()) add({ change: 'removed', before: result });
  const counts: Record<Change, number> = { added: 0, removed: 0, changed: 0, unchanged: 0 };
  for (const { change } of entries) counts[change]++;
  return { before: runOf(before), after: runOf(after), versions, counts, notCompared, entries };
}

/** The same verdict, and when it says that something is wrong, at the same requirement and step. */
export function sameOutcome(before: ReportResult, after: ReportResult): boolean {
  if (before.verdict !== after.verdict) return false;
  return before.requirement === after.requirement && before.step === after.step;
}

function compare(before: ReportResult, after: ReportResult): DiffEntry {
  if (sameOutcome(before, after)) return { change: 'unchanged', before, after };
  const severity = VERDICT_TABLE[after.verdict].rank - VERDICT_TABLE[before.verdict].rank;
  const direction = severity === 0 ? 'other' : severity > 0 ? 'worse' : 'better';
  return { change: 'changed', direction, before, after };
}

const key = ({ kind, nodes, case: id }: Pick<ReportResult, 'kind' | 'nodes' | 'case'>): string =>
  [kind, ...nodes, id].join('\u0000');

const runOf = ({ run: { runId, startedAt } }: Report): ReportDiff['before'] => ({ runId, startedAt });

function matchVersions(before: Report, after: Report): { before: string; after: string }[] {
  const inBefore = new Set(before.nodes.map(({ id }) => id));
  const inAfter = new Set(after.nodes.map(({ id }) => id));
  const gone = groupBy(
    [...inBefore].filter((id) => !inAfter.has(id)),
    line,
  );
  const come = groupBy(
    [...inAfter].filter((id) => !inBefore.has(id)),
    line,
  );
  return [...gone].flatMap(([name, [old, ...moreOld]]) => {
    const [now, ...moreNow] = come.get(name) ?? [];
    if (old === undefined || now === undefined || moreOld.length > 0 || moreNow.length > 0) return [];
    return [{ before: old, after: now }];
  });
}

/** What stays the same when a node's version changes. */
function line(id: string): string {
  const name = parseNodeId(id);
  return name ? `${name.implementation}+${name.profile}` : id;
}

/** Old id → new id, for cases that say what they were called, with and without their parameter. */
function caseRenames(before: readonly ReportCase[], after: readonly ReportCase[]): Map<string, string> {
  const current = new Set(after.map(({ id }) => id));
  const old = new Set(before.map(({ id }) => id).filter((id) => !current.has(id)));
  const renames = new Map<string, string>();
  for (const { id, caseId, formerly } of after) {
    const parameter = id.slice(caseId.length);
    for (const name of formerly.flatMap((former) => [former, former + parameter])) {
      if (old.has(name) && !renames.has(name)) renames.set(name, id);
    }
  }
  return renames;
}
