import { isRed } from '../core/verdict.ts';
import { diff, sameOutcome } from './diff.ts';
import { concerns, describes, hasExpired, type Expectation } from './expectations.ts';
import type { Report, ReportResult } from './schema.ts';
import { howOften, setupErrors } from './setup-errors.ts';
import { wasTried } from './summary.ts';

export interface GateOptions {
  readonly expectations: readonly Expectation[];
  /** Only what is newly red, or red in another way, since this run counts. */
  readonly baseline?: Report;
  /** The user chose a part of the plan: an expectation that matches nothing is then no mistake. */
  readonly partial?: boolean;
}

interface StaleExpectation {
  readonly expectation: Expectation;
  readonly why: 'matches-nothing' | 'expired' | 'passes';
  /** The results that passed. */
  readonly passing: readonly ReportResult[];
}

export interface GateOutcome {
  readonly ok: boolean;
  readonly exitCode: 0 | 1 | 3 | 130;
  /** What to tell the user, one finding a line; the last line sums up. */
  readonly lines: readonly string[];
  /** Red results that nothing explains, set-up errors among them. */
  readonly unexpected: readonly ReportResult[];
  readonly stale: readonly StaleExpectation[];
  readonly harness: readonly ReportResult[];
  /** Red results that an expectation describes. */
  readonly known: readonly ReportResult[];
  /** Red results that the baseline has too. */
  readonly unchanged: readonly ReportResult[];
}

/**
 * Judges a run as a whole. The first that applies: 3 for a harness error or a journal that breaks off, 130 for a cancelled run,
 * 1 for an unexpected red result, a set-up error or a stale expectation, otherwise 0.
 *
 * Neither an expectation nor a baseline excuses a set-up error, a harness error or a flaky `must`: they say nothing reliable
 * of the node, so there is nothing to compare.
 */
export function gate(report: Report, { expectations, baseline, partial = false }: GateOptions): GateOutcome {
  const harness = report.results.filter(({ verdict }) => verdict === 'harness-error');
  const red = report.results.filter(counts);
  const known = red.filter((result) => expectations.some((expected) => describes(expected, result)));
  const before = baseline ? redBefore(baseline, report) : undefined;
  const unexplained = red.filter((result) => !known.includes(result));
  const unchanged = unexplained.filter((result) => before?.has(result) === true && canBeCompared(result));
  const unexpected = unexplained.filter((result) => !unchanged.includes(result));
  const stale = expectations.flatMap((expected) => staleness(expected, report, partial) ?? []);
  const exitCode = exitCodeOf(report, harness.length > 0, unexpected.length > 0 || stale.length > 0);
  return {
    ...{ ok: exitCode === 0, exitCode, unexpected, stale, harness, known, unchanged },
    lines: [
      ...endLines(report),
      ...harness.map((result) => resultLine('harness error', result)),
      ...unexpected
        .filter(({ verdict }) => verdict !== 'setup-error')
        .map((result) => resultLine('unexpected', result)),
      ...setupErrors(unexpected).map(
        (same) => `set-up error: ${howOften(same)}: ${same.message.split('\n', 1)[0] ?? ''}`,
      ),
      ...stale.map(staleLine),
      `${verdictOf(exitCode, report)}: ${unexpected.length} unexpected, ${known.length} known, ` +
        `${stale.length} stale expectations, ${harness.length} harness errors` +
        (baseline ? `, ${unchanged.length} unchanged since ${baseline.run.runId}` : '') +
        (report.summary.notHere.tests > 0 ? `, ${report.summary.notHere.tests} not run here` : ''),
    ],
  };
}

/** What comes and goes with a `should` is noted only; everything else red counts. Harness errors are counted apart. */
const counts = ({ verdict, level }: ReportResult): boolean =>
  isRed(verdict) && verdict !== 'harness-error' && !(verdict === 'flaky' && level !== 'must');

const canBeCompared = ({ verdict }: ReportResult): boolean =>
  verdict !== 'setup-error' && verdict !== 'flaky';

/** Results that were red in the same way in the baseline. */
function redBefore(baseline: Report, report: Report): Set<ReportResult> {
  const same = diff(baseline, report).entries.flatMap(({ before, after }) =>
    before && after && isRed(before.verdict) && sameOutcome(before, after) ? [after] : [],
  );
  return new Set(same);
}

function staleness(expectation: Expectation, report: Report, partial: boolean): StaleExpectation | undefined {
  if (hasExpired(expectation, report.run.startedAt)) return { expectation, why: 'expired', passing: [] };
  const concerned = report.results.filter((result) => concerns(expectation, result));
  if (concerned.length === 0)
    return partial ? undefined : { expectation, why: 'matches-nothing', passing: [] };
  const passing = concerned.filter(
    (result) => wasTried(result) && !isRed(result.verdict) && !describes(expectation, result),
  );
  return passing.length === 0 ? undefined : { expectation, why: 'passes', passing };
}

function exitCodeOf({ run }: Report, harness: boolean, red: boolean): GateOutcome['exitCode'] {
  if (harness || run.finished === 'unfinished' || run.finished === 'fault') return 3;
  if (run.finished === 'cancelled') return 130;
  return red ? 1 : 0;
}

function endLines({ run }: Report): string[] {
  if (run.finished === 'complete')
    return run.complete ? [] : [`only shards ${run.shards.join(', ')} of the plan are here`];
  return [
    run.finished === 'unfinished'
      ? 'the journal has no footer: the run did not end'
      : `the run ended early: ${run.finished}`,
  ];
}

const verdictOf = (exitCode: number, { run }: Report): string =>
  exitCode === 0 ? 'as expected' : run.finished === 'cancelled' ? 'cancelled' : 'not as expected';

const resultLine = (
  what: string,
  { verdict, case: id, cell, requirement, step, message }: ReportResult,
): string =>
  `${what}: ${verdict}  ${cell}  ${id}` +
  (requirement === undefined ? '' : `  at ${requirement}`) +
  (step === undefined ? '' : ` (${step})`) +
  (message === undefined ? '' : `: ${message.split('\n', 1)[0] ?? ''}`);

function staleLine({ expectation, why, passing }: StaleExpectation): string {
  const name = `expectation ${expectation.case} on ${expectation.node}${expectation.peer === undefined ? '' : ` with ${expectation.peer}`}`;
  switch (why) {
    case 'matches-nothing':
      return `${name} matches no planned case: remove or mend it`;
    case 'expired':
      return `${name} expired on ${expectation.expires}: look into it again (${expectation.link})`;
    case 'passes':
      return `${name} no longer holds, narrow or remove it: ${passing.map(({ cell, case: id }) => `${id} passes on ${cell}`).join('; ')}`;
  }
}
