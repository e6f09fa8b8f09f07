import { groupBy } from '../../core/collections.ts';
import { isRed } from '../../core/verdict.ts';
import type { Report, ReportResult } from '../schema.ts';
import { howOften, setupErrors } from '../setup-errors.ts';
import { durationText } from '../value.ts';
import { cellTable } from './cells.ts';
import { verdictText, type Colours } from './colours.ts';
import { notHereLines } from './not-here.ts';

const SHOWN_RESULTS = 30;
const SHOWN_LINES = 8;
const SHOWN_CELLS = 4;

/** What a run came to, for a terminal: a line for each cell, then what is red and not known, then what is known, then what does not count. */
export function summaryLines(report: Report, colours: Colours): string[] {
  return [
    headLine(report, colours),
    '',
    ...cellTable(report, colours),
    ...setupLines(report, colours),
    ...findings(
      'Red',
      report.results.filter(
        ({ verdict, known }) => isRed(verdict) && verdict !== 'setup-error' && known === undefined,
      ),
      colours,
    ),
    ...findings(
      'Warnings',
      report.results.filter(({ verdict, known }) => verdict === 'warn' && known === undefined),
      colours,
    ),
    ...knownLines(report, colours),
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

/** Each once, with what the log said last. */
function setupLines({ results }: Report, colours: Colours): string[] {
  const errors = setupErrors(results);
  if (errors.length === 0) return [];
  const total = errors.reduce((sum, error) => sum + error.results.length, 0);
  const more = errors.length - SHOWN_RESULTS;
  return [
    '',
    colours.bold(`Set-up errors: ${total}`),
    ...errors.slice(0, SHOWN_RESULTS).flatMap((error) => [
      `  ${verdictText('setup-error', colours)}  ${howOften(error)}`,
      ...firstLines(error.message).map((line) => `      ${line}`),
      ...error.logTail
        .flatMap((line) => line.split('\n'))
        .slice(-SHOWN_LINES)
        .map((line) => `      ${colours.dim(`| ${line}`)}`),
    ]),
    ...(more > 0 ? [`  … and ${more} others in the report`] : []),
  ];
}

function firstLines(message: string): string[] {
  const lines = message.split('\n').filter((line) => line.trim() !== '');
  const more = lines.length - SHOWN_LINES;
  return more > 0 ? [...lines.slice(0, SHOWN_LINES), `… ${more} more lines in the report`] : lines;
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

const marks = ({ disputed }: ReportResult, colours: Colours): string =>
  disputed ? `  ${colours.magenta('disputed: red on every implementation')}` : '';

/** A line for each reason that expectations.json gives, so that they do not hide what is new. */
function knownLines({ results }: Report, colours: Colours): string[] {
  const known = results.filter((result) => result.known !== undefined);
  if (known.length === 0) return [];
  const byReason = groupBy(known, (result) => result.known?.link ?? '');
  return [
    '',
    colours.bold(`Known: ${known.length}`),
    ...[...byReason].flatMap(([link, alike]) => [
      `  ${String(alike.length).padStart(3)} × ${colours.blue(alike[0]?.known?.reason ?? '')}`,
      `        ${colours.dim(`${cellsOf(alike)} · ${link}`)}`,
    ]),
  ];
}

function cellsOf(results: readonly ReportResult[]): string {
  const cells = [...new Set(results.map(({ cell }) => cell))];
  const more = cells.length - SHOWN_CELLS;
  return cells.slice(0, SHOWN_CELLS).join(', ') + (more > 0 ? ` and ${more} more` : '');
}

function remarks(report: Report, colours: Colours): string[] {
  const { run, summary, notes } = report;
  const { unproven } = summary;
  const shown = unproven.slice(0, 8).join(', ') + (unproven.length > 8 ? ', …' : '');
  const lines = [
    ...notHereLines(report.summary.notHere, colours),
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
