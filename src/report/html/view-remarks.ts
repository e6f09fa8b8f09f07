import type { Report } from '../schema.ts';
import { howOften, setupErrors } from '../setup-errors.ts';
import { notHereCount } from '../text/not-here.ts';
import { cutText } from '../value.ts';

const MOST_GROUPS = 20;
const MOST_LOG_LINES = 12;

/** What this machine could not run, by reason; `null` when it could run all. */
export function notHereView({ summary: { notHere } }: Report): unknown {
  if (notHere.cells.length === 0) return null;
  return {
    count: notHereCount(notHere),
    reasons: notHere.reasons.map(({ reason, nodes, cells }) => ({
      reason: cutText(reason, 600),
      names: [...nodes, ...cells],
    })),
  };
}

/** Identical set-up errors, once each; `null` when there is none. */
export function setupView({ results }: Report): unknown {
  const errors = setupErrors(results);
  if (errors.length === 0) return null;
  return {
    total: errors.reduce((sum, same) => sum + same.results.length, 0),
    errors: errors.slice(0, MOST_GROUPS).map((same) => ({
      howOften: howOften(same, 8),
      cell: same.cells[0] ?? '',
      message: cutText(same.message, 2000),
      lastLines: same.logTail
        .flatMap((line) => line.split('\n'))
        .slice(-MOST_LOG_LINES)
        .join('\n'),
    })),
    more: errors.length > MOST_GROUPS ? errors.length - MOST_GROUPS : null,
  };
}
