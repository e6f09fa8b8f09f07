import { groupBy } from '../../core/collections.ts';
import { VERDICT_TABLE, VERDICTS } from '../../core/verdict.ts';
import type { PlannedCell } from '../../matrix/plan.ts';
import { MEANINGS } from '../meanings.ts';
import type { Report, ReportCase, ReportNode, VerdictCounts } from '../schema.ts';
import { count, foldParameters, tally, type CaseOnCell } from '../summary.ts';
import { incompleteText } from '../text/summary.ts';
import { durationText } from '../value.ts';
import { documentName } from './document-name.ts';
import { aboutNode, headOfNode } from './view-nodes.ts';
import { matrixView } from './view-pairs.ts';
import { notHereView, setupView } from './view-remarks.ts';
import { verdictView } from './view-verdict.ts';

/** Everything the template names. Absent is `null`: the template is strict and throws on what is not there. */
export function pageView(report: Report): Record<string, unknown> {
  const { run, summary } = report;
  const folded = new Map(
    foldParameters(report.results).map((each) => [`${each.cell}\u0000${each.caseId}`, each]),
  );
  const absent = new Set(summary.notHere.cells);
  const subjects = report.cells.filter(({ kind, cell }) => kind === 'subject' && !absent.has(cell));
  const nodes = new Map(report.nodes.map((node, at) => [node.id, { node, at }]));
  return {
    title: `boltgrid ${run.startedAt.slice(0, 10)}`,
    run: {
      ...run,
      date: `${run.startedAt.slice(0, 10)} ${run.startedAt.slice(11, 16)} UTC`,
      planShort: run.planHash.slice(0, 12),
      duration: run.milliseconds === undefined ? null : durationText(run.milliseconds),
      incomplete: run.complete ? null : incompleteText(run),
      sources: Object.entries(run.spec).map(([name, { commit }]) => ({ name, commit: commit.slice(0, 10) })),
    },
    cases: summary.cases,
    cellCount: summary.perCell.length,
    notHere: notHereView(report),
    setup: setupView(report),
    unproven: summary.unproven,
    notes: report.notes
      .filter(({ level }) => level !== 'info')
      .map(({ text, cell }) => ({ text, cell: cell ?? null })),
    verdicts: VERDICTS.filter(
      (verdict) =>
        summary.verdicts[verdict] > 0 || summary.perCell.some(({ verdicts }) => verdicts[verdict] > 0),
    ).map((verdict) => ({ ...verdictView(verdict), count: summary.verdicts[verdict] })),
    legend: VERDICTS.map((verdict) => ({ ...verdictView(verdict), meaning: MEANINGS[verdict] })),
    levels: ['must', 'should', 'may'],
    columns: subjects.map((cell) => column(cell, nodes, summary)),
    abouts: report.nodes.flatMap((node, at) =>
      summary.notHere.nodes.includes(node.id) ? [] : [aboutNode(node, at, report)],
    ),
    documents: documents(report, subjects, folded),
    matrices: (['pair', 'upgrade'] as const).flatMap((kind) => matrixView(report, kind) ?? []),
  };
}

function column(
  { cell, nodes: [id = ''] }: PlannedCell,
  nodes: ReadonlyMap<string, { readonly node: ReportNode; readonly at: number }>,
  summary: Report['summary'],
): unknown {
  const { node, at = 0 } = nodes.get(id) ?? {};
  const counts = summary.perCell.find((each) => each.cell === cell)?.verdicts ?? count([]);
  return { at, cell, id, ...headOfNode(id, node), ...tally(counts), bar: bar(counts) };
}

/** Parts of a bar 100 wide, by colour. Attributes of an SVG, because the page's policy allows no inline style. */
function bar(counts: VerdictCounts): { colour: string; x: string; width: string }[] {
  const total = VERDICTS.reduce((sum, verdict) => sum + counts[verdict], 0);
  let x = 0;
  return [...groupBy(VERDICTS, (verdict) => VERDICT_TABLE[verdict].colour)].flatMap(([colour, verdicts]) => {
    const part = verdicts.reduce((sum, verdict) => sum + counts[verdict], 0);
    if (part === 0) return [];
    const width = (100 * part) / total;
    x += width;
    return { colour, x: (x - width).toFixed(2), width: width.toFixed(2) };
  });
}

type Folded = ReadonlyMap<string, CaseOnCell>;

function documents(report: Report, subjects: readonly PlannedCell[], folded: Folded): unknown[] {
  const cases = report.cases.filter(({ kind }) => kind === 'subject');
  return [...groupBy(cases, ({ suite }) => suite.split('/', 1)[0] ?? suite)].map(
    ([document, ofDocument]) => ({
      id: document,
      name: documentName(document),
      counts: groupCounts(ofDocument, subjects, folded),
      suites: [...groupBy(ofDocument, ({ suite }) => suite)].map(([suite, ofSuite]) => ({
        id: suite,
        title: ofSuite[0]?.suiteTitle ?? '',
        counts: groupCounts(ofSuite, subjects, folded),
        rows: [...groupBy(ofSuite, ({ caseId }) => caseId).values()].map((group) =>
          row(group, subjects, folded, report),
        ),
      })),
    }),
  );
}

function groupCounts(
  cases: readonly ReportCase[],
  subjects: readonly PlannedCell[],
  folded: Folded,
): unknown[] {
  const ids = [...new Set(cases.map(({ caseId }) => caseId))];
  return subjects.map(({ cell }) => ({
    cell,
    ...tally(count(ids.flatMap((id) => folded.get(`${cell}\u0000${id}`) ?? []))),
  }));
}

function row(
  group: readonly ReportCase[],
  subjects: readonly PlannedCell[],
  folded: Folded,
  { summary }: Report,
): unknown {
  const [first] = group;
  if (!first) return {};
  const { caseId, title, level, suite } = first;
  const requirements = [...new Set(group.flatMap((each) => each.requirements))];
  const unproven = summary.unproven.includes(caseId);
  return {
    ...{ caseId, title, level, suite, unproven },
    slug: caseId.split('#')[1] ?? caseId,
    parameters: group.length > 1 ? group.length : null,
    search: [
      title,
      first.suiteTitle,
      ...group.flatMap(({ id, formerly }) => [id, ...formerly]),
      ...requirements,
    ]
      .join(' ')
      .toLowerCase(),
    cells: subjects.map(({ cell }) => cellView(cell, folded.get(`${cell}\u0000${caseId}`))),
  };
}

function cellView(cell: string, on: CaseOnCell | undefined): unknown {
  if (!on) return { cell, planned: false };
  const passed = on.results.filter(({ verdict }) => verdict === on.verdict).length;
  return {
    ...{ cell, planned: true },
    ...verdictView(on.verdict),
    caseId: on.caseId,
    /** The parameter that decided, which the panel opens with. */
    shown: on.results.find(({ verdict }) => verdict === on.verdict)?.case ?? on.caseId,
    part: passed === on.results.length ? null : `${passed}/${on.results.length}`,
    known: on.results.some(({ known }) => known !== undefined),
    disputed: on.results.some(({ disputed }) => disputed === true),
  };
}
