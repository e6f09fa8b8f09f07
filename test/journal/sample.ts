import type { CaseFinished, JournalEvent, JournalHeader } from '../../src/journal/events.ts';

export const AT = '2025-01-02T03:04:05.678Z';

export const CELLS = ['ldk@0.1.0', 'ldk@0.1.2'] as const;
export const CASES = ['bolt01/ping#one', 'bolt01/ping#two', 'bolt01/init#first'] as const;

export const PLAN_HASH = 'ab'.repeat(32);

export function sampleHeader(): JournalHeader {
  return {
    event: 'header',
    v: 1,
    boltgrid: '0.1.0',
    runId: '20250102-030405-abcd',
    planHash: PLAN_HASH,
    seed: 'seed',
    startedAt: AT,
    spec: {},
    cells: CELLS.map((cell) => ({ cell, kind: 'subject', nodes: [cell] })),
    cases: CASES.map((id) => ({
      id,
      caseId: id,
      suite: id.split('#')[0] ?? '',
      suiteTitle: 'a suite',
      title: 'a title',
      kind: 'subject',
      level: 'must',
      requirements: ['bolt01-ping-01'],
      formerly: [],
      location: 'suites/bolt01/ping.ts:1',
    })),
  };
}

export function started(cell: string, test: string, attempt = 1): JournalEvent {
  return { event: 'case-started', at: AT, cell, case: test, attempt };
}

export function finished(
  cell: string,
  test: string,
  verdict: CaseFinished['verdict'],
  attempt = 1,
  rest: Partial<CaseFinished> = {},
): CaseFinished {
  return {
    event: 'case-finished',
    at: AT,
    cell,
    case: test,
    attempt,
    verdict,
    milliseconds: 3,
    world: 'shared',
    checks: [],
    transcript: [],
    ...rest,
  };
}

export const footerEvent = (reason: 'complete' | 'cancelled' = 'complete'): JournalEvent => ({
  event: 'footer',
  at: AT,
  reason,
  notRun: 0,
  milliseconds: 10,
});

export const resumedEvent = (dropped = 0): JournalEvent => ({ event: 'resumed', at: AT, dropped });

export const asLines = (events: readonly unknown[]): string =>
  events.map((event) => `${JSON.stringify(event)}\n`).join('');
