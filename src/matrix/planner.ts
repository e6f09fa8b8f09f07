import { BoltgridError } from '../core/error.ts';
import { boltgridVersion } from '../core/package.ts';
import { matchesPattern } from '../core/pattern.ts';
import { publicReference } from '../nodes/images/image-plan.ts';
import type { OwnRequirements } from '../spec/own.ts';
import { levelOf } from '../suite/suite.ts';
import type { LoadedSuite } from '../suite/load.ts';
import type { Suite, TestCase } from '../suite/types.ts';
import { CellPlanner } from './cells.ts';
import { planHash } from './plan-hash.ts';
import { plannedTests, testKey } from './plan.ts';
import type { Plan, PlannedCase, PlannedCell, PlannedNode } from './plan.ts';
import { matchesCase, matchesNode, matchesSuite, select } from './selection.ts';
import type { Selection } from './selection.ts';
import type { SourceNode } from './node-sources.ts';
import type { MatrixSources } from './sources.ts';

/**
 * The plan for the selected part of the matrix. Cells and cases that would take part in no test are left out.
 * Throws `select.no-match` and `plan.empty` (user).
 */
export function makePlan(sources: MatrixSources, seed: string, selection: Selection = {}): Plan {
  const wanted = selection.nodes?.flatMap((pattern) => sources.named.get(pattern) ?? [pattern]);
  const nodes = select('node', wanted, sources.nodes, ({ plan }) => plan.id, matchesNode);
  const cellsOf = new CellPlanner(sources, selection.docker === true);
  const suites = select('suite', selection.suites, sources.suites, ({ suite }) => suite.id, matchesSuite);
  const cases = select('case', selection.cases, suites.flatMap(casesOf), ({ id }) => id, matchesCase);
  const cells = [
    ...nodes.map((node) => cellsOf.subject(node)),
    ...pairCells(sources, nodes, selection.pairs, cellsOf),
  ];
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
    ...(sources.named.size > 0 && { named: [...sources.named.keys()] }),
    nodes: plannedNodes.map(plannedNode),
    ...('image' in sources.chain && needsDocker(kept.cells) && { chain: sources.chain }),
    ...missingChain(sources, kept.cells),
    cells: kept.cells,
    cases: kept.cases,
    suites: plannedSuites.map(({ suite, file, sha256 }) => ({ id: suite.id, file, sha256 })),
    ...ownRequirements(plannedSuites),
  };
}

const needsDocker = (cells: readonly PlannedCell[]): boolean =>
  cells.some(({ world, cannotRun }) => world === 'docker' && cannotRun === undefined);

/** One to pull, one to build: the public images come first, the one to build last. */
function missingChain(
  { chain, chainImages }: MatrixSources,
  cells: readonly PlannedCell[],
): Pick<Plan, 'missingChain'> {
  if ('image' in chain || !chain.missing || !cells.some(({ world }) => world === 'docker')) return {};
  const [pull] = chainImages.flatMap((image) => publicReference(image) ?? []);
  return { missingChain: { ...chain.missing, ...(pull !== undefined && { pull }) } };
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

function pairCells(
  { pairs }: MatrixSources,
  nodes: readonly SourceNode[],
  wanted: readonly string[] | undefined,
  cellsOf: CellPlanner,
): readonly PlannedCell[] {
  const byId = new Map(nodes.map((node) => [node.plan.id, node]));
  const cells = pairs.flatMap(([a, b]) => {
    const [first, second] = [byId.get(a), byId.get(b)];
    return first && second ? [cellsOf.pair(first, second)] : [];
  });
  if (wanted?.includes('none')) return [];
  if (wanted?.includes('all')) return cells;
  return select('pair', wanted, cells, ({ cell }) => cell, matchesPattern);
}

function plannedNode({ plan, place }: SourceNode): PlannedNode {
  const { id, implementation, version, profile, manifest, substitute } = plan;
  const { image, failure } = typeof place.inDocker === 'string' ? {} : place.inDocker;
  const cannotRun =
    place.embedded !== true && typeof place.inDocker === 'string' ? place.inDocker : undefined;
  return {
    id,
    implementation,
    version,
    profile,
    manifest: manifest.file,
    ...(Object.keys(substitute).length > 0 && { substitute }),
    ...(image && { image }),
    ...(failure !== undefined && { failure }),
    ...(place.missing && { missing: place.missing }),
    ...(cannotRun !== undefined && { cannotRun }),
  };
}
