import { z } from 'zod';
import type { CaseId, CellId, NodeId } from '../core/ids.ts';
import type { ImageIdentity } from '../nodes/node.ts';
import type { Substitute } from '../nodes/resolve.ts';
import type { MissingImage } from './here.ts';
import type { OwnRequirements } from '../spec/own.ts';

/** A planned test as the report needs it: the journal stands alone. */
export const plannedCase = z.strictObject({
  /** With its parameter: `bolt01/ping#asked-length[largest]`. */
  id: z.string(),
  /** Without: what is counted. */
  caseId: z.string(),
  suite: z.string(),
  suiteTitle: z.string(),
  title: z.string(),
  kind: z.enum(['subject', 'pair', 'upgrade']),
  /** The strongest level among its requirements. */
  level: z.enum(['must', 'should', 'may']),
  requirements: z.array(z.string()),
  formerly: z.array(z.string()),
  location: z.string(),
});

export const plannedCell = z.strictObject({
  cell: z.string(),
  kind: z.enum(['subject', 'pair', 'upgrade']),
  nodes: z.array(z.string()),
  /** `docker`: its nodes share a bitcoind and run in containers. Absent: embedded, on a memory chain. */
  world: z.literal('docker').optional(),
  /** Why the cell cannot run on this machine: all its cases are `not-run` with this reason. */
  cannotRun: z.string().optional(),
  /** Ids of the cases that the cell runs, where these are not all the planned cases of its kind (a rerun of what failed). */
  only: z.array(z.string()).optional(),
});

export type PlannedCase = z.infer<typeof plannedCase>;
export type PlannedCell = z.infer<typeof plannedCell>;

export interface PlannedNode {
  readonly id: NodeId;
  readonly implementation: string;
  readonly version: string;
  readonly profile: string;
  /** Absolute path of its `node.json`. */
  readonly manifest: string;
  /** What the user named in place of what the manifest says. */
  readonly substitute?: Substitute;
  /** What a container of it is made from; without one it is a process in Docker worlds, too. */
  readonly image?: ImageIdentity;
  /** Why its image could not be had: it fails to start. */
  readonly failure?: string;
  /** How its image could be had. */
  readonly missing?: MissingImage;
  /** Why it cannot be started on this machine. */
  readonly cannotRun?: string;
}

/** The bitcoind of Docker worlds. */
export interface PlannedChain {
  /** Absolute path of its `chain.json`. */
  readonly manifest: string;
  readonly version: string;
  readonly image: ImageIdentity;
}

export interface PlannedSuite {
  readonly id: string;
  /** Absolute path. */
  readonly file: string;
  readonly sha256: string;
}

/**
 * What a run will do. `planHash` is the same on every machine: neither paths nor `cannotRun` are in it.
 * Cells and cases stand in the order in which reports show them.
 */
export interface Plan {
  /** sha256 in hex. */
  readonly planHash: string;
  readonly seed: string;
  /** What of `--node` named nodes beside those of the matrix. */
  readonly named?: readonly string[];
  readonly nodes: readonly PlannedNode[];
  /** Where a cell runs in Docker. */
  readonly chain?: PlannedChain;
  /** How the bitcoind of cells in Docker could be had, where there is none. */
  readonly missingChain?: MissingImage;
  readonly cells: readonly PlannedCell[];
  readonly cases: readonly PlannedCase[];
  readonly suites: readonly PlannedSuite[];
  /** Those that the suites bring along. */
  readonly requirements?: OwnRequirements;
}

export interface PlannedTest {
  readonly cell: PlannedCell;
  readonly case: PlannedCase;
}

/** Every test of the plan, cell by cell: a cell runs the cases of its own kind, or `only` some of them. */
export function plannedTests({ cells, cases }: Pick<Plan, 'cells' | 'cases'>): PlannedTest[] {
  return cells.flatMap((cell) => {
    const only = cell.only && new Set(cell.only);
    return cases
      .filter((planned) => planned.kind === cell.kind && (only?.has(planned.id) ?? true))
      .map((planned) => ({ cell, case: planned }));
  });
}

/** What a test is known by within a plan, for sets and maps. */
export const testKey = (cell: CellId, testCase: CaseId): string => `${cell}\u0000${testCase}`;
