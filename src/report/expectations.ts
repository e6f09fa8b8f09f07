import { z } from 'zod';
import { BoltgridError, messageOf } from '../core/error.ts';
import type { Verdict } from '../core/verdict.ts';
import { matchesPattern } from '../core/pattern.ts';
import type { ReportResult } from './schema.ts';
import { inNodeRange, parseNodeRange, type NodeRange } from './versions.ts';

const nodeRange = z.string().refine((text) => parseNodeRange(text) !== undefined, {
  error: 'is no node range such as `ldk@0.1.2` or `lnd@>=0.20 <0.22`',
});

/** A known departure of a node from a requirement. Its result stays red, with a "known" mark. */
export const expectation = z.strictObject({
  /** Case id, or a pattern: `*` within a path segment, `**` across them. Without `[parameter]` it means all parameters. */
  case: z.string().min(1),
  /** `ldk`, `ldk@0.1.2`, `ldk@>=0.1.0 <0.2.0`; of a pair or upgrade, the first node. */
  node: nodeRange,
  /** Of a pair or upgrade, the second node. Without it, only subject cells are meant. */
  peer: nodeRange.optional(),
  /** The exact requirement and step at which it departs. Another one is another departure. */
  requirement: z.string().min(1),
  step: z.string().min(1),
  reason: z.string().min(1),
  /** Where it is discussed: the implementation's tracker, or docs/findings.md. */
  link: z.string().min(1),
  /** The last day on which it counts. Judged at the day the run started, so that a report never changes with age. */
  expires: z.iso.date(),
});

export const expectationsFile = z.strictObject({
  $schema: z.string().optional(),
  expectations: z.array(expectation),
});

export type Expectation = z.infer<typeof expectation>;

/** Reads the text of an `expectations.json`. Throws `expectations.invalid` (user). */
export function parseExpectations(json: string): Expectation[] {
  let data: unknown;
  try {
    data = JSON.parse(json);
  } catch (error) {
    throw new BoltgridError('expectations.invalid', 'user', `expectations: ${messageOf(error)}`, {
      cause: error,
    });
  }
  const parsed = expectationsFile.safeParse(data);
  if (parsed.success) return parsed.data.expectations;
  throw new BoltgridError('expectations.invalid', 'user', `expectations: ${z.prettifyError(parsed.error)}`, {
    hint: 'Each entry has case, node, requirement, step, reason, link and expires (see schemas/expectations.schema.json).',
  });
}

/** Whether the expectation speaks of this case on this cell at all, whatever came of it. */
export function concerns(
  { case: pattern, node, peer }: Expectation,
  result: Pick<ReportResult, 'case' | 'caseId' | 'nodes'>,
): boolean {
  const [first = '', second] = result.nodes;
  if (!inRange(node, first)) return false;
  if (second === undefined ? peer !== undefined : peer === undefined || !inRange(peer, second)) return false;
  return matchesPattern(pattern, result.case) || matchesPattern(pattern, result.caseId);
}

function inRange(text: string, node: string): boolean {
  const range: NodeRange | undefined = parseNodeRange(text);
  return range !== undefined && inNodeRange(range, node);
}

/** Only what a node itself did can be expected: never a set-up error, a harness error, or what comes and goes. */
const CAN_BE_EXPECTED: ReadonlySet<Verdict> = new Set<Verdict>([
  'fail',
  'warn',
  'timeout',
  'crashed',
  'disputed',
]);

/** Whether the result is exactly the departure that the expectation describes. */
export function describes(expected: Expectation, result: ReportResult): boolean {
  if (!CAN_BE_EXPECTED.has(result.verdict) || !concerns(expected, result)) return false;
  return departures(result).some(
    ({ requirement, step }) => requirement === expected.requirement && step === expected.step,
  );
}

/** A broken `must` ends a case, so it is the only one; several `should` can be broken on the way. */
function departures(
  result: ReportResult,
): readonly { requirement?: string | undefined; step?: string | undefined }[] {
  if (result.verdict !== 'warn') return [result];
  return [result, ...result.checks.filter((check) => !check.ok && check.level === 'should')];
}

export const hasExpired = ({ expires }: Expectation, startedAt: string): boolean =>
  expires < startedAt.slice(0, 10);
