import { describe, expect, it } from 'vitest';
import { summaryMarkdown } from '../../src/report/markdown.ts';
import { buildReport } from '../../src/report/model.ts';
import { pairGrid } from '../../src/report/pair-grid.ts';
import { PLAIN } from '../../src/report/text/colours.ts';
import { summaryLines } from '../../src/report/text/summary.ts';
import { makeJournal, type MadeResult } from './builder.ts';

const NODES = ['ldk@0.1.2', 'lnd@0.21.2', 'cln@26.06'];
const PAIRS = NODES.flatMap((a) => NODES.map((b) => [a, b] as const));
const CASES = ['open', 'pay[a]', 'pay[b]', 'splice'].map((slug) => ({
  id: `pair/channel#${slug}`,
  kind: 'pair' as const,
}));

const result = (a: string, b: string, id: string): MadeResult => {
  const on = `${a} -> ${b}`;
  if (id.endsWith('splice')) return { on, case: id, verdict: 'not-negotiated' };
  if (id.endsWith('[b]') && a === 'lnd@0.21.2' && b === 'cln@26.06') return { on, case: id, verdict: 'fail' };
  return { on, case: id, verdict: 'pass' };
};

const report = buildReport(
  makeJournal({
    nodes: NODES,
    pairs: PAIRS,
    cases: [...CASES, { id: 'a/b#c' }],
    results: PAIRS.flatMap(([a, b]) => CASES.map(({ id }) => result(a, b, id))),
  }),
);

describe('the grid of pairs', () => {
  it('has openers down and acceptors across, and counts a case once', () => {
    const grid = pairGrid(report, 'pair');
    expect(grid).toMatchObject({ firsts: NODES, seconds: NODES, cases: 3 });
    expect(grid?.rows[1]?.[2]).toMatchObject({ verdict: 'fail', pass: 1, red: 1, judged: 2 });
    // What was not negotiated says little beside what passed.
    expect(grid?.rows[2]?.[1]).toMatchObject({ verdict: 'pass', pass: 2, judged: 2 });
    expect(pairGrid(report, 'upgrade')).toBeUndefined();
  });

  it('is a table of glyphs in a terminal, and one line of the counts', () => {
    const lines = summaryLines(report, PLAIN);
    const at = lines.indexOf('pairs: who opens is on the left');
    expect(lines.slice(at + 1, at + 5)).toEqual([
      '                1  2  3',
      '  1 ldk@0.1.2   ✓  ✓  ✓',
      '  2 lnd@0.21.2  ✓  ✓  ✗',
      '  3 cln@26.06   ✓  ✓  ✓',
    ]);
    expect(lines.filter((line) => line.startsWith('9 pairs'))).toHaveLength(1);
    expect(lines.some((line) => line.startsWith('ldk@0.1.2 -> cln'))).toBe(false);
  });

  it('is a table in Markdown', () => {
    expect(summaryMarkdown(report)).toContain('| lnd\\@0.21.2 | ✓ 2/2 | ✓ 2/2 | ✗ 1/2 |');
  });
});
