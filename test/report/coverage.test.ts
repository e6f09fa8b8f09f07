import { describe, expect, it } from 'vitest';
import type { Verdict } from '../../src/core/verdict.ts';
import { judgedOnCells } from '../../src/report/coverage.ts';
import { buildReport } from '../../src/report/model.ts';
import { coverage } from '../../src/spec/coverage.ts';
import { allRequirements } from '../../src/spec/registry.ts';
import { makeJournal, type MadeResult } from './builder.ts';

const PONG = 'bolt01-ping-08';
const SILENT = 'bolt01-ping-09';
const NODE = 'ldk@0.1.2';

/** Two cases, `a` with two parameters; both were shown to judge PONG, only `b` judges SILENT. */
const documents = coverage({
  requirements: allRequirements().filter(({ document }) => document === 'bolt01'),
  kills: new Map([
    [PONG, ['bolt01/ping#a', 'bolt01/ping#b']],
    [SILENT, ['bolt01/ping#b']],
  ]),
  invisible: { reviewed: [], requirements: new Map() },
});

const check = (requirement: string, ok: boolean, level: 'must' | 'should' = 'must') => ({
  ...{ requirement, ok, level },
  step: `check ${requirement}`,
});

function judged(results: readonly Omit<MadeResult, 'on'>[]): Record<string, [Verdict, string]> {
  const cases = ['bolt01/ping#a[one]', 'bolt01/ping#a[two]', 'bolt01/ping#b'];
  const report = buildReport(
    makeJournal({
      nodes: [NODE],
      cases: cases.map((id) => ({ id, requirements: [PONG, SILENT] })),
      results: results.map((result) => ({ on: NODE, ...result })),
    }),
  );
  const found = judgedOnCells(report, documents).get(NODE) ?? new Map<never, never>();
  return Object.fromEntries([...found].map(([id, { verdict, case: run }]) => [id, [verdict, run]]));
}

describe('what a node came to at a requirement', () => {
  it('is the worst of the cases that were shown to judge it, and names the run', () => {
    const results = judged([
      { case: 'bolt01/ping#a[one]', verdict: 'pass' },
      { case: 'bolt01/ping#a[two]', verdict: 'fail', requirement: PONG, checks: [check(PONG, false)] },
      { case: 'bolt01/ping#b', verdict: 'pass' },
    ]);
    expect(results).toEqual({ [PONG]: ['fail', 'bolt01/ping#a[two]'], [SILENT]: ['pass', 'bolt01/ping#b'] });
  });

  it('is not charged for what the case was red at otherwise', () => {
    const results = judged([
      { case: 'bolt01/ping#a[one]', verdict: 'pass' },
      { case: 'bolt01/ping#a[two]', verdict: 'pass' },
      {
        case: 'bolt01/ping#b',
        verdict: 'fail',
        requirement: SILENT,
        checks: [check(PONG, true), check(SILENT, false)],
      },
    ]);
    expect(results).toEqual({ [PONG]: ['pass', 'bolt01/ping#a[one]'], [SILENT]: ['fail', 'bolt01/ping#b'] });
  });

  it('is not run where the case ended before its check', () => {
    const results = judged([
      { case: 'bolt01/ping#b', verdict: 'fail', requirement: PONG, checks: [check(PONG, false)] },
    ]);
    expect(results[SILENT]).toEqual(['not-run', 'bolt01/ping#b']);
  });

  it('is what one case judged, where another could not be tried or went wrong in itself', () => {
    const results = judged([
      { case: 'bolt01/ping#a[one]', verdict: 'unsupported' },
      { case: 'bolt01/ping#a[two]', verdict: 'harness-error' },
      { case: 'bolt01/ping#b', verdict: 'pass' },
    ]);
    expect(results[PONG]).toEqual(['pass', 'bolt01/ping#b']);
  });

  it('says why nothing is known, where no case was tried', () => {
    const results = judged([
      { case: 'bolt01/ping#a[one]', verdict: 'unsupported' },
      { case: 'bolt01/ping#a[two]', verdict: 'unsupported' },
      { case: 'bolt01/ping#b', verdict: 'undrivable' },
    ]);
    expect(results).toMatchObject({
      [PONG]: ['undrivable', 'bolt01/ping#b'],
      [SILENT]: ['undrivable', 'bolt01/ping#b'],
    });
  });

  it('is a warning where a check of a SHOULD did not hold and another requirement decided', () => {
    const results = judged([
      {
        case: 'bolt01/ping#b',
        verdict: 'fail',
        requirement: PONG,
        checks: [check(SILENT, false, 'should'), check(PONG, false)],
      },
    ]);
    expect(results[SILENT]).toEqual(['warn', 'bolt01/ping#b']);
  });

  it('is nothing of a case that the run does not have', () => {
    const report = buildReport(makeJournal({ nodes: [NODE], cases: [{ id: 'bolt01/init#other' }] }));
    expect(judgedOnCells(report, documents).get(NODE)).toEqual(new Map());
  });
});
