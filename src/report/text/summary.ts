import { isRed, VERDICT_TABLE, VERDICTS, type Verdict } from '../../core/verdict.ts';
import type { Report, ReportResult, VerdictCounts } from '../schema.ts';
import { durationText } from '../value.ts';
import { verdictText, type Colours } from './colours.ts';

const SHOWN_RESULTS = 30;

/** What a run came to, for a terminal: a line for each cell, then what is red, then what does not count. */
export function summaryLines(report: Report, colours: Colours): string[] {
  return [
    headLine(report, colours),
    '',
    ...cellTable(report, colours),
    ...findings(
      'Red',
      report.results.filter(({ verdict }) => isRed(verdict)),
      colours,
    ),
    ...findings(
      'Warnings',
      report.results.filter(({ verdict }) => verdict === 'warn'),
      colours,
    ),
    ...remarks(report, colours),
  ];
}

function headLine({ run, summary }: Report, colours: Colours): string {
  const parts = [
    `run ${run.runId}`,
    `${summary.cases} cases`,
    ...(run.milliseconds === undefined ? [] : [durationText(run.milliseconds)]),
    `seed ${run.seed}`,
  ];
  return `${colours.bold(`boltgrid ${run.boltgrid}`)}  ${colours.dim(parts.join(' · '))}`;
}

function cellTable({ summary }: Report, colours: Colours): string[] {
  const columns = VERDICTS.filter((verdict) => summary.perCell.some(({ verdicts }) => verdicts[verdict] > 0));
  const nameWidth = Math.max(8, ...summary.perCell.map(({ cell }) => cell.length));
  const heads = columns.map((verdict) => `${VERDICT_TABLE[verdict].glyph} ${VERDICT_TABLE[verdict].word}`);
  const row = (name: string, verdicts: VerdictCounts): string =>
    `${name.padEnd(nameWidth)}  ${columns.map((verdict, i) => countText(verdicts[verdict], verdict, heads[i]?.length ?? 0, colours)).join('  ')}`;
  return [
    colours.dim(`${''.padEnd(nameWidth)}  ${heads.join('  ')}`),
    ...summary.perCell.map(({ cell, verdicts }) => row(cell, verdicts)),
    ...(summary.perCell.length > 1 ? [colours.bold(row('all', summary.verdicts))] : []),
  ].map((line) => line.trimEnd());
}

function countText(count: number, verdict: Verdict, width: number, colours: Colours): string {
  return count === 0
    ? colours.dim('·'.padStart(width))
    : colours[VERDICT_TABLE[verdict].colour](String(count).padStart(width));
}

function findings(title: string, results: readonly ReportResult[], colours: Colours): string[] {
  if (results.length === 0) return [];
  const lines = results
    .slice(0, SHOWN_RESULTS)
    .flatMap((result) => [
      `  ${verdictText(result.verdict, colours)}  ${result.cell}  ${colours.bold(result.case)}${marks(result, colours)}`,
      ...(result.message === undefined
        ? []
        : [`      ${colours.dim(result.message.split('\n', 1)[0] ?? '')}`]),
    ]);
  const more = results.length - SHOWN_RESULTS;
  return [
    '',
    colours.bold(`${title}: ${results.length}`),
    ...lines,
    ...(more > 0 ? [`  … and ${more} more in the report`] : []),
  ];
}

function marks({ known, disputed }: ReportResult, colours: Colours): string {
  return [
    ...(known ? [colours.blue(`known: ${known.reason} (${known.link})`)] : []),
    ...(disputed ? [colours.magenta('disputed: red on every implementation')] : []),
  ]
    .map((mark) => `  ${mark}`)
    .join('');
}

function remarks({ run, summary, notes }: Report, colours: Colours): string[] {
  const { unproven } = summary;
  const shown = unproven.slice(0, 8).join(', ') + (unproven.length > 8 ? ', …' : '');
  const lines = [
    ...(unproven.length === 0
      ? []
      : [`${unproven.length} unproven (judged on no real node, not counted): ${shown}`]),
    ...notes
      .filter(({ level }) => level !== 'info')
      .map(({ text, cell }) => `${cell === undefined ? '' : `${cell}: `}${text}`),
    ...(run.complete ? [] : [colours.yellow(incompleteText(run))]),
  ];
  return lines.length === 0 ? [] : ['', ...lines];
}

/** Why a report does not show its whole plan. */
export function incompleteText({ finished, shards }: Report['run']): string {
  if (finished === 'complete') return `Only part of the plan is here: shard ${shards.join(', ')}.`;
  return finished === 'unfinished'
    ? 'Unfinished: the journal has no footer.'
    : `The run ended early: ${finished}.`;
}
