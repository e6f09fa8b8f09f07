import { BoltgridError } from '../../core/error.ts';
import { nearest } from '../../core/text.ts';
import type { TranscriptEntry } from '../../journal/events.ts';
import { MEANINGS } from '../meanings.ts';
import { rerunCommand } from '../rerun.ts';
import type { Report, ReportResult } from '../schema.ts';
import { setupErrors, type SameSetupError } from '../setup-errors.ts';
import { cutText, durationText, valueText } from '../value.ts';
import { verdictText, type Colours } from './colours.ts';
import { nodeLines } from './node.ts';

export interface CellOptions {
  /** A case with or without its parameter; all of the cell's cases when not given. */
  readonly case?: string;
}

/**
 * A cell in words: all its results a line each, then the red ones in full; with `case`, that one in full.
 * Throws `report.unknown-cell`, `report.unknown-case` (user).
 */
export function cellLines(
  report: Report,
  cell: string,
  colours: Colours,
  options: CellOptions = {},
): string[] {
  const results = report.results.filter((result) => result.cell === cell);
  if (!report.cells.some((planned) => planned.cell === cell)) {
    throw unknown(
      'cell',
      cell,
      report.cells.map((planned) => planned.cell),
    );
  }
  if (options.case !== undefined) {
    const chosen = results.filter((result) => result.case === options.case || result.caseId === options.case);
    if (chosen.length === 0)
      throw unknown(
        'case',
        options.case,
        results.map((result) => result.case),
      );
    return chosen.flatMap((result) => resultLines(report, result, colours));
  }
  const telling = results.filter(({ verdict }) => verdict !== 'pass' && MAY_BE_EXPLAINED.has(verdict));
  const nodes = report.cells.find((planned) => planned.cell === cell)?.nodes ?? [];
  return [
    ...report.nodes.filter(({ id }) => nodes.includes(id)).flatMap((node) => nodeLines(node, colours)),
    ...results.map((result) => `${verdictText(result.verdict, colours, 18)}${result.case}`),
    ...telling.flatMap((result) => ['', ...resultLines(report, result, colours)]),
    ...setupErrors(results).flatMap((same) => ['', ...sameErrorLines(report, same, colours)]),
  ];
}

/** The first of those that failed alike, and how many they are. */
function sameErrorLines(report: Report, same: SameSetupError, colours: Colours): string[] {
  const [first] = same.results;
  if (!first) return [];
  const others = same.results.length - 1;
  return [
    ...(others > 0 ? [colours.bold(`${same.results.length} × the same set-up error, such as`)] : []),
    ...resultLines(report, first, colours),
  ];
}

const MAY_BE_EXPLAINED: ReadonlySet<string> = new Set([
  'fail',
  'warn',
  'timeout',
  'crashed',
  'flaky',
  'disputed',
  'harness-error',
]);

function unknown(what: 'cell' | 'case', name: string, names: readonly string[]): BoltgridError {
  const meant = nearest(name, names);
  return new BoltgridError(
    `report.unknown-${what}`,
    'user',
    `the report has no ${what} ${JSON.stringify(name)}`,
    {
      ...(meant !== undefined && { hint: `Did you mean ${JSON.stringify(meant)}?` }),
    },
  );
}

/** What was expected, by which sentence, what came instead, and the last messages both ways. */
function resultLines(report: Report, result: ReportResult, colours: Colours): string[] {
  const planned = report.cases.find(({ id }) => id === result.case);
  const fact = (label: string, text: string | undefined): string[] =>
    text === undefined
      ? []
      : text.split('\n').map((line, i) => `  ${colours.dim((i === 0 ? label : '').padEnd(12))} ${line}`);
  return [
    `${verdictText(result.verdict, colours)}  ${colours.bold(result.case)}  on ${result.cell}`,
    ...fact('case', planned && `${planned.title}  ${colours.dim(planned.location)}`),
    ...fact('meaning', result.verdict === 'pass' ? undefined : MEANINGS[result.verdict]),
    ...requirementFacts(report, result, fact),
    ...fact('step', result.step),
    ...('expected' in result ? fact('expected', valueText(result.expected)) : []),
    ...('got' in result ? fact('got', valueText(result.got)) : []),
    ...fact('message', result.message && cutText(result.message, 2000)),
    ...fact('blame', result.blame),
    ...fact(
      'known',
      result.known && `${result.known.reason} (${result.known.link}, until ${result.known.expires})`,
    ),
    ...fact('disputed', result.disputed && 'every independent implementation is red here'),
    ...fact('attempts', attemptsText(result)),
    ...transcriptLines(report, result, colours),
    ...logLines(result, colours),
    ...fact('run again', rerunCommand(report, result)),
  ];
}

function requirementFacts(
  { requirements }: Report,
  { requirement, level }: ReportResult,
  fact: (label: string, text: string | undefined) => string[],
): string[] {
  if (requirement === undefined) return [];
  const { url, sentence, section } = requirements[requirement] ?? {};
  return [
    ...fact('requirement', `${requirement} (${level})${section === undefined ? '' : `, ${section}`}`),
    ...fact('', sentence),
    ...fact('', url),
  ];
}

const attemptsText = ({ attempts }: ReportResult): string | undefined =>
  attempts.length === 0
    ? undefined
    : attempts
        .map(
          ({ attempt, verdict, milliseconds, world }) =>
            `${attempt}: ${verdict}, ${world}, ${durationText(milliseconds)}`,
        )
        .join('; ');

const LAST_MESSAGES = 5;
const LAST_LOG_LINES = 20;

/** The last messages of each direction, in the order in which they were said. */
function transcriptLines(
  { transcripts }: Report,
  { transcriptRef }: ReportResult,
  colours: Colours,
): string[] {
  const entries = transcriptRef === undefined ? [] : (transcripts[transcriptRef] ?? []);
  const last = (dir: TranscriptEntry['dir']): TranscriptEntry[] =>
    entries.filter((entry) => entry.dir === dir).slice(-LAST_MESSAGES);
  const kept = new Set([...last('in'), ...last('out'), ...last('note')]);
  const shown = entries.filter((entry) => kept.has(entry));
  if (shown.length === 0) return [];
  const cut = entries.length - shown.length;
  return [
    `  ${colours.dim(`last messages (→ to the node, ← from the node)${cut > 0 ? `; ${cut} earlier ones are in the report` : ''}`)}`,
    ...shown.map((entry) => `    ${entryText(entry, colours)}`),
  ];
}

const ARROWS: Readonly<Record<TranscriptEntry['dir'], string>> = { in: '←', out: '→', note: '·' };

function entryText(
  { at, dir, name, type, length, fields, hex, text }: TranscriptEntry,
  colours: Colours,
): string {
  const when = colours.dim(`${at.toFixed(1).padStart(8)} ms`);
  if (dir === 'note') return `${when} ${ARROWS[dir]} ${colours.dim(text ?? '')}`;
  const what = name ?? (type === undefined ? 'bytes' : `message ${type}`);
  const detail = fields === undefined ? (hex ?? text ?? '') : valueText(fields, 240);
  return `${when} ${ARROWS[dir]} ${colours.bold(what)}${length === undefined ? '' : colours.dim(` ${length} bytes`)} ${detail.slice(0, 280)}`;
}

function logLines({ logTail }: ReportResult, colours: Colours): string[] {
  if (logTail === undefined || logTail.length === 0) return [];
  const lines = logTail.flatMap((line) => line.split('\n'));
  return [`  ${colours.dim('log')}`, ...lines.slice(-LAST_LOG_LINES).map((line) => `    ${line}`)];
}
