import { z } from 'zod';
import { VERDICTS } from '../core/verdict.ts';
import { plannedCase, plannedCell } from '../matrix/plan.ts';
import { ownRequirement } from '../spec/own.ts';

/**
 * The journal is JSON Lines, one event a line, written by the coordinator alone. Version 1.
 * Unknown keys are an error: a journal is either understood whole or refused.
 */
export const JOURNAL_VERSION = 1;

const verdict = z.enum(VERDICTS);
const level = z.enum(['must', 'should', 'may']);
const time = z.iso.datetime();

export const transcriptEntry = z.strictObject({
  /** Milliseconds since the case started. */
  at: z.number(),
  /** Which of the case's connections, in order of opening. */
  link: z.number().int(),
  /** `in` is from the node, `out` from us; `note` is an event of the connection (opened, closed, handshake act). */
  dir: z.enum(['in', 'out', 'note']),
  type: z.number().int().optional(),
  name: z.string().optional(),
  /** Whole length in bytes, also where `hex` is cut. */
  length: z.number().int().optional(),
  /** The plaintext message (type and payload), cut after 2 KiB. */
  hex: z.string().optional(),
  /** Decoded fields as JSON: bigints as strings, bytes as hex; or why it does not decode. */
  fields: z.unknown().optional(),
  text: z.string().optional(),
});

export const checkResult = z.strictObject({
  requirement: z.string(),
  level,
  /** For a `may`: whether it was observed. */
  ok: z.boolean(),
  step: z.string(),
  expected: z.unknown().optional(),
  got: z.unknown().optional(),
  note: z.string().optional(),
});

export const featureBits = z.array(z.number().int());

export const nodeIdentity = z.strictObject({
  id: z.string(),
  implementation: z.string(),
  version: z.string(),
  profile: z.string(),
  build: z.string(),
  reported: z.string(),
  note: z.string().optional(),
  image: z.strictObject({ reference: z.string(), digest: z.string() }).optional(),
  argv: z.array(z.string()).optional(),
  publicKey: z.string(),
});

export const specSource = z.strictObject({ repository: z.string(), commit: z.string() });

const header = z.strictObject({
  event: z.literal('header'),
  v: z.literal(JOURNAL_VERSION),
  boltgrid: z.string(),
  runId: z.string(),
  planHash: z.string(),
  shard: z.string().optional(),
  seed: z.string(),
  /** The user chose a part of the matrix: what is not in the plan says nothing. */
  partial: z.literal(true).optional(),
  /** Nodes that `--node` named beside those of the matrix, as it was written: `lnd=IMAGE`. */
  named: z.array(z.string()).optional(),
  /** Whatever could be was run in containers. */
  docker: z.literal(true).optional(),
  startedAt: time,
  spec: z.record(z.string(), specSource),
  cases: z.array(plannedCase),
  cells: z.array(plannedCell),
  /** Those that suites brought along: of documents that the requirement index does not hold. */
  requirements: z.record(z.string(), ownRequirement).optional(),
});

const nodeStarted = z.strictObject({
  event: z.literal('node-started'),
  at: time,
  identity: nodeIdentity,
  /** As sent in init to a probe. */
  features: featureBits,
  startMs: z.number(),
});

const caseStarted = z.strictObject({
  event: z.literal('case-started'),
  at: time,
  cell: z.string(),
  case: z.string(),
  attempt: z.number().int().min(1),
});

const caseFinished = z.strictObject({
  event: z.literal('case-finished'),
  at: time,
  cell: z.string(),
  case: z.string(),
  attempt: z.number().int().min(1),
  verdict,
  milliseconds: z.number(),
  /** Set on a red first attempt: the case is run once more, alone, and that attempt decides. */
  rerunFollows: z.literal(true).optional(),
  /** Whether the case shared its world with others or had one to itself. */
  world: z.enum(['shared', 'alone', 'none']),
  /** Where the verdict was decided. */
  requirement: z.string().optional(),
  step: z.string().optional(),
  /** `node`, `setup`, `harness`, `unknown` or, for a pair, a node id. */
  blame: z.string().optional(),
  message: z.string().optional(),
  expected: z.unknown().optional(),
  got: z.unknown().optional(),
  checks: z.array(checkResult),
  transcript: z.array(transcriptEntry),
  logTail: z.array(z.string()).optional(),
});

/** A note about the run as a whole: a world that was retired, suspects of a crash, a set-up that failed. */
const noted = z.strictObject({
  event: z.literal('noted'),
  at: time,
  level: z.enum(['info', 'warning', 'error']),
  text: z.string(),
  cell: z.string().optional(),
});

const resumed = z.strictObject({
  event: z.literal('resumed'),
  at: time,
  dropped: z.number().int(),
  /** Nodes whose build is another one since: what their cells came to before does not count. */
  rebuilt: z.array(z.string()).optional(),
});

const footer = z.strictObject({
  event: z.literal('footer'),
  at: time,
  reason: z.enum(['complete', 'cancelled', 'fail-fast', 'fault']),
  /** What was planned and not reached, as `cell` and `case`, when cut short. */
  notRun: z.number().int(),
  milliseconds: z.number(),
});

export const journalEvent = z.discriminatedUnion('event', [
  header,
  nodeStarted,
  caseStarted,
  caseFinished,
  noted,
  resumed,
  footer,
]);

export type JournalEvent = z.infer<typeof journalEvent>;
export type JournalHeader = z.infer<typeof header>;
export type CaseFinished = z.infer<typeof caseFinished>;
export type CheckResult = z.infer<typeof checkResult>;
export type TranscriptEntry = z.infer<typeof transcriptEntry>;
