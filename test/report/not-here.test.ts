import { describe, expect, it } from 'vitest';
import { diff } from '../../src/report/diff.ts';
import { gate } from '../../src/report/gate.ts';
import { reportPage } from '../../src/report/html/page.ts';
import { summaryMarkdown } from '../../src/report/markdown.ts';
import { buildReport } from '../../src/report/model.ts';
import type { Report } from '../../src/report/schema.ts';
import { PLAIN } from '../../src/report/text/colours.ts';
import { diffLines } from '../../src/report/text/diff.ts';
import { summaryLines } from '../../src/report/text/summary.ts';
import { makeJournal } from './builder.ts';

const PING = 'bolt01/ping#asked-length';
const PAY = 'pair/channel#pay';
const imageOf = (id: string): string => `there is no image of ${id} on this machine`;

/** Cells as the planner writes them: a pair names the node before each reason. */
const CELLS = [
  { cell: 'ldk@0.1.2', kind: 'subject', nodes: ['ldk@0.1.2'] },
  { cell: 'lnd@0.21.2', kind: 'subject', nodes: ['lnd@0.21.2'], cannotRun: imageOf('lnd@0.21.2') },
  {
    cell: 'lnd@0.21.2+zeroconf',
    kind: 'subject',
    nodes: ['lnd@0.21.2+zeroconf'],
    cannotRun: imageOf('lnd@0.21.2'),
  },
  { cell: 'cln@26.06', kind: 'subject', nodes: ['cln@26.06'], cannotRun: 'Docker is absent; start it' },
  {
    cell: 'ldk@0.1.2 -> lnd@0.21.2',
    kind: 'pair',
    nodes: ['ldk@0.1.2', 'lnd@0.21.2'],
    cannotRun: `lnd@0.21.2: ${imageOf('lnd@0.21.2')}`,
  },
  {
    cell: 'cln@26.06 -> lnd@0.21.2',
    kind: 'pair',
    nodes: ['cln@26.06', 'lnd@0.21.2'],
    cannotRun: `cln@26.06: Docker is absent; start it; lnd@0.21.2: ${imageOf('lnd@0.21.2')}`,
  },
] as const;

function reportOf(
  results: Parameters<typeof makeJournal>[0]['results'],
  cells: readonly unknown[] = CELLS,
): Report {
  const cases = [{ id: PING }, { id: PAY, kind: 'pair' as const }];
  return buildReport(makeJournal({ cases, results: results ?? [], header: { cells: cells as never } }));
}

const report = reportOf([{ on: 'ldk@0.1.2', case: PING, verdict: 'pass' }]);

describe('what could not run here', () => {
  it('is told apart by node and reason, and counts nowhere else', () => {
    expect(report.summary.notHere).toEqual({
      cells: CELLS.slice(1).map(({ cell }) => cell),
      nodes: ['lnd@0.21.2', 'lnd@0.21.2+zeroconf', 'cln@26.06'],
      tests: 5,
      reasons: [
        { reason: imageOf('it'), nodes: ['lnd@0.21.2', 'lnd@0.21.2+zeroconf'], cells: [] },
        { reason: 'Docker is absent; start it', nodes: ['cln@26.06'], cells: [] },
      ],
    });
    expect(report.summary.perCell.map(({ cell }) => cell)).toEqual(['ldk@0.1.2']);
    expect(report.summary.verdicts).toMatchObject({ pass: 1, 'not-run': 0 });
    expect(report.results).toHaveLength(6);
  });

  it('names the cell where its nodes ran elsewhere', () => {
    const cells = [
      ...['ldk@0.1.0', 'ldk@0.1.2'].map((id) => ({ cell: id, kind: 'subject', nodes: [id] })),
      {
        cell: 'ldk@0.1.0 -> ldk@0.1.2',
        kind: 'pair',
        nodes: ['ldk@0.1.0', 'ldk@0.1.2'],
        cannotRun: 'there is no bitcoind',
      },
    ];
    expect(reportOf([{ on: 'ldk@0.1.2', case: PING, verdict: 'pass' }], cells).summary.notHere).toMatchObject(
      {
        nodes: [],
        reasons: [{ reason: 'there is no bitcoind', nodes: [], cells: ['ldk@0.1.0 -> ldk@0.1.2'] }],
      },
    );
  });

  it('is no longer so when a resumed run found the image', () => {
    const later = reportOf([
      { on: 'ldk@0.1.2', case: PING, verdict: 'pass' },
      { on: 'lnd@0.21.2', case: PING, verdict: 'fail' },
    ]);
    expect(later.summary.notHere.cells).not.toContain('lnd@0.21.2');
    expect(later.summary.notHere.nodes).toEqual(['lnd@0.21.2+zeroconf', 'cln@26.06']);
    expect(later.summary.verdicts.fail).toBe(1);
  });

  it('leaves a gate as it is, which says how much it was', () => {
    const outcome = gate(report, { expectations: [] });
    expect(outcome).toMatchObject({ exitCode: 0, ok: true });
    expect(outcome.lines.at(-1)).toMatch(/, 5 not run here$/);
  });

  it('is no difference to a run that had it', () => {
    const had = reportOf([
      { on: 'ldk@0.1.2', case: PING, verdict: 'fail' },
      { on: 'lnd@0.21.2', case: PING, verdict: 'pass' },
    ]);
    const expected = { counts: { changed: 1, added: 0, removed: 0, unchanged: 0 }, notCompared: 5 };
    expect(diff(had, report)).toMatchObject(expected);
    expect(diff(report, had)).toMatchObject(expected);
    expect(diffLines(diff(had, report), PLAIN)[0]).toContain('5 not run here in one of them');
  });

  it('is a few lines of text and Markdown', () => {
    const lines = summaryLines(report, PLAIN);
    const at = lines.indexOf('Not run here: 3 nodes, 5 cells, 5 tests');
    expect(lines.slice(at + 1, at + 3)).toEqual([
      `  ${imageOf('it')}: lnd@0.21.2, lnd@0.21.2+zeroconf`,
      '  Docker is absent; start it: cln@26.06',
    ]);
    expect(lines.filter((line) => line.startsWith('cln'))).toEqual([]);
    const markdown = summaryMarkdown(report);
    expect(markdown).toContain('## Not run here: 3 nodes, 5 cells, 5 tests');
    expect(markdown).toContain('`lnd@0.21.2`, `lnd@0.21.2+zeroconf`');
    expect(markdown).toContain('1 cases on 1 cells');
  });

  it('has no column on the page, and no data', async () => {
    const page = await reportPage(report);
    expect(page.match(/<th scope="col" class="node"/g)).toHaveLength(1);
    expect(page.match(/<script type="application\/gzip"/g)).toHaveLength(3);
  });
});
