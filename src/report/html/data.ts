import { gzipSync } from 'node:zlib';
import { groupBy } from '../../core/collections.ts';
import { isRed, VERDICT_TABLE, VERDICTS } from '../../core/verdict.ts';
import { MEANINGS } from '../meanings.ts';
import { rerunCommand } from '../rerun.ts';
import type { Report, ReportResult } from '../schema.ts';
import { setupErrors } from '../setup-errors.ts';

/**
 * What the page's script reads, in inert `<script type="application/gzip">` blocks: compressed JSON in base64. They work
 * from disk, where a page may not fetch, and their alphabet needs no escaping. Each is unpacked only when it is looked at.
 */
export interface DataBlock {
  readonly id: string;
  readonly base64: string;
}

/** Without padding: `atob` does without, and `=` would be escaped by the template. */
const block = (id: string, data: unknown): DataBlock => ({
  id,
  base64: gzipSync(JSON.stringify(data), { level: 9 }).toString('base64').replace(/=+$/, ''),
});

/**
 * `index` (all results in short), `red` (all that is red or warned of, in full), then one block a cell with the rest. Of a cell
 * that could not run here there is nothing to look at.
 */
export function dataBlocks(report: Report): DataBlock[] {
  const absent = new Set(report.summary.notHere.cells);
  const results = report.results.filter(({ cell }) => !absent.has(cell));
  const telling = results.filter(isTelling);
  const quiet = groupBy(
    results.filter((result) => !isTelling(result)),
    ({ cell }) => cell,
  );
  return [
    block('index', index(report, results)),
    block(
      'red',
      telling.map((result) => detail(report, result)),
    ),
    ...report.cells.flatMap(({ cell }, at) =>
      absent.has(cell)
        ? []
        : block(
            `cell-${at}`,
            (quiet.get(cell) ?? []).map((result) => detail(report, result)),
          ),
    ),
  ];
}

const isTelling = ({ verdict }: ReportResult): boolean => isRed(verdict) || verdict === 'warn';

function index(
  { run, cells, cases, requirements, nodes }: Report,
  results: readonly ReportResult[],
): unknown {
  return {
    ...{ run, cells, cases, requirements, nodes },
    verdicts: Object.fromEntries(
      VERDICTS.map((verdict) => [verdict, { ...VERDICT_TABLE[verdict], meaning: MEANINGS[verdict] }]),
    ),
    results: results.map((result) => ({
      ...{ case: result.case, caseId: result.caseId, cell: result.cell, verdict: result.verdict },
      telling: isTelling(result),
    })),
    setupErrors: setupErrors(results).map(({ message, logTail, results: same }) => ({
      ...{ message, logTail },
      perCell: Object.fromEntries(
        [...groupBy(same, ({ cell }) => cell)].map(([cell, { length }]) => [cell, length]),
      ),
    })),
  };
}

/** A result with its transcripts in place, and how to run it again. */
function detail(report: Report, result: ReportResult): unknown {
  return {
    ...result,
    rerun: rerunCommand(report, result),
    attempts: result.attempts.map((attempt) => ({
      ...attempt,
      decided: attempt.transcriptRef !== undefined && attempt.transcriptRef === result.transcriptRef,
      transcript:
        attempt.transcriptRef === undefined ? [] : (report.transcripts[attempt.transcriptRef] ?? []),
    })),
  };
}
