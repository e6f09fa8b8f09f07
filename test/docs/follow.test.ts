import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Report } from '../../src/report/schema.ts';
import { follow, makeProject, type Followed } from './project.ts';

/** `cell case` → verdict, of the latest run. */
async function verdicts(folder: string): Promise<Record<string, string>> {
  const report = await latest(folder);
  return Object.fromEntries(
    report.results.map((result) => [`${result.cell} ${result.case}`, result.verdict]),
  );
}

const latest = async (folder: string): Promise<Report> =>
  JSON.parse(await readFile(join(folder, 'reports', 'latest', 'report.json'), 'utf8')) as Report;

const codes = (done: readonly Followed[]): [string, number][] =>
  done.map(({ command, code }) => [command.split(' ')[0] ?? '', code]);

describe('docs/write-a-suite.md, followed to the letter', () => {
  it('gives the verdicts that it promises', { timeout: 120_000 }, async () => {
    await using project = await makeProject();
    const done = await follow('docs/write-a-suite.md', project.folder);
    const all = done.map(({ output }) => output).join('\n');
    // The last run has the mutants in it.
    expect(codes(done), all).toEqual([
      ['run', 0],
      ['run', 0],
      ['run', 1],
      ['show', 0],
    ]);
    expect(done[0]?.output).toMatch(/ldk@0\.1\.2 +4\/4 +✓ 4/);
    expect(done[1]?.output).toMatch(/2 unproven .*blip9999\/greet#same-name/);
    const verdictOf = await verdicts(project.folder);
    expect(verdictOf).toMatchObject({
      'greeter@1.0 mine/channels#zero-dust-limit': 'pass',
      'greeter@1.0 mine/channels#pays': 'undrivable',
    });
    const red = Object.entries(verdictOf).filter(([, verdict]) => verdict === 'fail');
    expect(red.sort()).toEqual([
      ['greeter@1.0+mumbles blip9999/greet#same-name[long]', 'fail'],
      ['greeter@1.0+mumbles blip9999/greet#same-name[not-ascii]', 'fail'],
      ['greeter@1.0+mumbles blip9999/greet#same-name[one-letter]', 'fail'],
      ['greeter@1.0+polite blip9999/greet#empty-name', 'fail'],
    ]);
    expect(done[3]?.output).toContain('requirement  blip9999-greet-02 (must)\n');
    expect(done[3]?.output).toContain('got          {"message":"greeting","name":""}');
    // What a suite says of its own requirements is in the report.
    expect((await latest(project.folder)).requirements['blip9999-greet-02']).toMatchObject({
      document: 'blip9999',
      level: 'must',
      sentence: 'A node that receives `greet` with an empty `name` MUST ignore it.',
    });
  });
});

describe('docs/add-a-node.md, followed to the letter', () => {
  it('gives a node that keeps to the BOLTs', { timeout: 120_000 }, async () => {
    await using project = await makeProject();
    const done = await follow('docs/add-a-node.md', project.folder);
    expect(codes(done), done.map(({ output }) => output).join('\n')).toEqual([
      ['plan', 0],
      ['run', 0],
    ]);
    const { nodes, results } = await latest(project.folder);
    expect(nodes.map(({ id, reported }) => [id, reported])).toEqual([
      ['toy@1.0', 'toy 1.x'],
      ['toy@1.1', 'toy 1.x'],
    ]);
    const suites = new Set(results.map(({ caseId }) => caseId.split('#')[0]));
    expect(suites).toEqual(new Set(['bolt01/ping', 'bolt08/initiator']));
    expect(new Set(results.map(({ verdict }) => verdict))).toEqual(new Set(['pass']));
  });
});
