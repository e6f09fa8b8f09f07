import { isBoltgridError, messageOf } from '../core/error.ts';
import type { CaseFinished, JournalEvent } from '../journal/events.ts';
import type { PlannedCell } from '../matrix/plan.ts';
import type { TestCase } from '../suite/types.ts';
import { finished, logTailIn } from './run-case.ts';
import type { WorldNode } from './world.ts';

/* Events that do not come out of a case itself. */

export function flaky(first: CaseFinished, second: CaseFinished): CaseFinished {
  return {
    ...second,
    verdict: 'flaky',
    blame: 'unknown',
    message: `${first.verdict} at first (${first.message ?? ''}), then passed alone in a fresh world`,
    ...(first.requirement !== undefined && { requirement: first.requirement }),
    ...(first.step !== undefined && { step: first.step }),
  };
}

/** A node died, and none of the cases in flight does it alone. */
export function unexplained(result: CaseFinished, suspects: readonly CaseFinished[]): CaseFinished {
  const list = suspects.map((suspect) => suspect.case).join(', ');
  return {
    ...result,
    verdict: 'crashed',
    blame: 'node',
    message: `a node died while these cases were in flight, and none of them does it alone: ${list}`,
  };
}

export function setUpFailed(
  cell: PlannedCell,
  test: TestCase,
  attempt: number,
  error: unknown,
): CaseFinished {
  const hint = isBoltgridError(error) && error.hint !== undefined ? ` ${error.hint}` : '';
  return {
    ...finished(
      { test, cell, attempt, alone: false },
      { verdict: 'setup-error', blame: 'setup', message: `${messageOf(error)}${hint}` },
    ),
    ...logTailIn(error),
  };
}

export function nodeStarted({ running, features }: WorldNode, startMs: number): JournalEvent {
  const bits = [...features].sort((a, b) => a - b);
  const { argv, ...identity } = running.identity;
  return {
    event: 'node-started',
    at: new Date().toISOString(),
    identity: { ...identity, ...(argv && { argv: [...argv] }) },
    features: bits,
    startMs,
  };
}
