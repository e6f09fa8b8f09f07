/**
 * The reference node, for whoever writes suites and wants to show that they pass on a right node and fail on a wrong one: a mutant
 * is the table of rules with one entry replaced. docs/write-a-suite.md shows how.
 */
export { startReference } from './reference/node.ts';
export type { ReferenceNode } from './reference/node.ts';
export type { ReferenceOptions } from './reference/options.ts';
export { DEFAULT_RULES, type Rules } from './reference/rules.ts';
export { close, closeSilently, IGNORE, log, send } from './reference/situation.ts';
export type { Action, Situation } from './reference/situation.ts';
