import { describe, expect, test } from 'vitest';
import { unmetNeeds } from '../../src/runner/needs.ts';
import type { WorldNode } from '../../src/runner/world.ts';
import type { TestCase } from '../../src/suite/types.ts';

const caseOf = (needs: TestCase['needs']): TestCase => ({ kind: 'subject', needs }) as TestCase;

const nodeThatAnswersEvery = (pingMs?: number): WorldNode =>
  ({
    running: { id: 'node@1.0', identity: { profile: 'default' }, operations: new Set(), missing: new Map() },
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
