import { DEFAULT_RULES, type Rules } from '../../../src/reference/rules.ts';

export const changedRules = <G extends keyof Rules>(group: G, entries: Partial<Rules[G]>): Rules => ({
  ...DEFAULT_RULES,
  [group]: { ...DEFAULT_RULES[group], ...entries },
});
