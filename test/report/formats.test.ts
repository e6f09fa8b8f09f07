import { readFile, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { describe, expect, it } from 'vitest';
import { isBoltgridError } from '../../src/core/error.ts';
import { badges } from '../../src/report/badges.ts';
import { junitXml } from '../../src/report/junit.ts';
import { summaryMarkdown } from '../../src/report/markdown.ts';
import { buildReport, parseReport } from '../../src/report/model.ts';
import { rerunCommand } from '../../src/report/rerun.ts';
import type { Report } from '../../src/report/schema.ts';
import { cellLines } from '../../src/report/text/cell.ts';
import { PLAIN, type Colours } from '../../src/report/text/colours.ts';
import { summaryLines } from '../../src/report/text/summary.ts';
import { writeReport } from '../../src/report/write.ts';
import { allRequirements } from '../../src/spec/registry.ts';
import { makeJournal, WRONG_PONG } from './builder.ts';
import { hostileJournal } from './hostile.ts';
import { parseXml } from './xml.ts';

const PING = 'bolt01/ping#asked-length';
const NODE = 'ldk@0.1.2';

const report: Report = buildReport(
  makeJournal({
    nodes: [NODE],
    absent: { 'lnd@0.21.2': 'no Docker here' },
    cases: [
      { id: PING, requirements: ['bolt01-ping-07'] },
      { id: 'a/b#pass' },
      { id: 'a/b#crash' },
      { id: 'a/b#warn' },
      { id: 'a/b#skip' },
    ],
    results: [
      { on: NODE, case: PING, verdict: 'fail', ...WRONG_PONG },
      { on: NODE, case: 'a/b#pass', verdict: 'pass' },
      { on: NODE, case: 'a/b#crash', verdict: 'crashed', message: 'it ended', logTail: ['last words'] },
      { on: NODE, case: 'a/b#warn', verdict: 'warn', message: 'a should was broken' },
      { on: NODE, case: 'a/b#skip', verdict: 'unsupported', message: 'option_x is not offered' },
    ],
  }),
  {
    expectations: [
      {
        case: PING,
        node: NODE,
        requirement: 'bolt01-ping-07',
        step: WRONG_PONG.step,
        reason: 'known since long',
        link: 'https://example.org/1',
        expires: '2027-01-01',
      },
    ],
    requirements: new Map(allRequirements().map((each) => [each.id, each])),
    sentences: new Map([['bolt01-ping-07', 'MUST respond by sending a pong message']]),
  },
);

describe('JUnit', () => {
  const root = parseXml(junitXml(report));
  const [suite, absent] = root.children;
  const testcase = (name: string) => suite?.children.find((each) => each.attributes.name === name);

  it('has a suite for each cell, with totals that add up', () => {
    expect(root.attributes).toMatchObject({ tests: '10', failures: '1', errors: '1', skipped: '6' });
    expect(suite?.attributes).toMatchObject({
      name: NODE,
      tests: '5',
      failures: '1',
      errors: '1',
      skipped: '1',
      timestamp: '2026-11-20T02:00:00',
    });
    expect(absent?.attributes).toMatchObject({ name: 'lnd@0.21.2', tests: '5', skipped: '5' });
    expect(suite?.children.filter(({ name }) => name === 'testcase')).toHaveLength(5);
  });

  it('tells failures, errors and skipped cases apart, with their reasons', () => {
    expect(testcase(PING)?.children).toMatchObject([
      { name: 'failure', attributes: { type: 'fail', message: WRONG_PONG.message } },
    ]);
    expect(testcase(PING)?.children[0]?.text).toContain('expected: 65531');
    expect(testcase(PING)?.children[0]?.text).toContain('known: known since long');
    expect(testcase('a/b#crash')?.children).toMatchObject([
      { name: 'error', attributes: { type: 'crashed' } },
    ]);
    expect(testcase('a/b#skip')?.children).toMatchObject([
      { name: 'skipped', attributes: { message: 'unsupported: option_x is not offered' } },
    ]);
    expect(testcase('a/b#pass')?.children).toEqual([]);
    expect(testcase('a/b#warn')?.children).toMatchObject([{ name: 'system-out' }]);
    expect(absent?.children.at(-1)?.children).toMatchObject([
      { name: 'skipped', attributes: { message: 'not-run: no Docker here' } },
    ]);
  });
});

describe('text', () => {
  it('sums a run up, red results first, known ones apart', () => {
    const text = summaryLines(report, PLAIN).join('\n');
    expect(text).toMatch(/^boltgrid 0\.1\.0 {2}run run-1 · 4 cases · 41\.3 s · seed seed-1$/m);
    expect(text).toMatch(/^ldk@0\.1\.2 +1 /m);
    expect(text).toMatch(/^Red: 1\n {2}☠ crashed {2}/m);
    expect(text).toMatch(/^Known: 1\n +1 × known since long\n +ldk@0\.1\.2 · https:\/\/example\.org\/1$/m);
    expect(text).toContain('1 unproven (judged on no real node, not counted): a/b#skip');
  });

  it('uses only the colours that it is given', () => {
    const marked = Object.fromEntries(
      Object.keys(PLAIN).map((name) => [name, (text: string) => `<${name}>${text}</>`]),
    ) as Colours;
    expect(summaryLines(report, marked).join('\n')).toContain('<yellow>! warn</>');
  });

  it('tells of a failure what was expected by which sentence, what came, and the last messages both ways', () => {
    const text = cellLines(report, NODE, PLAIN, { case: PING }).join('\n');
    expect(text).toContain('requirement  bolt01-ping-07 (must)');
    expect(text).toContain('MUST respond by sending a pong message');
    expect(text).toMatch(/expected +65531/);
    expect(text).toMatch(/got +0$/m);
    expect(text).toMatch(/→ ping 6 bytes \{"num_pong_bytes":65531,"ignored":""\}/);
    expect(text).toMatch(/← pong 4 bytes/);
    expect(text).toContain(`boltgrid run --node ldk@0.1.2 --case '${PING}' --seed seed-1`);
  });

  it('lists a cell, and says in full what is red', () => {
    const lines = cellLines(report, NODE, PLAIN);
    expect(lines[0]).toBe(NODE);
    const first = lines.findIndex((line) => line.endsWith(PING));
    expect(lines.slice(first, first + 5).map((line) => line.trim().split(/\s+/).at(-1))).toEqual([
      PING,
      'a/b#pass',
      'a/b#crash',
      'a/b#warn',
      'a/b#skip',
    ]);
    expect(lines.join('\n')).toContain('last words');
  });

  it('names the nearest cell or case when there is no such one', () => {
    const hintOf = (action: () => unknown): string | undefined => {
      try {
        action();
      } catch (error) {
        return isBoltgridError(error) ? `${error.code} ${error.hint ?? ''}` : undefined;
      }
      return undefined;
    };
    expect(hintOf(() => cellLines(report, 'ldk@0.1.3', PLAIN))).toBe(
      'report.unknown-cell Did you mean "ldk@0.1.2"?',
    );
    expect(hintOf(() => cellLines(report, NODE, PLAIN, { case: 'a/b#crush' }))).toBe(
      'report.unknown-case Did you mean "a/b#crash"?',
    );
  });
});

describe('Markdown and badges', () => {
  it('shows each cell in a table and each red result with its sentence', () => {
    const markdown = summaryMarkdown(report);
    expect(markdown).toContain('| cell | ✓ pass | – unsupported |'.slice(0, 16));
    expect(markdown).toContain('[bolt01-ping-07](https://github.com/lightning/bolts/blob/');
    expect(markdown).toContain('expected `65531`, got `0`');
    expect(markdown).toContain('## Unproven: 1');
  });

  it('makes a badge for each node', () => {
    expect(badges(report).map(({ file }) => file)).toEqual(['ldk@0.1.2.svg', 'lnd@0.21.2.svg']);
    expect(badges(report)[0]?.svg).toContain('2 pass, 2 red');
    expect(badges(report)[1]?.svg).toContain('not run');
    for (const { svg } of badges(report)) expect(parseXml(svg).name).toBe('svg');
  });
});

describe('rerunCommand', () => {
  it('quotes what a shell would take apart, and chooses a pair as such', () => {
    const { run } = report;
    const base = { kind: 'subject' as const, nodes: [NODE], cell: NODE };
    expect(rerunCommand({ run: { ...run, seed: "a'b; $(id)" } }, { ...base, case: 'x' })).toBe(
      `boltgrid run --node ldk@0.1.2 --case x --seed 'a'\\''b; $(id)'`,
    );
    expect(
      rerunCommand({ run }, { kind: 'pair', nodes: [NODE, NODE], cell: `${NODE} -> ${NODE}`, case: 'p/q#r' }),
    ).toBe(`boltgrid run --pairs 'ldk@0.1.2 -> ldk@0.1.2' --case 'p/q#r' --seed seed-1`);
  });
});

describe('hostile text', () => {
  const hostile = buildReport(hostileJournal());

  // eslint-disable-next-line no-control-regex -- control characters are what this test is about
  const UNSAFE = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200f\u202a-\u202e\u2066-\u2069]|\p{Surrogate}/u;

  it('is cleaned once, in the model, and capped', () => {
    const walk = (value: unknown): void => {
      if (typeof value === 'string') {
        expect(value).not.toMatch(UNSAFE);
        expect(value.length).toBeLessThanOrEqual(8192);
      } else if (typeof value === 'object' && value !== null) {
        for (const [key, inner] of Object.entries(value)) {
          walk(key);
          walk(inner);
        }
      }
    };
    walk(hostile);
    // Not `toEqual`: a difference would print the whole report.
    expect(isDeepStrictEqual(parseReport(JSON.stringify(hostile)), hostile)).toBe(true);
    expect(Object.getPrototypeOf({})).toBe(Object.prototype);
  });

  it('leaves JUnit and badges well-formed', () => {
    const root = parseXml(junitXml(hostile));
    expect(root.children[0]?.children.at(-2)?.children[0]?.attributes.message).toContain('</script><script>');
    for (const { file, svg } of badges(hostile)) {
      expect(file).toMatch(/^[\w@.+-]+\.svg$/);
      parseXml(svg);
    }
  });

  it('stays text in Markdown', () => {
    const markdown = summaryMarkdown(hostile);
    expect(markdown).not.toMatch(UNSAFE);
    // Outside code spans no tag, link or mention is left unescaped.
    const outside = markdown.replace(/(`+)(?!`).*?[^`]\1(?!`)/g, '');
    expect(outside).not.toMatch(/<\w|[^\\]\[link|[^\\]@everyone/);
    expect(markdown.split('\n').filter((line) => line.startsWith('# '))).toEqual(['# boltgrid']);
  });

  it('sends no terminal code and keeps to its lines', () => {
    const lines = [...summaryLines(hostile, PLAIN), ...cellLines(hostile, 'evil@1.0', PLAIN)];
    for (const line of lines) expect(line).not.toMatch(UNSAFE);
    for (const line of lines) expect(line.length).toBeLessThan(60_000);
  });
});

describe('writeReport', () => {
  it('writes whole files and leaves nothing else', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'boltgrid-report-'));
    try {
      await writeReport(folder, report);
      await writeReport(folder, report);
      expect((await readdir(folder)).sort()).toEqual([
        'badges',
        'coverage.html',
        'index.html',
        'junit.xml',
        'report.json',
        'summary.md',
        'timings.json',
      ]);
      expect(parseReport(await readFile(join(folder, 'report.json'), 'utf8'))).toEqual(report);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it('says what it cannot write', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'boltgrid-report-'));
    try {
      const file = join(folder, 'a-file');
      await writeFile(file, '');
      await expect(writeReport(file, report)).rejects.toMatchObject({
        code: 'report.not-writable',
        blame: 'setup',
      });
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
