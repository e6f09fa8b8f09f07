import { BoltgridError } from '../core/error.ts';
import type { CaseId, NodeId } from '../core/ids.ts';
import { matchesPattern } from '../core/pattern.ts';
import { nearest } from '../core/text.ts';

/**
 * The part of the matrix that a user asked for; what is absent selects everything. All but `tests` are patterns (`*` within a
 * path segment, `**` across), of which at least one has to match.
 */
export interface Selection {
  /** `ldk@0.1.2`; without a version (`ldk`) all nodes of an implementation. A pair needs both its nodes selected. */
  readonly nodes?: readonly string[] | undefined;
  /** `bolt01/ping`; a folder (`bolt01`) stands for all in it. */
  readonly suites?: readonly string[] | undefined;
  /** `bolt01/ping#asked-length`, with all its parameters unless one is named. */
  readonly cases?: readonly string[] | undefined;
  /** `all`, `none`, or patterns over pair cells: `ldk@0.1.0 -> *`. */
  readonly pairs?: readonly string[] | undefined;
  /** Run in Docker also what could be embedded. */
  readonly docker?: boolean | undefined;
  /** Exactly these tests, by `testKey`. */
  readonly tests?: ReadonlySet<string> | undefined;
}

export const matchesNode = (pattern: string, id: NodeId): boolean =>
  matchesPattern(pattern, id) || matchesPattern(`${pattern}@*`, id);

export const matchesSuite = (pattern: string, id: string): boolean =>
  matchesPattern(pattern, id) || matchesPattern(`${pattern}/**`, id);

export const matchesCase = (pattern: string, id: CaseId): boolean =>
  matchesPattern(pattern, id) || matchesPattern(`${pattern}[**]`, id);

/**
 * The items that any of the patterns matches; all without patterns. A pattern that matches nothing is a mistake: throws
 * `select.no-match` (user) with the nearest name.
 */
export function select<T>(
  what: string,
  patterns: readonly string[] | undefined,
  items: readonly T[],
  nameOf: (item: T) => string,
  matches: (pattern: string, name: string) => boolean,
): readonly T[] {
  if (!patterns || patterns.length === 0) return items;
  for (const pattern of patterns) {
    if (!items.some((item) => matches(pattern, nameOf(item))))
      throw noMatch(what, pattern, items.map(nameOf));
  }
  return items.filter((item) => patterns.some((pattern) => matches(pattern, nameOf(item))));
}

const SHOWN = 12;

function noMatch(what: string, pattern: string, known: readonly string[]): BoltgridError {
  const meant = nearest(pattern, known);
  const names = known.length > SHOWN ? `${known.slice(0, SHOWN).join(', ')}, …` : known.join(', ');
  return new BoltgridError('select.no-match', 'user', `no ${what} matches ${JSON.stringify(pattern)}`, {
    hint: meant === undefined ? `There are: ${names || 'none'}.` : `Did you mean ${JSON.stringify(meant)}?`,
    details: { known },
  });
}
