import type { Level } from '../core/verdict.ts';

const STRENGTH: Readonly<Record<Level, number>> = { must: 2, should: 1, may: 0 };

export const strongestLevel = (levels: readonly Level[]): Level =>
  levels.reduce<Level>((a, b) => (STRENGTH[b] > STRENGTH[a] ? b : a), 'may');
