import { z } from 'zod';
import { VERDICTS } from '../core/verdict.ts';
import { checkResult, featureBits, nodeIdentity, specSource, transcriptEntry } from '../journal/events.ts';
import { plannedCell } from '../matrix/plan.ts';
import { expectation } from './expectations.ts';

/**
 * `report.json`, version 1: what every format is rendered from. A pure function of the journal, the expectations and the
 * requirement index, so the same inputs give the same bytes. All text in it is cleaned (`clean.ts`).
 */
export const REPORT_VERSION = 1;

const verdict = z.enum(VERDICTS);
const level = z.enum(['must', 'should', 'may']);
const kind = z.enum(['subject', 'pair', 'upgrade']);

/** `unfinished`: the journal has no footer, the run died or is still going on. */
const finished = z.enum(['complete', 'cancelled', 'fail-fast', 'fault', 'unfinished']);

const runInfo = z.strictObject({
  runId: z.string(),
  planHash: z.string(),
  seed: z.string(),
  startedAt: z.iso.datetime(),
  boltgrid: z.string(),
  finished,
  /** Finished as planned, and every shard of the plan is here. */
  complete: z.boolean(),
  /** Shards that the journal holds, `1/3`; empty for a run in one piece. */
  shards: z.array(z.string()),
  /** Wall time of the run, summed over shards; absent when unfinished. */
  milliseconds: z.number().optional(),
  spec: z.record(z.string(), specSource),
});

/** Starts of one and the same thing. */
const nodeStarts = {
  /** Of the first start. */
  startedAt: z.iso.datetime().optional(),
  /** The longest start. */
  startMs: z.number().optional(),
  /** How often it was started: each world has its own. */
  starts: z.number().int(),
};

const reportNode = z.strictObject({
  ...nodeIdentity.partial({ build: true, reported: true, publicKey: true }).shape,
  /** A node that never came up has no build, public key or features. */
  started: z.boolean(),
  /** Feature bits of its own init, with the BOLT 9 name where there is one. */
  features: z.array(z.strictObject({ bit: featureBits.element, name: z.string().optional() })),
  ...nodeStarts,
  /** What it also was in this run, where its starts were not all of one build. What is said above is of its own cell. */
  otherBuilds: z
    .array(
      z.strictObject({
        ...nodeIdentity.pick({ build: true, reported: true, image: true }).shape,
        ...nodeStarts,
      }),
    )
    .optional(),
});

const reportRequirement = z.strictObject({
  id: z.string(),
  /** `bolt01` */
  document: z.string(),
  level: level.optional(),
  /** The document at the pinned commit, with the section's anchor when the requirement index knows it. */
  url: z.string().optional(),
  section: z.string().optional(),
  sentence: z.string().optional(),
});

const reportCase = z.strictObject({
  id: z.string(),
  /** Without the `[parameter]`: what is counted. */
  caseId: z.string(),
  suite: z.string(),
  suiteTitle: z.string(),
  title: z.string(),
  kind,
  level,
  /** Ids; looked up in `requirements`. */
  requirements: z.array(z.string()),
  formerly: z.array(z.string()),
  location: z.string(),
});

const reportAttempt = z.strictObject({
  attempt: z.number().int(),
  at: z.iso.datetime(),
  verdict,
  milliseconds: z.number(),
  world: z.enum(['shared', 'alone', 'none']),
  requirement: z.string().optional(),
  step: z.string().optional(),
  message: z.string().optional(),
  /** Key into `transcripts`. */
  transcriptRef: z.string().optional(),
});

const reportResult = z.strictObject({
  /** Id of the run: `bolt01/ping#asked-length[largest]`. */
  case: z.string(),
  caseId: z.string(),
  cell: z.string(),
  kind,
  nodes: z.array(z.string()),
  /** Of the last attempt: red and then green alone is written as `flaky` by the runner. */
  verdict,
  /** Of the requirement that decided the verdict, otherwise the case's. */
  level,
  milliseconds: z.number(),
  blame: z.string().optional(),
  message: z.string().optional(),
  requirement: z.string().optional(),
  step: z.string().optional(),
  expected: z.unknown().optional(),
  got: z.unknown().optional(),
  checks: z.array(checkResult),
  attempts: z.array(reportAttempt),
  logTail: z.array(z.string()).optional(),
  /** The transcript of the attempt that decided; key into `transcripts`. */
  transcriptRef: z.string().optional(),
  /** The expectation that describes this departure. The result stays red. */
  known: expectation.optional(),
  /** A `must` that is red on every independent implementation: until explained, ours to mend. */
  disputed: z.literal(true).optional(),
});

const verdictCounts = z.record(verdict, z.number().int());

/** What this machine could not run, for want of an image or of Docker. It is not among what is counted otherwise. */
const notHere = z.strictObject({
  cells: z.array(z.string()),
  /** None of whose cells ran. */
  nodes: z.array(z.string()),
  /** Planned tests: a case with its parameter on a cell. */
  tests: z.number().int(),
  /** The same by reason. A node stands for all its cells; a cell is named where its nodes ran elsewhere. */
  reasons: z.array(
    z.strictObject({ reason: z.string(), nodes: z.array(z.string()), cells: z.array(z.string()) }),
  ),
});

const reportSummary = z.strictObject({
  /** Each (cell, case) once, by the most severe of its parameters. Unproven cases are left out. */
  verdicts: verdictCounts,
  /** Cells that could be run here. */
  perCell: z.array(z.strictObject({ cell: z.string(), kind, verdicts: verdictCounts })),
  /** Distinct cases that a real node was judged by. */
  cases: z.number().int(),
  /** Cases that no real node was judged by; they do not count. */
  unproven: z.array(z.string()),
  disputed: z.array(z.string()),
  /** Red or warned results that an expectation describes. */
  known: z.number().int(),
  notHere,
});

const reportNote = z.strictObject({
  at: z.iso.datetime(),
  level: z.enum(['info', 'warning', 'error']),
  text: z.string(),
  cell: z.string().optional(),
});

export const report = z.strictObject({
  v: z.literal(REPORT_VERSION),
  run: runInfo,
  summary: reportSummary,
  nodes: z.array(reportNode),
  cells: z.array(plannedCell),
  cases: z.array(reportCase),
  requirements: z.record(z.string(), reportRequirement),
  results: z.array(reportResult),
  notes: z.array(reportNote),
  transcripts: z.record(z.string(), z.array(transcriptEntry)),
});

export type Report = z.infer<typeof report>;
export type ReportRun = z.infer<typeof runInfo>;
export type ReportNode = z.infer<typeof reportNode>;
export type ReportCase = z.infer<typeof reportCase>;
export type ReportRequirement = z.infer<typeof reportRequirement>;
export type ReportResult = z.infer<typeof reportResult>;
export type ReportAttempt = z.infer<typeof reportAttempt>;
export type ReportSummary = z.infer<typeof reportSummary>;
export type VerdictCounts = z.infer<typeof verdictCounts>;
