import { isRed, VERDICT_TABLE, type Verdict } from '../../core/verdict.ts';

/** How a verdict is shown: always a glyph and a word beside its colour. */
export const verdictView = (verdict: Verdict): Record<string, unknown> => {
  const { glyph, word, colour } = VERDICT_TABLE[verdict];
  return { verdict, glyph, word, colour, red: isRed(verdict) };
};
