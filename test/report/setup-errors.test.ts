import { describe, expect, it } from 'vitest';
import { gate } from '../../src/report/gate.ts';
import { summaryMarkdown } from '../../src/report/markdown.ts';
import { buildReport } from '../../src/report/model.ts';
import { cellLines } from '../../src/report/text/cell.ts';
import { PLAIN } from '../../src/report/text/colours.ts';
import { summaryLines } from '../../src/report/text/summary.ts';
import { makeJournal } from './builder.ts';

const CASES = Array.from({ length: 249 }, (_, i) => `bolt01/many#case-${i}`);
const MESSAGE = 'bitcoind did not start: it ended with code 1\nError: no space';

const report = buildReport(
  makeJournal({
    nodes: ['lnd@0.21.2', 'cln@26.06'],
    cases: CASES.map((id) => ({ id })),
    results: [
      ...CASES.map((id) => ({
        ...{ on: 'lnd@0.21.2', case: id, verdict: 'setup-error' as const, message: MESSAGE },
        logTail: ['first line', 'second\nand third'],
      })),
      ...CASES.map((id) => ({ on: 'cln@26.06', case: id, verdict: 'pass' as const })),
    ],
  }),
);

describe('identical set-up errors', () => {
  it('are told once with their count in the summary, with the lines of message and log', () => {
    const lines = summaryLines(report, PLAIN);
    const at = lines.indexOf('Set-up errors: 249');
    expect(lines.slice(at + 1, at + 7)).toEqual([
      '  ⚒ set-up error  249 × lnd@0.21.2',
      '      bitcoind did not start: it ended with code 1',
      '      Error: no space',
      '      | first line',
      '      | second',
      '      | and third',
    ]);
    expect(lines.length).toBeLessThan(20);
    expect(lines.some((line) => line.startsWith('Red'))).toBe(false);
  });

  it('are one finding of a gate, which fails', () => {
    const { exitCode, lines } = gate(report, { expectations: [] });
    expect(exitCode).toBe(1);
    expect(lines).toEqual([
      'set-up error: 249 × lnd@0.21.2: bitcoind did not start: it ended with code 1',
      'not as expected: 249 unexpected, 0 known, 0 stale expectations, 0 harness errors',
    ]);
  });

  it('are one item in Markdown, and one in full where the cell is shown', () => {
    expect(summaryMarkdown(report).match(/bitcoind did not start/g)).toHaveLength(1);
    const lines = cellLines(report, 'lnd@0.21.2', PLAIN);
    expect(lines).toContain('249 × the same set-up error, such as');
    expect(lines.filter((line) => line.includes('bitcoind did not start'))).toHaveLength(1);
    expect(lines).toContain('    and third');
  });
});
