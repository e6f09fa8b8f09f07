import type { Change, DiffEntry, ReportDiff } from '../diff.ts';
import { verdictText, type Colours } from './colours.ts';

/** A difference for a terminal: what changed, then what came and went. `all` adds what stayed the same. */
export function diffLines(
  diff: ReportDiff,
  colours: Colours,
  { all = false }: { readonly all?: boolean } = {},
): string[] {
  const { counts, before, after, versions, notCompared } = diff;
  const order: readonly Change[] = all
    ? ['changed', 'added', 'removed', 'unchanged']
    : ['changed', 'added', 'removed'];
  return [
    `${colours.bold(`${before.runId} → ${after.runId}`)}  ${counts.changed} changed, ${counts.added} added, ${counts.removed} removed, ${counts.unchanged} unchanged${notCompared > 0 ? `, ${notCompared} not run here in one of them` : ''}`,
    ...versions.map((pair) => colours.dim(`  compared across versions: ${pair.before} → ${pair.after}`)),
    ...order.flatMap((change) =>
      diff.entries.filter((entry) => entry.change === change).map((entry) => entryLine(entry, colours)),
    ),
  ];
}

const SIGNS: Readonly<Record<Change, string>> = { changed: '~', added: '+', removed: '-', unchanged: '=' };

function entryLine({ change, direction, before, after }: DiffEntry, colours: Colours): string {
  const shown = after ?? before;
  const verdicts = [before, after].flatMap((side) => (side ? [verdictText(side.verdict, colours)] : []));
  const told = change === 'unchanged' ? verdicts.slice(0, 1) : verdicts;
  const renamed = before && after && before.case !== after.case ? colours.dim(`  was ${before.case}`) : '';
  const elsewhere =
    direction === 'other' ? colours.dim(`  now at ${after?.requirement ?? '?'}, ${after?.step ?? '?'}`) : '';
  const worse =
    direction === 'worse'
      ? colours.red('worse ')
      : direction === 'better'
        ? colours.green('better')
        : '      ';
  return `${SIGNS[change]} ${worse} ${shown?.cell ?? ''}  ${colours.bold(shown?.case ?? '')}  ${told.join(' → ')}${elsewhere}${renamed}`;
}
