import { readdirSync, readFileSync } from 'node:fs';
import { z } from 'zod';
import { VERDICTS } from '../../src/core/verdict.ts';

/** What scripts/keep-transcripts.mjs keeps of runs: see test/fixtures/transcripts/README.md. */
const FOLDER = new URL('../fixtures/transcripts/', import.meta.url);

const entry = z.strictObject({
  link: z.number().int().min(0),
  dir: z.enum(['in', 'out', 'note']),
  name: z.string().optional(),
  /** The whole plaintext message. */
  hex: z
    .string()
    .regex(/^([0-9a-f]{2})*$/)
    .optional(),
  text: z.string().optional(),
});

const recordedCase = z.strictObject({
  cell: z.string(),
  case: z.string(),
  attempt: z.number().int().min(1),
  verdict: z.enum(VERDICTS),
  requirement: z.string().optional(),
  step: z.string().optional(),
  /** Decided by what did not come in time. */
  silent: z.literal(true).optional(),
  transcript: z.array(entry),
});

const recordedRun = z.strictObject({
  date: z.iso.date(),
  boltgrid: z.string(),
  seed: z.string(),
  /** As the node sent in init to a probe at its start. */
  features: z.array(z.number().int()),
  cases: z.array(recordedCase).min(1),
});

const recordedNode = z.strictObject({
  node: z.string(),
  image: z.strictObject({ reference: z.string(), digest: z.string() }),
  reported: z.string(),
  runs: z.array(recordedRun).min(1),
});

export type RecordedNode = z.infer<typeof recordedNode>;
export type RecordedRun = z.infer<typeof recordedRun>;
export type RecordedCase = z.infer<typeof recordedCase>;
export type RecordedEntry = z.infer<typeof entry>;

export const recordedNodes: readonly RecordedNode[] = readdirSync(FOLDER)
  .filter((file) => file.endsWith('.json'))
  .map((file) => recordedNode.parse(JSON.parse(readFileSync(new URL(file, FOLDER), 'utf8'))));
