import { DEFAULT_PROFILE, parseNodeId } from '../core/ids.ts';

/**
 * Which nodes are meant: `ldk` (every version), `ldk@0.1.2`, `ldk@>=0.1.0 <0.2.0`, with `+profile` at the end for a profile that is
 * not the default one and `+*` for any. `undefined` where the text is no range.
 */
export interface NodeRange {
  readonly implementation: string;
  readonly comparators: readonly Comparator[];
  readonly profile: string;
}

interface Comparator {
  readonly operator: '=' | '>=' | '>' | '<=' | '<';
  readonly version: string;
}

const RANGE = /^([a-z][a-z0-9-]*)(?:@([^+]*))?(?:\+([a-z][a-z0-9-]*|\*))?$/;
const COMPARATOR = /^(>=|<=|>|<|=)?([0-9A-Za-z][0-9A-Za-z.-]*)$/;

export function parseNodeRange(text: string): NodeRange | undefined {
  const match = RANGE.exec(text);
  if (!match) return undefined;
  const [, implementation = '', range = '*', profile = DEFAULT_PROFILE] = match;
  if (range.trim() === '*') return { implementation, comparators: [], profile };
  const comparators = range.trim().split(/\s+/).map(parseComparator);
  return comparators.every((comparator) => comparator !== undefined)
    ? { implementation, comparators, profile }
    : undefined;
}

function parseComparator(text: string): Comparator | undefined {
  const match = COMPARATOR.exec(text);
  if (!match) return undefined;
  const [, operator = '=', version = ''] = match;
  return { operator: operator as Comparator['operator'], version };
}

export function inNodeRange(range: NodeRange, node: string): boolean {
  const name = parseNodeId(node);
  if (name?.implementation !== range.implementation) return false;
  if (range.profile !== '*' && range.profile !== name.profile) return false;
  return range.comparators.every(({ operator, version }) => {
    const order = compareVersions(name.version, version);
    switch (operator) {
      case '=':
        return order === 0;
      case '>=':
        return order >= 0;
      case '>':
        return order > 0;
      case '<=':
        return order <= 0;
      case '<':
        return order < 0;
    }
  });
}

/** Numbers as numbers, part by part; a pre-release (`0.18.0-beta`) comes before its release, as in semantic versioning. */
export function compareVersions(a: string, b: string): number {
  const [coreA, preA] = splitVersion(a);
  const [coreB, preB] = splitVersion(b);
  const core = compareParts(coreA, coreB, '0');
  if (core !== 0 || preA === preB) return core;
  if (preA === '') return 1;
  if (preB === '') return -1;
  return compareParts(preA, preB, '');
}

function splitVersion(version: string): [core: string, preRelease: string] {
  const at = version.indexOf('-');
  return at < 0 ? [version, ''] : [version.slice(0, at), version.slice(at + 1)];
}

function compareParts(a: string, b: string, missing: string): number {
  const partsA = a.split('.');
  const partsB = b.split('.');
  for (let i = 0; i < Math.max(partsA.length, partsB.length); i++) {
    const order = comparePart(partsA[i] ?? missing, partsB[i] ?? missing);
    if (order !== 0) return order;
  }
  return 0;
}

function comparePart(a: string, b: string): number {
  if (/^\d+$/.test(a) && /^\d+$/.test(b)) return Math.sign(Number(a) - Number(b));
  return a === b ? 0 : a < b ? -1 : 1;
}
