import { describe, expect, it } from 'vitest';
import { diff, type ReportDiff } from '../../src/report/diff.ts';
import { buildReport } from '../../src/report/model.ts';
import { PLAIN } from '../../src/report/text/colours.ts';
import { diffLines } from '../../src/report/text/diff.ts';
import { makeJournal, WRONG_PONG, type MadeJournal } from './builder.ts';

const between = (before: MadeJournal, after: MadeJournal): ReportDiff =>
  diff(buildReport(makeJournal(before)), buildReport(makeJournal(after)));

const run = (node: string, verdicts: Readonly<Record<string, 'pass' | 'fail' | 'timeout'>>): MadeJournal => ({
  nodes: [node],
  cases: Object.keys(verdicts).map((id) => ({ id })),
  results: Object.entries(verdicts).map(([id, verdict]) => ({
    on: node,
    case: id,
    verdict,
    ...(verdict !== 'pass' && WRONG_PONG),
  })),
});

describe('diff', () => {
  it('finds what is better, worse, new and gone', () => {
    const made = between(
      run('ldk@0.1.2', {
        'a/b#mended': 'fail',
        'a/b#broken': 'pass',
        'a/b#same': 'fail',
        'a/b#gone': 'pass',
      }),
      run('ldk@0.1.2', {
        'a/b#mended': 'pass',
        'a/b#broken': 'timeout',
        'a/b#same': 'fail',
        'a/b#new': 'pass',
      }),
    );
    expect(made.counts).toEqual({ added: 1, removed: 1, changed: 2, unchanged: 1 });
    expect(
      made.entries.map(({ change, direction, before, after }) => [
        (after ?? before)?.case,
        change,
        direction,
      ]),
    ).toEqual([
      ['a/b#mended', 'changed', 'better'],
      ['a/b#broken', 'changed', 'worse'],
      ['a/b#same', 'unchanged', undefined],
      ['a/b#new', 'added', undefined],
      ['a/b#gone', 'removed', undefined],
    ]);
    expect(diffLines(made, PLAIN).slice(1)).toEqual([
      '~ better ldk@0.1.2  a/b#mended  ✗ fail → ✓ pass',
      '~ worse  ldk@0.1.2  a/b#broken  ✓ pass → ◷ timeout',
      '+        ldk@0.1.2  a/b#new  ✓ pass',
      '-        ldk@0.1.2  a/b#gone  ✓ pass',
    ]);
    expect(diffLines(made, PLAIN, { all: true })).toHaveLength(6);
  });

  it('sees red at another step as a change', () => {
    const red = (step: string): MadeJournal => ({
      nodes: ['ldk@0.1.2'],
      cases: [{ id: 'a/b#c' }],
      results: [{ on: 'ldk@0.1.2', case: 'a/b#c', verdict: 'fail', ...WRONG_PONG, step }],
    });
    expect(between(red('one'), red('two')).entries).toMatchObject([
      { change: 'changed', direction: 'other' },
    ]);
  });

  it('follows a case that was renamed, with its parameter', () => {
    const before = run('ldk@0.1.2', { 'a/b#old[one]': 'pass', 'a/b#whole': 'pass' });
    const after = run('ldk@0.1.2', { 'a/c#new[one]': 'fail', 'a/c#single': 'pass' });
    const cases = [
      { id: 'a/c#new[one]', formerly: ['a/b#old'] },
      { id: 'a/c#single', formerly: ['a/b#whole'] },
    ];
    const { entries, counts } = between(before, { ...after, cases });
    expect(counts).toEqual({ added: 0, removed: 0, changed: 1, unchanged: 1 });
    expect(entries[0]).toMatchObject({ before: { case: 'a/b#old[one]' }, after: { case: 'a/c#new[one]' } });
  });

  it('does not take a case for renamed while the old one is still there', () => {
    const after = run('ldk@0.1.2', { 'a/b#old': 'pass', 'a/b#new': 'fail' });
    const cases = [{ id: 'a/b#old' }, { id: 'a/b#new', formerly: ['a/b#old'] }];
    const { counts } = between(run('ldk@0.1.2', { 'a/b#old': 'pass' }), { ...after, cases });
    expect(counts).toEqual({ added: 1, removed: 0, changed: 0, unchanged: 1 });
  });

  it('matches the one node of an implementation on each side across versions, of pairs too', () => {
    const made = (version: string): MadeJournal => {
      const node = `ldk@${version}`;
      return {
        nodes: [node, 'lnd@0.21.2'],
        pairs: [['lnd@0.21.2', node]],
        cases: [{ id: 'a/b#c' }, { id: 'p/q#r', kind: 'pair' }],
        results: [
          { on: node, case: 'a/b#c', verdict: 'pass' },
          { on: `lnd@0.21.2 -> ${node}`, case: 'p/q#r', verdict: 'pass' },
        ],
      };
    };
    const { versions, counts } = between(made('0.1.0'), made('0.1.2'));
    expect(versions).toEqual([{ before: 'ldk@0.1.0', after: 'ldk@0.1.2' }]);
    expect(counts).toEqual({ added: 0, removed: 0, changed: 0, unchanged: 3 });
  });

  it('does not guess when a side has two versions, or another profile', () => {
    const two: MadeJournal = { nodes: ['ldk@0.1.1', 'ldk@0.1.2'], cases: [{ id: 'a/b#c' }] };
    expect(between(run('ldk@0.1.0', { 'a/b#c': 'pass' }), two).versions).toEqual([]);
    expect(between(run('lnd@0.1.0', {}), run('lnd@0.1.1+zeroconf', {})).versions).toEqual([]);
  });
});
