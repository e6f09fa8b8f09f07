import type { Rules } from '../../src/reference/rules.ts';
import type { RequirementId } from '../../src/spec/requirement.ts';

/**
 * The reference node with one thing wrong. It shows that a case can fail: run on the mutant, a case that it `kills` must come to
 * `fail` or `warn` at a check of the requirement that the mutant breaks.
 */
export interface Mutant {
  /** Unique; a few words with hyphens: `pong-one-byte-short`. */
  readonly name: string;
  readonly breaks: RequirementId;
  /** Ids of the cases that must find it out, without `[parameter]` where any entry of `each` will do. At least one. */
  readonly kills: readonly string[];
  readonly change: (rules: Rules) => Rules;
}

/** Replaces entries of one group of rules. */
export function changed<G extends keyof Rules>(
  group: G,
  entries: Partial<Rules[G]>,
): (rules: Rules) => Rules {
  return (rules) => ({ ...rules, [group]: { ...rules[group], ...entries } });
}
