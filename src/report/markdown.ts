import { isRed, VERDICT_TABLE, VERDICTS } from '../core/verdict.ts';
import { otherBuildsText, shortDigest } from './identity.ts';
import { pairGrid, type PairSquare } from './pair-grid.ts';
import type { Report, ReportNode, ReportResult } from './schema.ts';
import { howOften, setupErrors } from './setup-errors.ts';
import { addCounts } from './summary.ts';
import { notHereCount } from './text/not-here.ts';
import { incompleteText } from './text/summary.ts';
import { durationText, valueText } from './value.ts';

const SHOWN_RESULTS = 50;

/** `summary.md`: the run in one table and its red results, for a pull request or a job's summary page. */
export function summaryMarkdown(report: Report): string {
  const { run, summary, results } = report;
  const red = results.filter(({ verdict }) => isRed(verdict) && verdict !== 'setup-error');
  const warned = results.filter(({ verdict }) => verdict === 'warn');
  const time = run.milliseconds === undefined ? '' : ` in ${durationText(run.milliseconds)}`;
  return [
    '# boltgrid',
    '',
    `Run ${code(run.runId)} of ${run.startedAt.slice(0, 16).replace('T', ' ')} UTC: ${summary.cases} cases on ${summary.perCell.length} cells${time}, seed ${code(run.seed)}.`,
    ...(run.complete ? [] : ['', `**${text(incompleteText(run))}**`]),
    '',
    ...cellTable(report),
    ...pairTable(report),
    ...notHere(report),
    ...setupSection(report),
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
    ...nodeTable(report),
    '',
  ].join('\n');
}

/** More pairs than these are a table of their own. */
const LISTED_PAIRS = 6;

function cellTable({ summary }: Report): string[] {
  const pairs = summary.perCell.filter(({ kind }) => kind === 'pair');
  const folds = pairs.length > LISTED_PAIRS;
  const rows = [
    ...summary.perCell.filter(({ kind }) => !folds || kind !== 'pair'),
    ...(folds ? [{ cell: `${pairs.length} pairs`, verdicts: addCounts(pairs) }] : []),
  ];
  const columns = VERDICTS.filter((verdict) => rows.some(({ verdicts }) => verdicts[verdict] > 0));
  const heads = columns.map((verdict) => `${VERDICT_TABLE[verdict].glyph} ${VERDICT_TABLE[verdict].word}`);
  return table(
    ['cell', ...heads],
    rows.map(({ cell, verdicts }) => [
      text(cell),
      ...columns.map((verdict) => (verdicts[verdict] === 0 ? '' : String(verdicts[verdict]))),
    ]),
    '---:',
  );
}

/** First node × second node: a glyph, and how many cases passed of those judged. */
function pairTable(report: Report): string[] {
  const grid =
    report.summary.perCell.filter(({ kind }) => kind === 'pair').length > LISTED_PAIRS &&
    pairGrid(report, 'pair');
  if (!grid) return [];
  const squareText = (square: PairSquare | undefined): string => {
    if (!square) return '';
    const { glyph, word } = VERDICT_TABLE[square.verdict];
    return square.judged === 0 ? `${glyph} ${word}` : `${glyph} ${square.pass}/${square.judged}`;
  };
  return [
    '',
    '## Pairs',
    '',
    'Who opens is on the left.',
    '',
    ...table(
      ['', ...grid.seconds.map(text)],
      grid.firsts.map((first, row) => [text(first), ...(grid.rows[row] ?? []).map(squareText)]),
      ':---:',
    ),
  ];
}

function notHere({ summary: { notHere: absent } }: Report): string[] {
  if (absent.cells.length === 0) return [];
  return [
    '',
    `## Not run here: ${notHereCount(absent)}`,
    '',
    ...absent.reasons.map(
      ({ reason, nodes, cells }) =>
        `- ${text(valueText(reason, 300))}: ${[...nodes, ...cells].map(code).join(', ')}`,
    ),
  ];
}

/** Each once, with how often. */
function setupSection({ results }: Report): string[] {
  const errors = setupErrors(results);
  if (errors.length === 0) return [];
  const more = errors.length - SHOWN_RESULTS;
  return [
    '',
    `## Set-up errors: ${errors.reduce((sum, same) => sum + same.results.length, 0)}`,
    '',
    ...errors
      .slice(0, SHOWN_RESULTS)
      .map(
        (same) =>
          `- ${VERDICT_TABLE['setup-error'].glyph} **${text(howOften(same))}**  \n  ${text(valueText(same.message, 600))}`,
      ),
    ...(more > 0 ? [`- … and ${more} others`] : []),
  ];
}

/** What exactly ran. */
function nodeTable({ nodes }: Report): string[] {
  const started = nodes.filter((node) => node.started);
  if (started.length === 0) return [];
  return [
    '',
    '## Nodes',
    '',
    ...table(
      ['node', 'says of itself', 'made from', 'features'],
      started.map((node) => [
        text(node.id),
        text(valueText(node.reported ?? '', 120)),
        madeFrom(node),
        code(
          node.features
            .slice(0, 100)
            .map(({ bit }) => bit)
            .join(' '),
        ),
      ]),
      '---',
    ),
    ...started.flatMap((node) => {
      const others = otherBuildsText(node);
      return others === undefined ? [] : ['', `${text(node.id)}: ${text(others)}`];
    }),
  ];
}

const madeFrom = ({ image, build = '' }: ReportNode): string =>
  image
    ? `${code(valueText(image.reference, 120))} ${code(shortDigest(image.digest))}`
    : code(valueText(build, 120));

function table(heads: readonly string[], rows: readonly (readonly string[])[], align: string): string[] {
  return [
    `| ${heads.join(' | ')} |`,
    `| --- |${heads
      .slice(1)
      .map(() => ` ${align} |`)
      .join('')}`,
    ...rows.map((row) => `| ${row.join(' | ')} |`),
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
  if (line === '') return '';
  return longest === 0 ? `${fence}${line}${fence}` : `${fence} ${line} ${fence}`;
}
