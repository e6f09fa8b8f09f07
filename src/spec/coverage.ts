import { groupBy } from '../core/collections.ts';
import type { Level } from '../core/verdict.ts';
import { readInvisible } from './invisible.ts';
import type { Invisible, InvisibleIndex } from './invisible.ts';
import { readKills } from './kills.ts';
import type { Kills } from './kills.ts';
import { allRequirements } from './registry.ts';
import type { Requirement } from './requirement.ts';

export const LEVELS = ['must', 'should', 'may'] as const satisfies readonly Level[];

/** How a requirement stands: cases that were shown to judge it, or why none can, or neither. */
export interface Standing {
  readonly requirement: Requirement;
  /** Covered when there is one. */
  readonly cases: readonly string[];
  readonly invisible?: Invisible;
}

export interface Counts {
  readonly all: number;
  /** All but the invisible. */
  readonly visible: number;
  readonly covered: number;
}

export interface DocumentCoverage {
  readonly document: string;
  /** Whether what no case covers was looked at for what cannot be seen. Otherwise all of it passes for visible. */
  readonly reviewed: boolean;
  readonly levels: Readonly<Record<Level, Counts>>;
  /** MUST and SHOULD: a MAY cannot be broken, so no mutant shows that a case judges it. */
  readonly judged: Counts;
  readonly standings: readonly Standing[];
}

export interface CoverageSources {
  readonly requirements?: readonly Requirement[];
  readonly kills?: Kills;
  readonly invisible?: InvisibleIndex;
}

/** What is covered of each document, in the order of the index. Requirements that are gone do not count. */
export function coverage(sources: CoverageSources = {}): DocumentCoverage[] {
  const { requirements = allRequirements(), kills = readKills(), invisible = readInvisible() } = sources;
  const live = requirements.filter(({ gone }) => !gone);
  return [...groupBy(live, ({ document }) => document)].map(([document, ofDocument]) => {
    const standings = ofDocument.map((requirement): Standing => {
      const why = invisible.requirements.get(requirement.id);
      return { requirement, cases: kills.get(requirement.id) ?? [], ...(why && { invisible: why }) };
    });
    const countsOf = (...levels: readonly Level[]): Counts =>
      count(standings.filter(({ requirement }) => levels.includes(requirement.level)));
    return {
      document,
      reviewed: invisible.reviewed.includes(document),
      levels: { must: countsOf('must'), should: countsOf('should'), may: countsOf('may') },
      judged: countsOf('must', 'should'),
      standings,
    };
  });
}

export const isCovered = ({ cases }: Standing): boolean => cases.length > 0;

/** Could be judged, and is not. */
export const isMissing = (standing: Standing): boolean => !isCovered(standing) && !standing.invisible;

const count = (standings: readonly Standing[]): Counts => ({
  all: standings.length,
  visible: standings.filter(({ invisible }) => !invisible).length,
  covered: standings.filter(isCovered).length,
});

export const addCounts = (counts: readonly Counts[]): Counts => ({
  all: sum(counts.map(({ all }) => all)),
  visible: sum(counts.map(({ visible }) => visible)),
  covered: sum(counts.map(({ covered }) => covered)),
});

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);

/** `37 %`; rounded down, so that all is only said of all. `–` of nothing. */
export const percent = (part: number, whole: number): string =>
  whole === 0 ? '–' : `${Math.floor((100 * part) / whole)} %`;
