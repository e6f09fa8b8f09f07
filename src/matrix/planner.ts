import { BoltgridError } from '../core/error.ts';
import { boltgridVersion } from '../core/package.ts';
import { cellId } from '../core/ids.ts';
import type { NodeId } from '../core/ids.ts';
import { matchesPattern } from '../core/pattern.ts';
import type { OwnRequirements } from '../spec/own.ts';
import { levelOf } from '../suite/suite.ts';
import type { LoadedSuite } from '../suite/load.ts';
import type { Suite, TestCase } from '../suite/types.ts';
import { planHash } from './plan-hash.ts';
import { plannedTests, testKey } from './plan.ts';
import type { Plan, PlannedCase, PlannedCell, PlannedNode } from './plan.ts';
import { matchesCase, matchesNode, matchesSuite, select } from './selection.ts';
import type { Selection } from './selection.ts';
import type { MatrixSources, SourceNode } from './sources.ts';

/**
 * The plan for the selected part of the matrix. Cells and cases that would take part in no test are left out.
 * Throws `select.no-match` and `plan.empty` (user).
 */
export function makePlan(sources: MatrixSources, seed: string, selection: Selection = {}): Plan {
  const nodes = select('node', selection.nodes, sources.nodes, ({ plan }) => plan.id, matchesNode);
  const suites = select('suite', selection.suites, sources.suites, ({ suite }) => suite.id, matchesSuite);
  const cases = select('case', selection.cases, suites.flatMap(casesOf), ({ id }) => id, matchesCase);
  const cells = [...nodes.map(subjectCell), ...pairCells(sources, nodes, selection.pairs)];
  const kept = keepTests({ cells, cases }, selection.tests);
  if (kept.cells.length === 0) {
    throw new BoltgridError('plan.empty', 'user', 'the selection leaves nothing to run', {
      hint: 'A pair suite needs both nodes of a pair selected; a subject suite needs a node.',
    });
  }
  const usedNodes = new Set(kept.cells.flatMap((cell) => cell.nodes));
  const usedSuites = new Set(kept.cases.map(({ suite }) => suite));
  const plannedNodes = nodes.filter(({ plan }) => usedNodes.has(plan.id));
  const plannedSuites = suites.filter(({ suite }) => usedSuites.has(suite.id));
  return {
    planHash: planHash({
      ...kept,
      nodes: plannedNodes,
      suites: plannedSuites,
      seed,
      boltgrid: boltgridVersion(),
    }),
    seed,
    nodes: plannedNodes.map(plannedNode),
    cells: kept.cells,
    cases: kept.cases,
    suites: plannedSuites.map(({ suite, file, sha256 }) => ({ id: suite.id, file, sha256 })),
    ...ownRequirements(plannedSuites),
  };
}

type Tests = Pick<Plan, 'cells' | 'cases'>;

/** What is left of cells and cases when only some tests are wanted, and what of it takes part in a test at all. */
function keepTests(all: Tests, wanted: ReadonlySet<string> | undefined): Tests {
  const tests = plannedTests(all).filter(
    ({ cell, case: test }) => wanted?.has(testKey(cell.cell, test.id)) ?? true,
  );
  const caseIds = new Set(tests.map((test) => test.case.id));
  const cases = all.cases.filter(({ id }) => caseIds.has(id));
  const cells = all.cells.flatMap((cell) => {
    const own = tests.filter((test) => test.cell === cell).map((test) => test.case.id);
    if (own.length === 0) return [];
    const ofKind = cases.filter(({ kind }) => kind === cell.kind);
    return [own.length === ofKind.length ? cell : { ...cell, only: own }];
  });
  return { cells, cases };
}

function ownRequirements(suites: readonly LoadedSuite[]): Pick<Plan, 'requirements'> {
  const all = suites.map(({ suite }) => suite.requirements ?? {});
  return all.some((own) => Object.keys(own).length > 0)
    ? { requirements: Object.assign({}, ...all) as OwnRequirements }
    : {};
}

const casesOf = ({ suite }: LoadedSuite): PlannedCase[] =>
  suite.tests.map((test) => plannedCase(suite, test));

function plannedCase(suite: Suite, test: TestCase): PlannedCase {
  return {
    id: test.id,
    caseId: test.caseId,
    suite: suite.id,
    suiteTitle: suite.title,
    title: test.title,
    kind: test.kind,
    level: levelOf(test),
    requirements: [...test.requirements],
    formerly: [...test.formerly],
    location: test.location,
  };
}

function subjectCell({ plan, cannotRun }: SourceNode): PlannedCell {
  return { cell: plan.id, kind: 'subject', nodes: [plan.id], ...(cannotRun !== undefined && { cannotRun }) };
}

function pairCells(
  { pairs }: MatrixSources,
  nodes: readonly SourceNode[],
  wanted: readonly string[] | undefined,
): readonly PlannedCell[] {
  const byId = new Map(nodes.map((node) => [node.plan.id, node]));
  const cells = pairs.flatMap(([a, b]) => {
    const [first, second] = [byId.get(a), byId.get(b)];
    return first && second ? [pairCell(first, second)] : [];
  });
  if (wanted?.includes('none')) return [];
  if (wanted?.includes('all')) return cells;
  return select('pair', wanted, cells, ({ cell }) => cell, matchesPattern);
}

function pairCell(a: SourceNode, b: SourceNode): PlannedCell {
  const nodes: NodeId[] = [a.plan.id, b.plan.id];
  const cannotRun = [a, b].flatMap((node) =>
    node.cannotRun === undefined ? [] : [`${node.plan.id}: ${node.cannotRun}`],
  );
  return {
    cell: cellId({ kind: 'pair', nodes }),
    kind: 'pair',
    nodes,
    ...(cannotRun.length > 0 && { cannotRun: cannotRun.join('; ') }),
  };
}

function plannedNode({ plan, cannotRun }: SourceNode): PlannedNode {
  const { id, implementation, version, profile, manifest } = plan;
  return {
    id,
    implementation,
    version,
    profile,
    manifest: manifest.file,
    ...(cannotRun !== undefined && { cannotRun }),
  };
}
