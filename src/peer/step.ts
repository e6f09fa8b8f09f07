import { BoltgridError } from '../core/error.ts';
import type { RequirementId } from '../spec/requirement.ts';
import { toJson } from './transcript.ts';

/** What was awaited when a step failed; decides how a missed deadline is looked into. */
export type Awaited = 'message' | 'close' | 'bytes' | 'connection' | 'state';

export interface StepFailure {
  /** Charged; the case's own requirement when absent. */
  readonly requirement: RequirementId | undefined;
  /** In words: `expect pong`. */
  readonly step: string;
  readonly expected: unknown;
  readonly got: unknown;
  readonly awaited: Awaited;
  /** The connection (number in the transcript) on which it happened, if on one. */
  readonly link: number | undefined;
}

type Details = StepFailure & Readonly<Record<string, unknown>>;

/** Something came, and it was not what the step expects. Code `step.unexpected`, blame node. */
export function unexpected(failure: StepFailure): BoltgridError {
  return stepError('step.unexpected', failure, `${failure.step}: got ${brief(failure.got)}`);
}

/** Nothing came in time. Code `step.deadline`, blame node; what it means is looked into before it gets a verdict. */
export function silent(failure: Omit<StepFailure, 'got'>, ms: number): BoltgridError {
  const got = `nothing within ${ms} ms`;
  return stepError('step.deadline', { ...failure, got }, `${failure.step}: ${got}`);
}

function stepError(code: string, failure: StepFailure, message: string): BoltgridError {
  const details: Details = { ...failure, expected: toJson(failure.expected), got: toJson(failure.got) };
  return new BoltgridError(code, 'node', message, { details });
}

/** The failure that a step error carries; `undefined` for any other error. */
export function stepFailureOf(error: unknown): StepFailure | undefined {
  if (!(error instanceof BoltgridError) || !error.code.startsWith('step.')) return undefined;
  return error.details as unknown as StepFailure;
}

/** One line for a message; the whole value is in the details. */
export function brief(value: unknown): string {
  const text = typeof value === 'string' ? value : JSON.stringify(toJson(value));
  return text.length <= 200 ? text : `${text.slice(0, 200)}…`;
}
