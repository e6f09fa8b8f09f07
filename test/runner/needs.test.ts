import { describe, expect, test } from 'vitest';
import { OPERATION_NAMES } from '../../src/nodes/operations.ts';
import { unmetNeeds } from '../../src/runner/needs.ts';
import type { WorldNode } from '../../src/runner/world.ts';
import type { TestCase } from '../../src/suite/types.ts';

const caseOf = (needs: TestCase['needs']): TestCase => ({ kind: 'subject', needs }) as TestCase;

const nodeThatAnswersEvery = (pingMs?: number): WorldNode =>
  ({
    running: { id: 'node@1.0', identity: { profile: 'default' }, operations: new Set() },
    features: new Set<number>(),
    pingMs,
  }) as unknown as WorldNode;

describe('a case of many pings', () => {
  test('is undrivable where the node bounds them so that they would take minutes', () => {
    expect(unmetNeeds(caseOf({ pings: 500 }), [nodeThatAnswersEvery(1000)])).toMatchObject({
      verdict: 'undrivable',
      message: expect.stringContaining('would take 500 s') as string,
    });
  });

  test.each([
    ['the node bounds them, and there is time for so many', 60, 1000],
    ['the node does not bound them', 500, undefined],
  ])('is judged where %s', (_, pings, pingMs) => {
    expect(unmetNeeds(caseOf({ pings }), [nodeThatAnswersEvery(pingMs)])).toBeUndefined();
  });
});

describe('operations and their options', () => {
  const nodeThat = (
    id: string,
    { missing = {}, lacks = {} }: Record<string, Record<string, string>>,
  ): WorldNode =>
    ({
      running: {
        id,
        identity: { profile: 'default' },
        operations: new Set(OPERATION_NAMES.filter((name) => !(name in missing))),
        missing: new Map(Object.entries(missing)),
        lacks: new Map(Object.entries(lacks)),
      },
      features: new Set<number>(),
    }) as unknown as WorldNode;
  const whole = nodeThat('whole@1.0', {});
  const quiet = nodeThat('quiet@1.0', { lacks: { 'open.announce': 'it never does' } });
  const poor = nodeThat('poor@1.0', { missing: { open: 'it has no wallet' } });
  const lacking = (message: string): unknown => ({ verdict: 'undrivable', message });

  test('an option that the node lacks makes the case undrivable, with the reason', () => {
    const test = caseOf({ ops: ['open', 'open.announce'] });
    expect(unmetNeeds(test, [quiet])).toEqual(lacking('quiet@1.0 lacks open.announce: it never does'));
    expect(unmetNeeds(test, [whole])).toBeUndefined();
  });

  test('other options of the same operation may be lacking', () => {
    expect(unmetNeeds(caseOf({ ops: ['open', 'open.pushSat'] }), [quiet])).toBeUndefined();
  });

  test('an option needs its operation', () => {
    expect(unmetNeeds(caseOf({ ops: ['open.announce'] }), [poor])).toEqual(
      lacking('poor@1.0 lacks the operation open: it has no wallet'),
    );
  });

  test('in a pair, what one side needs is asked of that side only', () => {
    const ofA = { kind: 'pair', needs: { opsOf: { a: ['open.announce'] } } } as unknown as TestCase;
    const ofB = { kind: 'pair', needs: { opsOf: { b: ['open.announce'] } } } as unknown as TestCase;
    const ofBoth = { kind: 'pair', needs: { ops: ['open.announce'] } } as unknown as TestCase;
    const unmet = (test: TestCase, nodes: WorldNode[]): string | undefined =>
      unmetNeeds(test, nodes)?.verdict;
    expect(unmet(ofA, [quiet, whole])).toBe('undrivable');
    expect(unmet(ofA, [whole, quiet])).toBeUndefined();
    expect(unmet(ofB, [quiet, whole])).toBeUndefined();
    expect(unmet(ofB, [whole, quiet])).toBe('undrivable');
    expect(unmet(ofBoth, [whole, quiet])).toBe('undrivable');
  });
});
