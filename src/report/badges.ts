import { worst, VERDICT_TABLE, VERDICTS, type VerdictMeaning } from '../core/verdict.ts';
import type { Report, VerdictCounts } from './schema.ts';
import { count, tally } from './summary.ts';

export interface Badge {
  readonly file: string;
  readonly svg: string;
}

const COLOURS: Readonly<Record<VerdictMeaning['colour'], string>> = {
  green: '#1a7f37',
  red: '#c62828',
  yellow: '#8a6100',
  grey: '#5f6670',
  magenta: '#8e3bb5',
  blue: '#1d5fbf',
};

/** A badge for each node, from its subject cell: how many cases pass of those judged. A node that did not run here has one, too. */
export function badges({ cells, summary }: Report): Badge[] {
  const counted = new Map(summary.perCell.map(({ cell, verdicts }) => [cell, verdicts]));
  return cells
    .filter(({ kind }) => kind === 'subject')
    .map(({ cell }) => {
      const verdicts = counted.get(cell) ?? count([]);
      return {
        file: `${cell.replace(/[^A-Za-z0-9@.+-]/g, '_')}.svg`,
        svg: badge(cell, resultText(verdicts), colourOf(verdicts)),
      };
    });
}

function resultText(verdicts: VerdictCounts): string {
  const { pass, warn, red, errors, judged } = tally(verdicts);
  if (judged + errors === 0) return 'not run';
  const parts = [
    `${pass + warn} pass`,
    ...(red > 0 ? [`${red} red`] : []),
    ...(errors > 0 ? [`${errors} not judged`] : []),
  ];
  return parts.join(', ');
}

function colourOf(verdicts: VerdictCounts): string {
  const met = VERDICTS.filter((verdict) => verdicts[verdict] > 0);
  const telling = met.filter((verdict) => VERDICT_TABLE[verdict].colour !== 'grey');
  return COLOURS[VERDICT_TABLE[worst(telling.length > 0 ? telling : met)].colour];
}

/** Widths are those of an 11 px sans-serif on average: close enough, and no font is measured. */
const CHARACTER_PX = 6.6;

function badge(label: string, text: string, colour: string): string {
  const left = Math.round(label.length * CHARACTER_PX) + 12;
  const right = Math.round(text.length * CHARACTER_PX) + 12;
  const width = left + right;
  const [safeLabel, safeText] = [label, text].map((raw) =>
    raw.replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`),
  );
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="20" role="img" aria-label="${safeLabel}: ${safeText}">` +
    `<title>${safeLabel}: ${safeText}</title>` +
    `<clipPath id="r"><rect width="${width}" height="20" rx="3"/></clipPath>` +
    `<g clip-path="url(#r)"><rect width="${left}" height="20" fill="#3c434d"/><rect x="${left}" width="${right}" height="20" fill="${colour}"/></g>` +
    `<g fill="#fff" font-family="Verdana,DejaVu Sans,sans-serif" font-size="11" text-anchor="middle">` +
    `<text x="${left / 2}" y="14">${safeLabel}</text><text x="${left + right / 2}" y="14">${safeText}</text></g></svg>\n`
  );
}
