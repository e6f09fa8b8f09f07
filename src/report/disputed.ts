import { groupBy } from '../core/collections.ts';
import type { Verdict } from '../core/verdict.ts';
import type { ReportResult } from './schema.ts';

/** Implementations built on another one's code: what both do wrong is one finding. */
const SAME_CODE: Readonly<Record<string, string>> = { 'ldk-node': 'ldk' };

const BROKEN: ReadonlySet<Verdict> = new Set<Verdict>(['fail', 'timeout', 'crashed', 'disputed']);
const HELD: ReadonlySet<Verdict> = new Set<Verdict>(['pass', 'warn', 'flaky']);

/**
 * Ids of the subject cases whose `must` is broken by every node of at least two independent implementations and held by none:
 * more likely the case, or the sentence, is wrong than all of them.
 */
export function disputedCases(results: readonly ReportResult[]): Set<string> {
  const disputed = new Set<string>();
  for (const [id, group] of groupBy(results, (result) => result.case)) {
    const judged = group.filter(
      ({ kind, verdict }) => kind === 'subject' && (BROKEN.has(verdict) || HELD.has(verdict)),
    );
    const families = new Set(judged.map(({ nodes }) => family(nodes[0] ?? '')));
    if (families.size >= 2 && judged.every(({ verdict, level }) => BROKEN.has(verdict) && level === 'must'))
      disputed.add(id);
  }
  return disputed;
}

function family(node: string): string {
  const implementation = node.split('@', 1)[0] ?? node;
  return SAME_CODE[implementation] ?? implementation;
}
