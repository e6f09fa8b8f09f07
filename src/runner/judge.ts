import { type BoltgridError, isBoltgridError, messageOf } from '../core/error.ts';
import { cleanText } from '../core/text.ts';
import type { Level, Verdict } from '../core/verdict.ts';
import type { CheckResult } from '../journal/events.ts';
import { brief, type StepFailure, stepFailureOf } from '../peer/step.ts';
import { toJson } from '../peer/transcript.ts';
import { requirement } from '../spec/registry.ts';
import type { TestCase } from '../suite/types.ts';
import type { Liveness } from './diagnose.ts';

/** What a case came to, before reruns are considered. */
export interface Judgement {
  readonly verdict: Verdict;
  readonly requirement?: string;
  readonly step?: string;
  readonly blame?: string;
  readonly message?: string;
  readonly expected?: unknown;
  readonly got?: unknown;
}

/** A body that ended without an error: red only by the `should`s that were broken on the way. */
export function judgePassed(checks: readonly CheckResult[]): Judgement {
  const broken = checks.find((check) => !check.ok && check.level === 'should');
  if (!broken) return { verdict: 'pass' };
  return {
    verdict: 'warn',
    requirement: broken.requirement,
    step: broken.step,
    blame: 'node',
    message: `${broken.requirement}: ${broken.note ?? `expected ${brief(broken.expected)}, got ${brief(broken.got)}`}`,
    expected: broken.expected,
    got: broken.got,
  };
}

/**
 * A body that ended with an error. The one place where an error becomes a verdict: what a step missed is a matter of the node's
 * liveness, what is not a step is never the node's.
 */
export function judgeError(
  test: TestCase,
  error: unknown,
  liveness: Liveness,
  death?: BoltgridError,
): Judgement {
  const failure = stepFailureOf(error);
  if (liveness === 'dead') return crashed(failure, error, death);
  if (failure) {
    const missed = isBoltgridError(error) && error.code === 'step.deadline';
    if (missed && liveness === 'deaf-connection' && failure.awaited === 'message') {
      return charged(
        test,
        failure,
        'timeout',
        `${messageOf(error)}; this connection is dead, while a new one is served`,
      );
    }
    return charged(test, failure, undefined, messageOf(error));
  }
  if (isBoltgridError(error) && error.code === 'core.deadline' && error.details.of === 'case') {
    return { verdict: 'harness-error', blame: 'harness', message: messageOf(error) };
  }
  if (isBoltgridError(error) && OPERATION_REFUSED.has(error.code)) return operationFailed(test, error);
  if (isBoltgridError(error) && error.blame === 'setup') {
    return { verdict: 'setup-error', blame: 'setup', message: messageOf(error) };
  }
  return {
    verdict: 'harness-error',
    blame: 'harness',
    message: cleanText(error instanceof Error ? (error.stack ?? error.message) : messageOf(error)),
  };
}

/** The node understood and refused, or did not do it in time. `internal` errors are of the control path: ours. */
const OPERATION_REFUSED = new Set(['node.rejected', 'node.not-ready', 'node.timeout']);

function operationFailed(test: TestCase, error: BoltgridError): Judgement {
  const failure: StepFailure = {
    requirement: undefined,
    step: 'a control operation',
    expected: 'the operation succeeds',
    got: cleanText(error.message),
    awaited: 'state',
    link: undefined,
  };
  return charged(test, failure, undefined, error.message);
}

/** `death`: how a node of the world ended; without it the node runs, and answers nobody. */
function crashed(
  failure: StepFailure | undefined,
  error: unknown,
  death: BoltgridError | undefined,
): Judgement {
  const what = death?.message ?? 'the node runs and answers nobody';
  return {
    verdict: 'crashed',
    blame: 'node',
    message: error === death ? what : `${what}; seen at: ${messageOf(error)}`,
    ...(failure?.requirement !== undefined && { requirement: failure.requirement }),
    // An expectation names a step, also where a node ends between two.
    step: failure?.step ?? 'stay up',
    ...(failure && { expected: failure.expected, got: failure.got }),
  };
}

const BY_LEVEL: Readonly<Record<Level, Verdict>> = { must: 'fail', should: 'warn', may: 'harness-error' };

function charged(
  test: TestCase,
  failure: StepFailure,
  verdict: Verdict | undefined,
  message: string,
): Judgement {
  const id = failure.requirement ?? test.requirements[0];
  const { level } = requirement(id);
  const decided = verdict ?? BY_LEVEL[level];
  return {
    verdict: decided,
    requirement: id,
    step: failure.step,
    blame: decided === 'harness-error' ? 'harness' : test.kind === 'pair' ? 'unknown' : 'node',
    message: level === 'may' ? `${id} is a MAY and cannot be broken; ${message}` : `${id}: ${message}`,
    expected: toJson(failure.expected),
    got: toJson(failure.got),
  };
}
