import { z } from 'zod';
import { BoltgridError, messageOf } from '../core/error.ts';
import { isRed, type Level, type Verdict } from '../core/verdict.ts';
import type { CaseFinished, JournalEvent, JournalHeader, TranscriptEntry } from '../journal/events.ts';
import { plannedTests, testKey, type PlannedCase, type PlannedCell } from '../matrix/plan.ts';
import type { Requirement, RequirementId } from '../spec/requirement.ts';
import { cleanData } from './clean.ts';
import { disputedCases } from './disputed.ts';
import { describes, type Expectation } from './expectations.ts';
import { gather, hasAllShards, type Gathered } from './gather.ts';
import { describeOwn, describeRequirement } from './links.ts';
import { buildNodes } from './nodes.ts';
import {
  report as reportSchema,
  REPORT_VERSION,
  type Report,
  type ReportRequirement,
  type ReportResult,
} from './schema.ts';
import { summarise } from './summary.ts';

export interface BuildOptions {
  readonly expectations?: readonly Expectation[];
  /** The requirement index: level and section of each requirement. Without it links lead to the document only. */
  readonly requirements?: ReadonlyMap<RequirementId, Requirement>;
  /** Sentences read from a checkout of the specifications, where one is at hand. */
  readonly sentences?: ReadonlyMap<RequirementId, string>;
  /** BOLT 9 name of a feature bit. */
  readonly featureName?: (bit: number) => string | undefined;
}

/**
 * The report of a journal (or of the shards of one plan, one after the other). A planned test without a result is `not-run`.
 * Throws `report.no-header`, `report.mixed-plans`, `report.unplanned` (a result of a test that was never planned).
 */
export function buildReport(events: readonly JournalEvent[], options: BuildOptions = {}): Report {
  const gathered = gather(events);
  const { header } = gathered;
  const transcripts: Record<string, TranscriptEntry[]> = {};
  const results = buildResults(gathered, options, transcripts);
  const ids = new Set([
    ...header.cases.flatMap(({ requirements }) => requirements),
    ...results.flatMap(({ requirement, checks }) => [
      requirement,
      ...checks.map((check) => check.requirement),
    ]),
  ]);
  const complete = gathered.finished === 'complete' && hasAllShards(gathered.shards);
  return cleanData<Report>({
    v: REPORT_VERSION,
    run: {
      runId: header.runId,
      planHash: header.planHash,
      seed: header.seed,
      startedAt: header.startedAt,
      boltgrid: header.boltgrid,
      finished: gathered.finished,
      complete,
      shards: [...gathered.shards],
      ...(gathered.milliseconds !== undefined && { milliseconds: gathered.milliseconds }),
      spec: header.spec,
    },
    summary: summarise(header.cells, results, complete),
    nodes: buildNodes(gathered, options.featureName),
    cells: header.cells,
    cases: header.cases,
    requirements: Object.fromEntries(
      [...ids].flatMap((id) => (id === undefined ? [] : [[id, describe(id, header, options)]])),
    ),
    results,
    notes: gathered.notes.map(({ at, level, text, cell }) => ({
      at,
      level,
      text,
      ...(cell !== undefined && { cell }),
    })),
    transcripts,
  });
}

function describe(
  id: RequirementId,
  header: JournalHeader,
  { requirements, sentences }: BuildOptions,
): ReportRequirement {
  const own = header.requirements?.[id];
  const indexed = requirements?.get(id);
  return own && !indexed
    ? describeOwn(id, own)
    : describeRequirement(id, header.spec, indexed, sentences?.get(id));
}

/** Reads a `report.json`. It may come from anywhere, so it is checked and cleaned again. Throws `report.unreadable` (user). */
export function parseReport(json: string): Report {
  let data: unknown;
  try {
    data = JSON.parse(json);
  } catch (error) {
    throw new BoltgridError('report.unreadable', 'user', `report: ${messageOf(error)}`, { cause: error });
  }
  const parsed = reportSchema.safeParse(data);
  if (parsed.success) return cleanData(parsed.data);
  throw new BoltgridError(
    'report.unreadable',
    'user',
    `report: ${z.prettifyError(parsed.error).slice(0, 2000)}`,
    {
      hint: 'Give a report.json of this version, or the folder of a run.',
    },
  );
}

function buildResults(
  { header, attempts, shards, finished }: Gathered,
  { expectations = [], requirements }: BuildOptions,
  transcripts: Record<string, TranscriptEntry[]>,
): ReportResult[] {
  const left = new Set(attempts.keys());
  const missing =
    shards.length > 0 && !hasAllShards(shards)
      ? `not in shard ${shards.join(', ')}`
      : `the run is ${finished}`;
  const results = plannedTests(header).map(({ cell, case: planned }) => {
    const key = testKey(cell.cell, planned.id);
    left.delete(key);
    const made = attempts.get(key) ?? [];
    const last = made.at(-1);
    const result = last
      ? judgedResult(cell, planned, made, last, requirements, transcripts)
      : { ...frame(cell, planned), message: cell.cannotRun ?? missing };
    const known = expectations.find((expected) => describes(expected, result));
    return known ? { ...result, known } : result;
  });
  const [stray] = left;
  if (stray !== undefined) {
    throw new BoltgridError(
      'report.unplanned',
      'user',
      `the journal has a result that its plan does not: ${stray.replace('\u0000', ' ')}`,
    );
  }
  const disputed = disputedCases(results);
  return results.map((result) =>
    result.kind === 'subject' && disputed.has(result.case) && isRed(result.verdict)
      ? { ...result, disputed: true }
      : result,
  );
}

/** The result of a test that nothing is known of. */
const frame = ({ cell, nodes }: PlannedCell, { id, caseId, kind, level }: PlannedCase): ReportResult => ({
  case: id,
  caseId,
  cell,
  kind,
  nodes,
  verdict: 'not-run',
  level,
  milliseconds: 0,
  checks: [],
  attempts: [],
});

/** A departure that names no requirement is charged to the case's own, the first. */
const CHARGED: ReadonlySet<Verdict> = new Set<Verdict>([
  'fail',
  'warn',
  'timeout',
  'crashed',
  'flaky',
  'disputed',
]);

function judgedResult(
  cell: PlannedCell,
  planned: PlannedCase,
  made: readonly CaseFinished[],
  last: CaseFinished,
  index: BuildOptions['requirements'],
  transcripts: Record<string, TranscriptEntry[]>,
): ReportResult {
  const attempts = made.map((event) => {
    const { attempt, at, verdict, milliseconds, world, transcript } = event;
    const ref = `${event.cell} ${event.case} ${attempt}`;
    if (transcript.length > 0) transcripts[ref] = transcript;
    return {
      ...{ attempt, at, verdict, milliseconds, world },
      ...present(event, ['requirement', 'step', 'message']),
      ...(transcript.length > 0 && { transcriptRef: ref }),
    };
  });
  // Of a flaky case the attempt that failed is the one worth reading.
  const telling = last.verdict === 'flaky' ? (made.find(({ verdict }) => verdict !== 'pass') ?? last) : last;
  const requirement =
    telling.requirement ??
    last.requirement ??
    (CHARGED.has(last.verdict) ? planned.requirements[0] : undefined);
  const ref = attempts.find(({ attempt }) => attempt === telling.attempt)?.transcriptRef;
  return {
    ...frame(cell, planned),
    verdict: last.verdict,
    level: levelOf(requirement, telling, index) ?? planned.level,
    milliseconds: last.milliseconds,
    ...present(telling, ['blame', 'message', 'step', 'expected', 'got', 'logTail']),
    ...(requirement !== undefined && { requirement }),
    checks: telling.checks,
    attempts,
    ...(ref !== undefined && { transcriptRef: ref }),
  };
}

function levelOf(
  id: string | undefined,
  { checks }: CaseFinished,
  index: BuildOptions['requirements'],
): Level | undefined {
  if (id === undefined) return undefined;
  return index?.get(id)?.level ?? checks.find((check) => check.requirement === id)?.level;
}

/** Those of the named properties that are there: an optional one is absent, never `undefined`. */
function present<T extends object, K extends keyof T>(
  from: T,
  keys: readonly K[],
): { [P in K]?: Exclude<T[P], undefined> } {
  return Object.fromEntries(
    keys.flatMap((key) => (from[key] === undefined ? [] : [[key, from[key]]])),
  ) as never;
}
