import { groupBy } from '../../core/collections.ts';
import { isRed, VERDICT_TABLE, VERDICTS, worst, type Verdict } from '../../core/verdict.ts';
import type { PlannedCell } from '../../matrix/plan.ts';
import { MEANINGS } from '../meanings.ts';
import type { Report, ReportCase, ReportNode, VerdictCounts } from '../schema.ts';
import { count, foldParameters, tally, type CaseOnCell } from '../summary.ts';
import { incompleteText } from '../text/summary.ts';
import { durationText } from '../value.ts';

/** Everything the template names. Absent is `null`: the template is strict and throws on what is not there. */
export function pageView(report: Report): Record<string, unknown> {
  const { run, summary } = report;
  const folded = new Map(
    foldParameters(report.results).map((each) => [`${each.cell}\u0000${each.caseId}`, each]),
  );
  const subjects = report.cells.filter(({ kind }) => kind === 'subject');
  const nodes = new Map(report.nodes.map((node) => [node.id, node]));
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
    cellCount: report.cells.length,
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
    columns: subjects.map((cell, at) => column(cell, at, nodes, summary)),
    documents: documents(report, subjects, folded),
    matrices: (['pair', 'upgrade'] as const).flatMap((kind) => matrix(report, kind) ?? []),
  };
}

const verdictView = (verdict: Verdict): Record<string, unknown> => {
  const { glyph, word, colour } = VERDICT_TABLE[verdict];
  return { verdict, glyph, word, colour, red: isRed(verdict) };
};

function column(
  { cell, nodes: [id = ''], cannotRun }: PlannedCell,
  at: number,
  nodes: ReadonlyMap<string, ReportNode>,
  summary: Report['summary'],
): unknown {
  const node = nodes.get(id);
  const counts = summary.perCell.find((each) => each.cell === cell)?.verdicts ?? count([]);
  return {
    ...{ at, cell, id },
    implementation: node?.implementation ?? id,
    version: node?.version ?? '',
    profile:
      node?.profile === undefined || node.profile === 'default' || node.profile === '' ? null : node.profile,
    buildShort: node?.build === undefined ? null : shortBuild(node.build),
    build: node?.build ?? null,
    reported: node?.reported ?? null,
    note: node?.note ?? null,
    publicKey: node?.publicKey ?? null,
    startText:
      node?.startMs === undefined
        ? null
        : `${durationText(node.startMs)}${node.starts > 1 ? `, started ${node.starts} times` : ''}`,
    features: (node?.features ?? []).map(({ bit, name }) => ({
      bit,
      name: name ?? '',
      kind: bit % 2 === 0 ? 'compulsory' : 'optional',
    })),
    absent: cannotRun ?? (node?.started === true ? null : 'never started'),
    ...tally(counts),
    bar: bar(counts),
  };
}

const shortBuild = (build: string): string => build.replace(/^sha256:/, '').slice(0, 10);

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

/** `BOLT 1`, `bLIP 3`, or the word as it is. */
function documentName(document: string): string {
  const match = /^(bolt|blip)0*(\d+)$/.exec(document);
  return match ? `${match[1] === 'bolt' ? 'BOLT' : 'bLIP'} ${match[2] ?? ''}` : document;
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

/** Pairs or upgrades, first node × second node. */
function matrix(report: Report, kind: 'pair' | 'upgrade'): unknown {
  const cells = report.cells.filter((cell) => cell.kind === kind);
  const planned = new Set(report.cases.filter((each) => each.kind === kind).map(({ caseId }) => caseId));
  if (cells.length === 0 || planned.size === 0) return undefined;
  // Both axes in the order of the nodes, so that a pair and its reverse mirror each other.
  const [firsts, seconds] = [0, 1].map((side) => {
    const onSide = new Set(cells.map(({ nodes }) => nodes[side]));
    return report.nodes.map(({ id }) => id).filter((id) => onSide.has(id));
  }) as [string[], string[]];
  return {
    kind,
    title: kind === 'pair' ? 'Pairs' : 'Upgrades',
    explained:
      kind === 'pair'
        ? 'A real link between two nodes. The node on the left acts first: it connects and opens.'
        : 'The old version (left) with live channels is replaced by the new one (top) on the same volume.',
    cases: planned.size === 1 ? '1 case' : `${planned.size} cases`,
    seconds,
    rows: firsts.map((first) => ({
      first,
      cells: seconds.map((second) =>
        square(
          report,
          cells.find(({ nodes }) => nodes[0] === first && nodes[1] === second),
        ),
      ),
    })),
  };
}

function square({ results }: Report, cell: PlannedCell | undefined): unknown {
  if (!cell) return { planned: false };
  const ofCell = foldParameters(results.filter((result) => result.cell === cell.cell));
  if (ofCell.length === 0) return { planned: false };
  const counts = tally(count(ofCell));
  const verdict = worst(
    ofCell.map((each) => each.verdict).filter((each) => counts.judged === 0 || !SKIPPED.has(each)),
  );
  return {
    planned: true,
    cell: cell.cell,
    nodes: cell.nodes.join(' '),
    verdicts: ofCell.map((each) => each.verdict).join(' '),
    ...verdictView(verdict),
    ...counts,
  };
}

/** A case that was not tried says little beside those that were. */
const SKIPPED: ReadonlySet<Verdict> = new Set<Verdict>([
  'unsupported',
  'undrivable',
  'not-negotiated',
  'not-run',
]);
