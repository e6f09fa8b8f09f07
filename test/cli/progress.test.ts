import { describe, expect, it } from 'vitest';
import { clip, frame } from '../../src/cli/progress/frame.ts';
import { elapsedText } from '../../src/cli/progress/lines.ts';
import { Progress } from '../../src/cli/progress/progress.ts';
import { Tally } from '../../src/cli/progress/tally.ts';
import { testKey } from '../../src/matrix/plan.ts';
import { PLAIN } from '../../src/report/text/colours.ts';
import { CASES, CELLS, finished, sampleHeader } from '../journal/sample.ts';
import { FakeOutput } from './terminal.ts';

const SIZE = { columns: 100, rows: 24 };
const [ping, pong, init] = CASES;
const [old, recent] = CELLS;

function liveProgress(verbose = false) {
  let now = 0;
  const output = new FakeOutput({ isTTY: true });
  const progress = new Progress(sampleHeader(), {
    output,
    colours: PLAIN,
    verbose,
    finished: new Map(),
    now: () => now,
  });
  return { output, progress, advance: (ms: number) => (now += ms) };
}

/** What a terminal would show after these writes: cursor up, carriage return, clear below, cursor shown or hidden. */
function screen(text: string): string[] {
  let rows: string[] = [''];
  let row = 0;
  // eslint-disable-next-line no-control-regex -- control sequences are what this reads
  for (const [part] of text.matchAll(/\u001b\[\??\d*[a-zA-Z]|\n|\r|[^\u001b\n\r]+/g)) {
    if (part === '\n') row += 1;
    else if (part.endsWith('F') && part.startsWith('\u001b')) row -= Number(part.slice(2, -1));
    else if (part === '\u001b[0J') rows = rows.slice(0, row);
    else if (!part.startsWith('\u001b') && part !== '\r') rows[row] = part;
  }
  return Array.from({ length: rows.length }, (_, i) => rows[i] ?? '');
}

describe('the live view', () => {
  it('shows each cell and all together', () => {
    const tally = new Tally(sampleHeader());
    tally.started(old, ping);
    tally.finished(old, ping, 'pass');
    tally.started(old, pong);
    tally.finished(recent, ping, 'fail');
    expect(frame(tally.cells(), 65_000, PLAIN, SIZE)).toEqual([
      'ldk@0.1.0  ██████░░░░░░░░░░░░░░  1/3  ✓ 1  bolt01/ping#two',
      'ldk@0.1.2  ██████░░░░░░░░░░░░░░  1/3  ✗ 1',
      '2/6  1 min 05 s  ✓ 1  ✗ 1',
    ]);
  });

  it('fits a small terminal: the cells under way stay', () => {
    const tally = new Tally(sampleHeader());
    tally.started(recent, ping);
    const lines = frame(tally.cells(), 0, PLAIN, { columns: 40, rows: 5 });
    expect(lines).toHaveLength(2);
    expect(lines[0]).toMatch(/^ldk@0\.1\.2 .*…$/);
    expect(lines[1]).toContain('and 1 to come');
    for (const line of lines) expect(line.length).toBeLessThan(40);
  });

  it('of many cells shows those under way, and counts the others', () => {
    const { cases } = sampleHeader();
    const nodes = Array.from({ length: 15 }, (_, i) => `node@${i}`);
    const cells = nodes.flatMap((a) =>
      nodes
        .filter((b) => b !== a)
        .map((b) => ({ cell: `${a} -> ${b}`, kind: 'subject' as const, nodes: [a, b] })),
    );
    const tally = new Tally({ cells, cases });
    for (const { cell } of cells.slice(0, 100)) for (const test of CASES) tally.finished(cell, test, 'pass');
    for (const { cell } of cells.slice(100, 104)) tally.started(cell, ping);
    const starting = [{ node: 'node@7', ms: 12_400 }];
    const lines = frame(tally.cells(), 60_000, PLAIN, SIZE, starting);
    expect(lines).toHaveLength(6);
    expect(lines.slice(0, 4).map((line) => line.slice(0, 17).trim())).toEqual(
      cells.slice(100, 104).map(({ cell }) => cell),
    );
    expect(lines[4]).toBe('starting node@7 (12 s)');
    expect(lines[5]).toBe('300/630  1 min 00 s  ✓ 300  and 100 cells done, 106 to come');
    expect(frame(tally.cells(), 0, PLAIN, { columns: 100, rows: 7 })).toHaveLength(4);
  });

  it('names a node while it takes long to start, and no longer than that', () => {
    const { output, progress, advance } = liveProgress();
    const shown = (): string[] => {
      progress.hear({ type: 'note', level: 'warning', text: 'x' });
      return screen(output.text).filter((line) => line.startsWith('starting'));
    };
    progress.hear({ type: 'node-starting', node: old });
    progress.hear({ type: 'node-starting', node: recent });
    expect(shown()).toEqual([]);
    advance(21_000);
    expect(shown()).toEqual(['starting ldk@0.1.0 (21 s), ldk@0.1.2 (21 s)']);
    progress.hear({ type: 'node-started', node: old, ms: 21_000 });
    expect(shown()).toEqual(['starting ldk@0.1.2 (21 s)']);
    progress.hear({ type: 'case-finished', result: finished(recent, ping, 'setup-error') });
    expect(shown()).toEqual([]);
    progress.end();
  });

  it('tells the same set-up error once', () => {
    const { output, progress } = liveProgress();
    for (const test of CASES) {
      const message = 'bitcoind did not start';
      progress.hear({ type: 'case-finished', result: finished(old, test, 'setup-error', 1, { message }) });
    }
    expect(screen(output.text).filter((line) => line.includes('bitcoind did not start'))).toHaveLength(1);
    expect(progress.left()).toHaveLength(1);
    progress.end();
  });

  it('prints what is red above the block, which stays below', () => {
    const { output, progress, advance } = liveProgress();
    progress.hear({ type: 'case-started', cell: old, case: ping, attempt: 1 });
    advance(1500);
    progress.hear({ type: 'case-finished', result: finished(old, ping, 'fail', 1, { message: 'no pong' }) });
    progress.hear({ type: 'case-finished', result: finished(old, pong, 'pass') });
    progress.hear({ type: 'note', level: 'warning', text: 'a worker\nended' });
    expect(screen(output.text)).toEqual([
      '✗ fail           ldk@0.1.0  bolt01/ping#one  no pong',
      'warning: a worker ended',
      'ldk@0.1.0  █████████████░░░░░░░  2/3  ✓ 1  ✗ 1',
      'ldk@0.1.2  ░░░░░░░░░░░░░░░░░░░░  0/3',
      '2/6  1.5 s  ✓ 1  ✗ 1',
    ]);
    progress.end();
    expect(screen(output.text)).toHaveLength(2);
    expect(output.text.endsWith('\u001b[?25h')).toBe(true);
  });

  it('does not count an attempt that another follows', () => {
    const { output, progress } = liveProgress(true);
    progress.hear({ type: 'case-finished', result: finished(old, ping, 'fail', 1, { rerunFollows: true }) });
    expect(progress.left().map(({ done }) => done)).toEqual([0, 0]);
    progress.hear({ type: 'case-finished', result: finished(old, ping, 'flaky', 2) });
    expect(screen(output.text).slice(0, 2)).toEqual([
      '✗ fail           ldk@0.1.0  bolt01/ping#one  runs once more',
      '≈ flaky          ldk@0.1.0  bolt01/ping#one',
    ]);
    expect(progress.left().map(({ done }) => done)).toEqual([1, 0]);
    progress.end();
  });

  it('says how to reach a node that was kept', () => {
    const { output, progress } = liveProgress();
    progress.hear({ type: 'kept', node: old, host: '127.0.0.1', port: 9735, publicKey: '02ab' });
    expect(screen(output.text)[0]).toBe('ldk@0.1.0 stays up at 02ab@127.0.0.1:9735; Ctrl-C stops it');
    progress.end();
  });
});

describe('the count of a run', () => {
  it('begins with what a resumed journal held', () => {
    const held = new Map([[testKey(old, ping), { verdict: 'warn' as const }]]);
    const [cell] = new Tally(sampleHeader(), held).cells();
    expect(cell).toMatchObject({ done: 1, planned: 3, verdicts: new Map([['warn', 1]]) });
  });

  it('leaves out cells that cannot run here, and counts a test once', () => {
    const header = sampleHeader();
    const cells = header.cells.map((cell) =>
      cell.cell === old ? { ...cell, cannotRun: 'no Docker' } : cell,
    );
    const tally = new Tally({ ...header, cells });
    tally.finished(recent, init, 'pass');
    tally.finished(recent, init, 'pass');
    tally.finished(old, init, 'pass');
    expect(tally.cells()).toMatchObject([{ cell: recent, done: 1, verdicts: new Map([['pass', 1]]) }]);
  });
});

describe('clipping a line', () => {
  it('counts what is seen, and closes colours', () => {
    expect(clip('\u001b[31mred\u001b[39m', 3)).toBe('\u001b[31mred\u001b[39m');
    expect(clip('\u001b[31mreddish\u001b[39m and more', 4)).toBe('\u001b[31mred\u001b[39m…');
  });
});

describe('elapsed time', () => {
  it.each([
    [0, '0.0 s'],
    [59_940, '59.9 s'],
    [60_000, '1 min 00 s'],
    [3_725_000, '62 min 05 s'],
  ])('%i ms is %s', (ms, text) => {
    expect(elapsedText(ms)).toBe(text);
  });
});
