import { VERDICT_TABLE, type Verdict, type VerdictMeaning } from '../../core/verdict.ts';

/** Given by the caller, who knows whether the stream is a terminal. */
export type Colours = Readonly<Record<VerdictMeaning['colour'] | 'bold' | 'dim', (text: string) => string>>;

const asIs = (text: string): string => text;

export const PLAIN: Colours = {
  ...{ green: asIs, red: asIs, yellow: asIs, grey: asIs, magenta: asIs, blue: asIs },
  ...{ bold: asIs, dim: asIs },
};

/** `✗ fail`, in its colour. `pad` counts characters, which colours would hide. */
export function verdictText(verdict: Verdict, colours: Colours, pad = 0): string {
  const { glyph, word, colour } = VERDICT_TABLE[verdict];
  return colours[colour](`${glyph} ${word}`.padEnd(pad));
}
