import { isRed, VERDICT_TABLE, VERDICTS } from '../core/verdict.ts';
import type { Report, ReportResult } from './schema.ts';
import { incompleteText } from './text/summary.ts';
import { durationText, valueText } from './value.ts';

const SHOWN_RESULTS = 50;

/** `summary.md`: the run in one table and its red results, for a pull request or a job's summary page. */
export function summaryMarkdown(report: Report): string {
  const { run, summary, results } = report;
  const red = results.filter(({ verdict }) => isRed(verdict));
  const warned = results.filter(({ verdict }) => verdict === 'warn');
  const time = run.milliseconds === undefined ? '' : ` in ${durationText(run.milliseconds)}`;
  return [
    '# boltgrid',
    '',
    `Run ${code(run.runId)} of ${run.startedAt.slice(0, 16).replace('T', ' ')} UTC: ${summary.cases} cases on ${report.cells.length} cells${time}, seed ${code(run.seed)}.`,
    ...(run.complete ? [] : ['', `**${text(incompleteText(run))}**`]),
    '',
    ...cellTable(report),
    ...section('Red', red, report),
    ...section('Warnings', warned, report),
    ...(summary.unproven.length === 0
      ? []
      : [
          '',
          `## Unproven: ${summary.unproven.length}`,
          '',
          'Judged on no real node, so not counted.',
          '',
          ...summary.unproven.map((id) => `- ${code(id)}`),
        ]),
    '',
  ].join('\n');
}

function cellTable({ summary }: Report): string[] {
  const columns = VERDICTS.filter((verdict) => summary.perCell.some(({ verdicts }) => verdicts[verdict] > 0));
  const heads = columns.map((verdict) => `${VERDICT_TABLE[verdict].glyph} ${VERDICT_TABLE[verdict].word}`);
  return [
    `| cell | ${heads.join(' | ')} |`,
    `| --- |${columns.map(() => ' ---: |').join('')}`,
    ...summary.perCell.map(
      ({ cell, verdicts }) =>
        `| ${text(cell)} | ${columns.map((verdict) => (verdicts[verdict] === 0 ? '' : verdicts[verdict])).join(' | ')} |`,
    ),
  ];
}

function section(title: string, results: readonly ReportResult[], report: Report): string[] {
  if (results.length === 0) return [];
  const more = results.length - SHOWN_RESULTS;
  return [
    '',
    `## ${title}: ${results.length}`,
    '',
    ...results.slice(0, SHOWN_RESULTS).map((result) => item(result, report)),
    ...(more > 0 ? [`- … and ${more} more`] : []),
  ];
}

function item(result: ReportResult, { requirements }: Report): string {
  const { verdict, cell, case: id, requirement, known, disputed, message } = result;
  const { glyph, word } = VERDICT_TABLE[verdict];
  const url = requirement === undefined ? undefined : requirements[requirement]?.url;
  const sentence =
    requirement === undefined
      ? ''
      : `, ${url === undefined ? code(requirement) : `[${text(requirement)}](${url})`}`;
  const values =
    'expected' in result || 'got' in result
      ? `  \n  expected ${code(valueText(result.expected, 200))}, got ${code(valueText(result.got, 200))}`
      : '';
  return (
    `- ${glyph} **${word}** ${text(cell)}: ${code(id)}${sentence}` +
    (known ? ` (known: ${text(known.reason)}, ${text(known.link)})` : '') +
    (disputed ? ' (disputed: red on every implementation)' : '') +
    (message === undefined ? '' : `  \n  ${text(valueText(message, 300))}`) +
    values
  );
}

/** Everything that Markdown or HTML could take as markup is escaped; mentions and issue numbers too. */
const text = (raw: string): string =>
  raw
    .replace(/\s+/g, ' ')
    .replace(/[&<>]/g, (character) => `&#${character.charCodeAt(0)};`)
    .replace(/[\\`*_{}[\]()#+!|~@:]/g, '\\$&');

/** A code span that its content cannot end, and that a table cell cannot break. */
function code(raw: string): string {
  const line = raw.replace(/\s+/g, ' ').replaceAll('|', '¦');
  const longest = Math.max(0, ...(line.match(/`+/g) ?? []).map((run) => run.length));
  const fence = '`'.repeat(longest + 1);
  return longest === 0 ? `${fence}${line}${fence}` : `${fence} ${line} ${fence}`;
}
