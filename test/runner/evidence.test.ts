import { describe, expect, test } from 'vitest';
import { unexpected } from '../../src/peer/step.ts';
import { CaseEvidence } from '../../src/runner/evidence.ts';
import { judgeError } from '../../src/runner/judge.ts';
import type { TestCase } from '../../src/suite/types.ts';

const DECLARED = 'bolt01-ping-08';
const OTHER = 'bolt01-ping-07';
const declaring = { id: 'a/case', kind: 'subject', requirements: [DECLARED] } as unknown as TestCase;

const broken = (requirement: string | undefined) =>
  unexpected({ requirement, step: 'a rule', expected: 1, got: 2, awaited: 'message', link: 0 });

describe('a step that ends the case', () => {
  test('may be charged to a requirement that the case did not declare', () => {
    const evidence = new CaseEvidence(declaring);
    evidence.broken(broken(OTHER));
    expect(evidence.checks).toMatchObject([{ requirement: OTHER, ok: false, step: 'a rule' }]);
    expect(judgeError(declaring, broken(OTHER), 'alive')).toMatchObject({
      verdict: 'fail',
      requirement: OTHER,
      blame: 'node',
    });
  });

  test('is charged to the case’s own where it names none', () => {
    const evidence = new CaseEvidence(declaring);
    evidence.broken(broken(undefined));
    expect(evidence.checks).toMatchObject([{ requirement: DECLARED, ok: false }]);
  });
});

test('what a suite judges itself, and steps that hold, must be declared', () => {
  const evidence = new CaseEvidence(declaring);
  const undeclared = expect.objectContaining({ code: 'suite.undeclared-requirement' }) as Error;
  expect(() => {
    evidence.check(OTHER, false);
  }).toThrow(undeclared);
  expect(() => {
    evidence.held(OTHER, 'expect pong');
  }).toThrow(undeclared);
});
