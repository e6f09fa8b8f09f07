import { cleanText } from '../../core/text.ts';
import { VERDICT_TABLE, VERDICTS } from '../../core/verdict.ts';
import type { Verdict } from '../../core/verdict.ts';
import type { CaseFinished } from '../../journal/events.ts';
import { verdictText } from '../../report/text/colours.ts';
import type { Colours } from '../../report/text/colours.ts';
import type { CellTally } from './tally.ts';

const MESSAGE_LIMIT = 300;

/** Text from a node or suite as part of one line. */
export const oneLine = (text: string, limit = MESSAGE_LIMIT): string =>
  cleanText(text.replace(/\s+/g, ' ').trim(), limit);

export function resultLine(
  { verdict, cell, case: id, requirement, message }: CaseFinished,
  colours: Colours,
): string {
  const parts = [
    verdictText(verdict, colours, 15),
    cell,
    colours.bold(id),
    ...(requirement === undefined ? [] : [colours.dim(requirement)]),
    ...(message === undefined ? [] : [oneLine(message)]),
  ];
  return parts.join('  ');
}

/** `✓ 120  ✗ 2`: what there is, mildest first. */
export function countsText(verdicts: ReadonlyMap<Verdict, number>, colours: Colours): string {
  return VERDICTS.flatMap((verdict) => {
    const count = verdicts.get(verdict) ?? 0;
    const { glyph, colour } = VERDICT_TABLE[verdict];
    return count === 0 ? [] : [colours[colour](`${glyph} ${count}`)];
  }).join('  ');
}

export function addUp(cells: readonly CellTally[]): Map<Verdict, number> {
  const sum = new Map<Verdict, number>();
  for (const { verdicts } of cells) {
    for (const [verdict, count] of verdicts) sum.set(verdict, (sum.get(verdict) ?? 0) + count);
  }
  return sum;
}

/** `7.3 s`, `2 min 05 s` */
export function elapsedText(ms: number): string {
  const seconds = ms / 1000;
  if (seconds < 60) return `${seconds.toFixed(1)} s`;
  const rest = String(Math.floor(seconds % 60)).padStart(2, '0');
  return `${Math.floor(seconds / 60)} min ${rest} s`;
}
